"""The old import name of the job table: ``from jobman import api0``, ``api0.open_db(url)``."""

__all__ = ["DbHandle", "db_from_engine", "get_password", "open_db", "parse_dbstring"]

from pylearn2_jobman.jobman.legacy.handle import (
    DbHandle,
    db_from_engine,
    get_password,
    open_db,
    parse_dbstring,
)
