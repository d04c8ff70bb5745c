"""What the page shows of some jobs or of one: the figures below the table, and a job's sheet.

``compare`` has the views below the table, ``jobpage`` the sheet at the side. What stands at the top
of the page, the table of jobs and what changes jobs are in the room around this one, which imports
none of these but in ``app``.
"""

__all__: list[str] = []
