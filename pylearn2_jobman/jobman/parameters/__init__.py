"""Parameters: texts on a command line or in a ``.conf`` file, turned into states.

``parsers`` reads ``key=value`` and its like, ``conf`` the files, ``expression`` what follows ``:=``
(interpreted, never evaluated), ``grid`` multiplies ``{{a,b}}``, ``building`` makes objects of
states. States go in and out as dictionaries; no job table is known here.
"""

__all__: list[str] = []
