"""The old import name for inserting jobs: ``from jobman import sql``, ``sql.insert_job(...)``."""

__all__ = [
    "CANCELED", "DONE", "ERR_RUN", "ERR_START", "ERR_SYNC", "EXPERIMENT", "FUCKED_UP", "HASH",
    "HOST", "HOST_WORKDIR", "JOBID", "PRIORITY", "PUSH_ERROR", "RUNNING", "START", "STATUS",
    "add_experiments_to_db", "book_dct_postgres_serial", "db", "duplicate_job", "hash_state",
    "hash_state_old", "insert_dict", "insert_job", "sqlalchemy_ok",
]  # fmt: skip

from pylearn2_jobman.jobman.bookkeeping import HOST_WORKDIR
from pylearn2_jobman.jobman.legacy.handle import open_db as db
from pylearn2_jobman.jobman.legacy.scheduling import (
    add_experiments_to_db,
    book_dct_postgres_serial,
    duplicate_job,
    hash_state,
    hash_state_old,
    insert_dict,
    insert_job,
)
from pylearn2_jobman.jobman.query.keys import EXPERIMENT, HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.query.keys import ID as JOBID
from pylearn2_jobman.jobman.status import Status

START = Status.START
RUNNING = Status.RUNNING
DONE = Status.DONE
ERR_START = Status.ERR_START
ERR_SYNC = Status.ERR_SYNC
ERR_RUN = Status.ERR_RUN
CANCELED = Status.CANCELED
FUCKED_UP = 666  # no job has it: the original never set it

HOST = "jobman.sql.hostname"
PUSH_ERROR = "jobman.sql.push_error"
sqlalchemy_ok = True
