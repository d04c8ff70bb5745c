"""The web page over a job table: ``jobman dashboard``.

``app`` puts the page together; a module a part of it. What is shown is read through ``query`` and
``files``, what is drawn from data frames alone comes from ``plots`` where it can.
"""

__all__: list[str] = []
