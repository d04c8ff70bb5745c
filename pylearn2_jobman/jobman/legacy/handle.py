"""The handle of a job table, as ``api0.open_db`` returns it."""

__all__ = ["DbHandle", "db_from_engine", "get_password", "open_db", "parse_dbstring"]

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import UnknownJobError, UsageError
from pylearn2_jobman.jobman.database.address import Address, password_file
from pylearn2_jobman.jobman.legacy.jobs import JobDict
from pylearn2_jobman.jobman.legacy.query import Query
from pylearn2_jobman.jobman.legacy.sessions import Session
from pylearn2_jobman.jobman.legacy.views import View
from pylearn2_jobman.jobman.query.keys import HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table
from pylearn2_jobman.jobman.table.checks import check_jobs

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine


class DbHandle:
    """A job table as scripts of LISA's time use it.

    Attributes
    ----------
    table
        The same table with all that today's programs can do with it.
    tablename
        Its name.
    dbname
        The database's folder under an experiment root.
    """

    def __init__(self, table: JobTable) -> None:
        self.table = table
        self.tablename = table.name
        self.dbname = table.database

    @classmethod
    def of(cls, db: "DbHandle | JobTable") -> "DbHandle":
        """Return the handle of a table, or the handle itself."""
        return cls(db) if isinstance(db, JobTable) else db

    def __repr__(self) -> str:
        return f"<DbHandle {self.table.url}>"

    def __iter__(self) -> Iterator[JobDict]:
        # As they are now: whoever goes through them may add and delete some.
        return iter(self.query().all())

    def session(self) -> Session:
        """Return a new session."""
        return Session(self.table)

    def query(self, session: object = None) -> Query:
        """Return all jobs, to be filtered; of a session's changes it sees those committed."""
        return Query(self.table)

    def get(self, id: int | str) -> JobDict | None:
        """Return the job of this number, or None."""
        try:
            return JobDict(self.table, self.table.get(int(id)))
        except UnknownJobError:
            return None

    def insert(self, dct: Mapping[str, Any], session: object = None) -> JobDict:
        """Insert a job, also if there is one of the same state; return it.

        The status and the priority are those of ``dct``, or START and 1. ``sql.insert_job`` and
        ``sql.insert_dict`` insert a job once.
        """
        job = self.insert_once(dct, force=True)
        assert job is not None
        return job

    def insert_once(
        self,
        dct: Mapping[str, Any],
        *,
        priority: float = 1.0,
        force: bool = False,
        check: bool = False,
    ) -> JobDict | None:
        """Insert a job; return None if there is one of the same state, unless it is forced.

        If it is to be checked, a key that is not used is a warning: the original took it.
        """
        flat = flatten(dct)
        status = Status.parse(flat.get(STATUS, Status.START))
        if check and status is Status.START:
            check_jobs([flat], unused_allowed=True)
        job_id = self.table.insert(
            flat, priority=flat.get(PRIORITY, priority), status=status, force=force, check=False
        )
        if job_id is None:
            return None
        if HASH in flat:
            self.table.change(job_id, {HASH: flat[HASH]})
        return JobDict(self.table, self.table.get(job_id))

    def insert_kwargs(self, session: object = None, **dct: Any) -> JobDict:
        """Insert a job of these keys; see `insert`."""
        return self.insert(dct)

    def createView(self, viewname: str, verbose: bool = True) -> type[View]:
        """Make a view, replacing one of this name; return what ``session.query`` takes for it."""
        sql = self.table.create_view(viewname)
        if verbose:
            print(f"Creating sql view with command:\n{sql}")
        return View.named(viewname)

    def dropView(self, viewname: str, verbose: bool = True) -> None:
        """Remove a view."""
        sql = self.table.drop_view(viewname)
        if verbose:
            print(f"Deleting sql view with command:\n{sql}")


def open_db(
    dbstr: str,
    echo: bool = False,
    serial: bool = False,
    poolclass: object = None,
    trial_suffix: str = "trial",
    keyval_suffix: str = "keyval",
) -> DbHandle:
    """Open the job table at an address, made if it is not there.

    Parameters
    ----------
    dbstr
        The address; see `open_table`.
    echo, serial, poolclass
        Taken, and not needed: every transaction is as safe as the original's serial ones.
    trial_suffix, keyval_suffix
        The ends of the names of the two tables, which are always these.
    """
    if (trial_suffix, keyval_suffix) != ("trial", "keyval"):
        raise UsageError("the tables of a job table end in 'trial' and 'keyval', in no other way")
    return DbHandle(open_table(dbstr))


def db_from_engine(
    engine: "Engine",
    dbname: str | None = None,
    table_prefix: str = "DbHandle_default_",
    trial_suffix: str = "trial",
    keyval_suffix: str = "keyval",
) -> DbHandle:
    """Open a job table in the database of an SQLAlchemy engine.

    Parameters
    ----------
    engine
        Which database; the connections are the table's own.
    dbname
        Not needed: the engine says it.
    table_prefix
        The table's name.
    trial_suffix, keyval_suffix
        See `open_db`.
    """
    url = engine.url.set(drivername=engine.url.get_backend_name())
    url = url.update_query_dict({"table": table_prefix})
    address = url.render_as_string(hide_password=False)
    return open_db(address, trial_suffix=trial_suffix, keyval_suffix=keyval_suffix)


def parse_dbstring(dbstring: str) -> "URL":
    """Return an address as SQLAlchemy's URL, the table in its query."""
    address = Address.parse(dbstring)
    return address.url.update_query_dict({"table": address.table})


def get_password(hostname: str | None, dbname: str) -> str:
    """Return the password in ``~/.jobman_<dbname>``; empty, if there is no such file."""
    return password_file(dbname) or ""
