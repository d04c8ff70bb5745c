"""Parameters: texts on a command line or in a ``.conf`` file, turned into states.

``parsers`` reads ``key=value`` and its like, ``conf`` the files, ``expression`` what follows ``:=``
(interpreted, never evaluated), ``building`` makes objects of states. ``sweep`` makes many jobs of
what ``grid`` reads, ``{{a,b}}``, and ``distributions`` draws; ``choices`` is how the parsers ask
for one of several. States go in and out as dictionaries; no job table is known here.
"""

__all__: list[str] = []
