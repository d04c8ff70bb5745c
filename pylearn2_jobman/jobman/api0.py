"""The old import name of the job table: ``from jobman import api0``, ``api0.open_db(url)``."""

__all__ = ["JobTable", "open_db"]

from pylearn2_jobman.jobman.table import JobTable
from pylearn2_jobman.jobman.table import open_table as open_db
