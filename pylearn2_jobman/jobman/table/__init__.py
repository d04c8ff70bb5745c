"""How a job table is written to: insertion, claims, leases, changes by hand, repairs.

`JobTable`, whose docstring is the contract of the queue, puts together ``insertion``, ``claims``,
``bulk_updates``, ``edits`` and ``integrity``, each a class of statements.
``schedule`` makes jobs of experiments and parameters, ``checks`` lets experiments say what is
wrong with these before they are inserted, ``presence`` finds the workers that hold
jobs, ``single_host`` keeps those of several machines from an SQLite file, ``copying`` moves a table
to another database. Files of jobs belong into ``files``.
"""

__all__ = ["JobTable", "open_table"]

from pylearn2_jobman.jobman.table.job_table import JobTable, open_table
