"""The old import name for inserting jobs: ``from jobman import sql``, ``sql.insert_job(...)``."""

__all__ = [
    "CANCELED", "DONE", "ERR_RUN", "ERR_START", "ERR_SYNC", "EXPERIMENT", "HASH", "PRIORITY",
    "RUNNING", "START", "STATUS", "db", "insert_dict", "insert_job",
]  # fmt: skip

from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table as db
from pylearn2_jobman.jobman.table.schedule import (
    EXPERIMENT,
    HASH,
    PRIORITY,
    STATUS,
    insert_dict,
    insert_job,
)

START = Status.START
RUNNING = Status.RUNNING
DONE = Status.DONE
ERR_START = Status.ERR_START
ERR_SYNC = Status.ERR_SYNC
ERR_RUN = Status.ERR_RUN
CANCELED = Status.CANCELED
