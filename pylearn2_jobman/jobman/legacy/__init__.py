"""What scripts of LISA's time see of a job table: a handle, its sessions, queries and jobs.

`DbHandle` is what ``api0.open_db`` returns; ``sessions`` collect changes until ``commit()``,
``query`` finds jobs by equal values, `JobDict` is a job as a dictionary, ``views`` shows the rows
of a view, ``scheduling`` holds the functions of ``jobman.sql``, ``tools`` those of
``jobman.tools``, ``driver`` that of ``jobman.mydriver``. All of it goes through `JobTable`: no SQL
belongs here, and nothing that a script of the time does not call. The old import names re-export
it; nothing else imports it.
"""

__all__: list[str] = []
