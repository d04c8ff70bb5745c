"""The web page over a job table: ``jobman dashboard``.

Read ``app`` first: it puts the parts of the page together and says which callback triggers which.
``context`` is what they share, ``ids`` the components that several use; the views of jobs, below
the table and beside it, have the room ``views``. Jobs are read through ``query`` and ``files``;
axes, colours and the choice of jobs to draw come from ``plots``.
"""

__all__: list[str] = []
