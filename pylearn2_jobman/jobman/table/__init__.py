"""What is written to a job table: insertion, claims, leases, changes by hand, repairs.

`JobTable`, whose docstring is the contract of the queue, puts together ``insertion`` (with
``hashing``), ``claims``, ``bulk_updates`` and ``integrity``, each a class of statements.
``schedule`` makes jobs of experiments and parameters, ``selection`` finds those that a command line
names, ``presence`` the workers that hold jobs, ``copying`` moves a table to another database. Files
of jobs belong into ``files``.
"""

__all__ = ["JobTable", "open_table"]

from pylearn2_jobman.jobman.table.job_table import JobTable, open_table
