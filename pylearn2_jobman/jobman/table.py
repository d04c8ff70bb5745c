"""The job table: experiments waiting, running and done, in SQLite or PostgreSQL."""

__all__ = ["JobTable", "open_table"]

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from pylearn2_jobman.errors import UnknownJobError, UsageError, suggest
from pylearn2_jobman.jobman.address import Address
from pylearn2_jobman.jobman.claims import Claims
from pylearn2_jobman.jobman.clock import JustAfter, Now, parse_time
from pylearn2_jobman.jobman.codec import check_state, encode
from pylearn2_jobman.jobman.database import Cursor, Database, parameter
from pylearn2_jobman.jobman.insertion import Insertion
from pylearn2_jobman.jobman.integrity import Inconsistency, Integrity
from pylearn2_jobman.jobman.job import Claim, Inserted, Job, TakenBack
from pylearn2_jobman.jobman.reading import Reading
from pylearn2_jobman.jobman.rows import Rows
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.view import create_view_sql, quoted
from pylearn2_jobman.values import Plain


def open_table(url: str, *, create: bool = True) -> "JobTable":
    """Open the job table at an address.

    Parameters
    ----------
    url
        ``sqlite:///file.db?table=name``, ``sqlite:////absolute/file.db?table=name`` or
        ``postgres://user:password@host:port/database?table=name`` (``postgresql://`` too). A
        password left out comes from ``~/.pgpass``.
    create
        Whether to make the table if it is not there, and the queue's indexes if an old table has
        none. Reading needs neither.

    Raises
    ------
    UsageError
        Naming what is wrong with the address, or that there is no such table.
    TableUnreachableError
        If the database does not answer.
    """
    address = Address.parse(url)
    if not create and address.file is not None and not address.file.exists():
        raise UsageError(f"there is no file {str(address.file)!r} ({address})")
    database = Database(address)
    schema = Schema(address.table)
    database.explaining(lambda: schema.ensure(database.engine, create=create))
    return JobTable(database, schema)


class JobTable:
    """A queue of jobs in a database; `open_table` makes it. What follows is its contract.

    **A job** is a row of ``<table>trial`` and, a row a key, its flat state in ``<table>keyval``.
    Columns and their order are those of LISA's jobman, whose databases open here. The ``status``
    and ``priority`` columns are what counts; the keys ``jobman.status`` and
    ``jobman.sql.priority`` repeat them, and both change in one transaction.

    **The statuses**, and who moves a job from one to another:

    ============== ====== ======================================================================
    status         number meaning; what leads out of it
    ============== ====== ======================================================================
    START          0      waiting; `claim` makes it RUNNING
    RUNNING        1      claimed; the claim's holder ends it with any status (`write_back`),
                          an ended lease with START or ERR_RUN (`take_back`)
    DONE           2      finished
    ERR_START      3      could not be begun: its experiment or a value of it cannot be read
    ERR_SYNC       4      ran, and its files could not be stored
    ERR_RUN        5      raised an error, or died, the reason in ``jobman.error``
    CANCELED       -1     not to be run
    ============== ====== ======================================================================

    A person may give any job any status (`set_status`). Cancelling a running job is a request: its
    worker sees CANCELED at its next `heartbeat`, may still write back, and the job stays cancelled
    whatever the worker says. Any other status given to a running job ends the claim.

    **A claim** is the right to write to one RUNNING job. `claim` takes the waiting job of the
    highest priority, of these the one with the lowest id, in one statement: no two clients ever get
    the same. Its token is the time in the ``read`` column, by the database's clock, which for one
    job only ever increases; `heartbeat` and `write_back` are guarded by it in their own statement,
    so that whoever lost the claim changes nothing and gets a ClaimLostError. Writing the same
    result back twice is harmless, so a client that lost the connection may try again.

    **The lease.** ``write`` is the last heartbeat. `take_back` compares it with the database's
    clock; the worker's clock never matters.

    **Atomic** is every method on its own: all of its changes are stored, or none. Each job that
    `get` and `jobs` return is as it stood at one moment, between two changes.

    **Errors.** ClaimLostError: the job is another's. TableUnreachableError: nothing was stored, or,
    if the connection broke while committing, possibly all; trying later may help. TableError: the
    database refused, in its own words. NotStorableError, UsageError: the arguments are at fault.

    A table may be used by several threads, and after a fork by both processes.
    """

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema
        self._rows = Rows(database, schema)
        self._insertion = Insertion(database, schema, self._rows)
        self._reading = Reading(database, schema)
        self._integrity = Integrity(database, schema, self._rows)
        self._claims = Claims(database, schema, self._rows, self.url)
        trial, keyval = schema.trial, schema.keyval
        new_status = parameter("new_status", sa.Integer)
        chosen = database.one_of(trial.c.id, "ids")
        self._lock_many = database.statement(
            sa.select(trial.c.id).where(chosen).order_by(trial.c.id).with_for_update()
        )
        # Only cancelling leaves a running job's claim alive.
        keeps_claim = (trial.c.status == int(Status.RUNNING)) & (new_status == int(Status.CANCELED))
        self._set_status = database.statement(
            sa.update(trial)
            .where(chosen, sa.func.coalesce(trial.c.status, -2) != new_status)
            .values(
                status=new_status,
                read=sa.case((keeps_claim, trial.c.read), else_=JustAfter(trial.c.read)),
                # Who runs a job that was set to RUNNING by hand has no heartbeat to miss.
                write=sa.case((new_status == int(Status.RUNNING), sa.null()), else_=trial.c.write),
            )
        )
        self._set_priority = database.statement(
            sa.update(trial).where(chosen).values(priority=parameter("new_priority", sa.Float(53)))
        )
        self._counts = database.statement(
            sa.select(trial.c.status, sa.func.count()).group_by(trial.c.status)
        )
        self._now = database.statement(sa.select(Now()))
        self._pairs = database.statement(sa.select(keyval.c.name, keyval.c.type).distinct())

    @property
    def url(self) -> str:
        """The address, the password masked."""
        return str(self._database.address)

    @property
    def name(self) -> str:
        """The table's name."""
        return self._schema.table

    @property
    def database(self) -> str:
        """The database's folder name under an experiment root."""
        return self._database.address.database

    def __repr__(self) -> str:
        return f"<JobTable {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; used again, the table opens new ones."""
        self._database.close()

    # Inserting

    def insert(
        self, state: Mapping[str, Any], *, priority: float = 1.0, force: bool = False
    ) -> int | None:
        """Insert one job; return its id, or None if it is there already. See `insert_many`."""
        inserted = self.insert_many([state], priority=priority, force=force)
        return inserted.ids[0] if inserted.ids else None

    def insert_many(
        self,
        states: Iterable[Mapping[str, Any]],
        *,
        priority: float = 1.0,
        force: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Inserted:
        """Insert jobs in one transaction: all that are new, or after an error none.

        Parameters
        ----------
        states
            Nested or flat.
        priority
            Higher is claimed first.
        force
            Insert a state even if the table has a job of the same.
        progress
            Called now and then with the number of states looked at.

        Raises
        ------
        NotStorableError
            Naming the key that the database cannot hold.
        """
        _check_priority(priority)
        # The states can be gone through only once, and so can not be tried again.
        return self._database.write(
            lambda cursor: self._insertion.run(cursor, states, float(priority), force, progress),
            repeatable=False,
        )

    def place(self, job_id: int, state: Mapping[str, Any], status: Status) -> None:
        """Insert a job under an id that it had before, as when a table is made from files.

        Raises
        ------
        UsageError
            If the table has a job of this id.
        """
        if next(self.jobs(ids=[job_id]), None) is not None:
            raise UsageError(f"there is a job {job_id} in {self.url} already")
        self._database.write(lambda cursor: self._insertion.place(cursor, job_id, state, status))

    def check(self, state: Mapping[str, Any]) -> None:
        """Raise if this table cannot hold a state.

        Raises
        ------
        NotStorableError
            Naming the key and the reason.
        """
        check_state(flatten(state), nul_allowed=self._database.address.is_sqlite)

    # Claiming

    def claim(
        self, *, where: str | None = None, info: Mapping[str, Plain] | None = None
    ) -> Claim | None:
        """Claim the waiting job of the highest priority, the oldest of these.

        A job that cannot be read becomes ERR_START, with the reason, and the next one is tried.

        Parameters
        ----------
        where
            Only jobs that this selects; see `pylearn2_jobman.jobman.where`.
        info
            Keys to set with the claim, such as the worker's host.

        Returns
        -------
        Claim or None
            None if no such job waits.
        """
        changed = {key: encode(value) for key, value in flatten(info or {}).items()}
        return self._claims.claim(where, changed)

    def claim_job(self, job_id: int, statuses: Collection[Status]) -> Claim | None:
        """Claim one particular job, to mend it; whoever held a claim on it loses that.

        Parameters
        ----------
        job_id
            Which job.
        statuses
            The statuses from which it may be taken.

        Returns
        -------
        Claim or None
            None if there is no such job, or it has another status.

        Raises
        ------
        UnreadableJobError
            If it holds something that cannot be read.
        """
        return self._claims.claim_job(job_id, statuses)

    def expired(self, lease_seconds: float) -> list[int]:
        """Return the ids of the jobs that `take_back` would take back, by the database's clock."""
        return self._claims.expired(lease_seconds)

    def heartbeat(self, claim: Claim) -> Status:
        """Say that the claim is alive; return the job's status: CANCELED if someone cancelled it.

        Raises
        ------
        ClaimLostError
            If the job is another's now.
        """
        return self._claims.heartbeat(claim)

    def write_back(
        self,
        claim: Claim,
        state: Mapping[str, Any],
        *,
        status: Status | None = None,
        priority: float | None = None,
    ) -> None:
        """Store what changed of a claimed job's state, and end the claim if a status is given.

        Parameters
        ----------
        claim
            What `claim` returned.
        state
            The whole state, nested or flat. Keys it no longer has are deleted.
        status
            What becomes of the job; None for a save in mid-run. A cancelled job stays cancelled.
        priority
            A new priority, if not None.

        Raises
        ------
        ClaimLostError
            If the job is another's now: nothing was changed.
        NotStorableError
            Naming the key that the database cannot hold.
        """
        if priority is not None:
            _check_priority(priority)
        flat = flatten(state)
        self.check(flat)
        cells = {key: encode(value) for key, value in flat.items()}
        self._claims.write_back(claim, cells, status, priority)

    def take_back(self, lease_seconds: float, max_restarts: int) -> list[TakenBack]:
        """Take back the jobs whose heartbeat is older than the lease.

        Each goes back to START with ``jobman.sql.restarts`` one higher, or, over the limit, to
        ERR_RUN with the reason in ``jobman.error``. A job that never had a heartbeat (the original
        wrote none, nor has one that was set to RUNNING by hand) is left alone.

        Parameters
        ----------
        lease_seconds
            How old a heartbeat may be, by the database's clock.
        max_restarts
            How often a job may be taken back and tried again.
        """
        return self._claims.take_back(lease_seconds, max_restarts)

    # Reading

    def get(self, job_id: int) -> Job:
        """Return one job.

        Raises
        ------
        UnknownJobError
            If there is none with this id.
        UnreadableJobError
            If it holds something that cannot be read, naming the key.
        """
        job = self._reading.job(job_id)
        if job is None:
            raise UnknownJobError(f"there is no job {job_id} in {self.url}")
        return job

    def jobs(
        self,
        *,
        ids: Iterable[int] | None = None,
        status: Status | Collection[Status] | None = None,
        where: str | None = None,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> Iterator[Job]:
        """Yield jobs, in constant memory; a job that cannot be read is logged and skipped.

        Each job is as it stood at one moment; jobs that come and go meanwhile may be missed.

        Parameters
        ----------
        ids
            Only these.
        status
            Only jobs of this status, or of these.
        where
            Only jobs that this selects; see `pylearn2_jobman.jobman.where`.
        order_by
            The key to sort by, jobs without it last; by id, if None.
        descending
            Whether to start from the other end.
        limit
            At most so many.
        """
        pages = self._reading.ids(
            ids=None if ids is None else list(ids),
            status=[status] if isinstance(status, Status) else status,
            where=where,
            order_by=order_by,
            descending=descending,
            limit=limit,
        )
        return self._reading.jobs(pages)

    def counts(self) -> dict[Status, int]:
        """Return how many jobs there are of every status."""
        rows = self._database.read(lambda cursor: self._counts.run(cursor).fetchall())
        found = dict(rows)
        return {status: found.get(int(status), 0) for status in Status}

    def now(self) -> datetime:
        """Return the time by the database's clock, which the times of jobs are by."""
        row = self._database.read(lambda cursor: self._now.run(cursor).fetchone())
        instant = parse_time(row[0])
        assert instant is not None
        return instant

    def keys(self) -> list[str]:
        """Return the keys that some job has, sorted."""
        return sorted({key for key, _ in self._key_types()})

    def _key_types(self) -> list[tuple[str, str]]:
        rows = self._database.read(lambda cursor: self._pairs.run(cursor).fetchall())
        return [(key, letter) for key, letter in rows if letter in "ifsb"]

    # Changing many

    def set_status(self, ids: Iterable[int], status: Status) -> int:
        """Set the status of jobs; return how many of the ids there are.

        Cancelling a running job leaves it to its worker, which learns of it by its heartbeat. Every
        other change of a running job ends its worker's claim.
        """
        chosen = self._database.array(ids)

        def change(cursor: Cursor) -> int:
            present = [row[0] for row in self._lock_many.run(cursor, ids=chosen).fetchall()]
            bound = self._database.array(present)
            self._set_status.run(cursor, ids=bound, new_status=int(status))
            self._rows.store_everywhere(cursor, present, "jobman.status", encode(int(status)))
            return len(present)

        return self._database.write(change)

    def set_priority(self, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs; return how many of the ids there are."""
        _check_priority(priority)
        chosen = self._database.array(ids)

        def change(cursor: Cursor) -> int:
            present = [row[0] for row in self._lock_many.run(cursor, ids=chosen).fetchall()]
            bound = self._database.array(present)
            self._set_priority.run(cursor, ids=bound, new_priority=float(priority))
            self._rows.store_everywhere(
                cursor, present, "jobman.sql.priority", encode(float(priority))
            )
            return len(present)

        return self._database.write(change)

    def inconsistencies(self) -> list[Inconsistency]:
        """Return what cannot be true: jobs with two values of one key, or with two statuses."""
        return self._database.read(self._integrity.find)

    def repair(self) -> list[Inconsistency]:
        """Repair what `inconsistencies` finds, and return it.

        Of a doubled key the later value stays; of two statuses, the one that the queue goes by.
        """
        return self._database.write(self._integrity.repair)

    # Views

    def create_view(
        self, name: str, *, readable: bool = False, keys: Collection[str] | None = None
    ) -> str:
        """Make a view of the jobs, a column a key, replacing one of this name.

        Parameters
        ----------
        name
            The view's name.
        readable
            Whether columns are named as the keys are (``hyper_parameters.nhid``), instead of as the
            original did (``hyperparameters_nhid``).
        keys
            The keys to show; all, if None.

        Returns
        -------
        str
            The SQL that made it.
        """
        sql = create_view_sql(
            name,
            self._schema,
            self._key_types(),
            self._database.engine.dialect,
            readable=readable,
            keys=keys,
        )

        def make(cursor: Cursor) -> None:
            cursor.execute(f"DROP VIEW IF EXISTS {quoted(name)}")
            cursor.execute(sql)

        self._database.write(make)
        return sql

    createView = create_view  # noqa: N815 - the original's spelling

    def drop_view(self, name: str) -> str:
        """Remove a view; return the SQL that did.

        Raises
        ------
        UsageError
            If there is no such view; near names are suggested.
        """
        engine = self._database.engine
        views = self._database.explaining(lambda: sa.inspect(engine).get_view_names())
        if name not in views:
            raise UsageError(f"there is no view {name!r}{suggest(name, views)} in {self.url}")
        sql = f"DROP VIEW {quoted(name)}"
        self._database.write(lambda cursor: cursor.execute(sql))
        return sql


def _check_priority(priority: float) -> None:
    if not math.isfinite(priority):
        raise UsageError(f"a priority is a finite number, not {priority!r}")
