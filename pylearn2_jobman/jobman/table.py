"""The job table: experiments waiting, running and done, in SQLite or PostgreSQL."""

__all__ = ["JobTable", "open_table"]

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Self

import sqlalchemy as sa

from pylearn2_jobman.errors import (
    ClaimLostError,
    UnknownJobError,
    UnreadableJobError,
    UsageError,
)
from pylearn2_jobman.jobman.address import Address
from pylearn2_jobman.jobman.clock import JustAfter, Now, SecondsAgo, parse_time, token_after
from pylearn2_jobman.jobman.codec import Cells, check_state, decode, encode
from pylearn2_jobman.jobman.database import Cursor, Database, Statement, parameter
from pylearn2_jobman.jobman.insertion import Insertion
from pylearn2_jobman.jobman.job import Claim, Inserted, Job, TakenBack
from pylearn2_jobman.jobman.reading import Reading
from pylearn2_jobman.jobman.rows import Rows, read_state
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.view import create_view_sql
from pylearn2_jobman.jobman.where import conditions
from pylearn2_jobman.values import Plain

# Under these a worker's claim is alive: a cancelled job's worker learns of it and may still save.
_CLAIMED = (int(Status.RUNNING), int(Status.CANCELED))


def open_table(url: str, *, create: bool = True) -> "JobTable":
    """Open the job table at an address.

    Parameters
    ----------
    url
        ``sqlite:///file.db?table=name``, ``sqlite:////absolute/file.db?table=name`` or
        ``postgres://user:password@host:port/database?table=name`` (``postgresql://`` too). A
        password left out comes from ``~/.pgpass``.
    create
        Whether to make the table if it is not there.

    Raises
    ------
    UsageError
        Naming what is wrong with the address, or that there is no such table.
    TableUnreachableError
        If the database does not answer.
    """
    address = Address.parse(url)
    database = Database(address)
    schema = Schema(address.table)
    database.explaining(lambda: schema.ensure(database.engine, create=create))
    return JobTable(database, schema)


class JobTable:
    """The job table. Made by `open_table`."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema
        self._rows = Rows(database, schema)
        self._insertion = Insertion(database, schema, self._rows)
        self._reading = Reading(database, schema)
        self._claims: dict[str | None, Statement] = {}
        trial, keyval = schema.trial, schema.keyval
        job_id = trial.c.id == parameter("job_id", sa.Integer)
        held = sa.and_(
            job_id,
            trial.c.read == parameter("token", _TokenType()),
            trial.c.status.in_(_CLAIMED),
        )
        new_status = parameter("new_status", sa.Integer)
        self._heartbeat = database.statement(
            sa.update(trial).where(held).values(write=Now()).returning(trial.c.status)
        )
        self._write_back = database.statement(
            sa.update(trial)
            .where(held)
            .values(
                write=Now(),
                status=sa.case(
                    (trial.c.status == int(Status.CANCELED), trial.c.status), else_=new_status
                ),
                priority=sa.func.coalesce(
                    parameter("new_priority", sa.Float(53)),
                    trial.c.priority,
                ),
            )
            .returning(trial.c.status, trial.c.priority)
        )
        self._standing = database.statement(sa.select(trial.c.status, trial.c.read).where(job_id))
        self._release = database.statement(
            sa.update(trial).where(job_id).values(status=new_status, read=JustAfter(trial.c.read))
        )
        seconds = parameter("seconds", sa.Float(53))
        expired = (trial.c.status == int(Status.RUNNING)) & (trial.c.write < SecondsAgo(seconds))
        query = sa.select(trial.c.id, trial.c.write).where(expired).order_by(trial.c.id)
        self._expired = database.statement(query)
        self._expired_locked = database.statement(query.with_for_update(skip_locked=True))
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
        statement = self._claim_statement(where)
        changed = {key: encode(value) for key, value in flatten(info or {}).items()}
        changed["jobman.status"] = encode(int(Status.RUNNING))

        def take(cursor: Cursor) -> Claim | UnreadableJobError | None:
            row = statement.run(cursor).fetchone()
            if row is None:
                return None
            job_id, token = row
            held = self._rows.of_job(cursor, job_id)
            cells = held | changed
            try:
                state = read_state(job_id, self.name, cells)
            except UnreadableJobError as error:
                self._end(cursor, job_id, Status.ERR_START, {"jobman.error": str(error)}, held)
                return error
            self._rows.store(cursor, job_id, held, cells)
            return Claim(job_id, token, state, cells)

        while isinstance(claim := self._database.write(take), UnreadableJobError):
            pass
        return claim

    def heartbeat(self, claim: Claim) -> Status:
        """Say that the claim is alive; return the job's status: CANCELED if someone cancelled it.

        Raises
        ------
        ClaimLostError
            If the job is another's now.
        """

        def beat(cursor: Cursor) -> Status:
            parameters = {"job_id": claim.job_id, "token": claim.token}
            row = self._heartbeat.run(cursor, **parameters).fetchone()
            if row is None:
                raise self._lost(cursor, claim)
            return Status(row[0])

        return self._database.write(beat)

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
        check_state(flat, nul_allowed=self._database.address.is_sqlite)
        cells = {key: encode(value) for key, value in flat.items()}

        def store(cursor: Cursor) -> None:
            row = self._write_back.run(
                cursor,
                job_id=claim.job_id,
                token=claim.token,
                new_status=int(Status.RUNNING if status is None else status),
                new_priority=priority,
            ).fetchone()
            if row is None:
                if status is not None and self._is_stored(cursor, claim, status):
                    return
                raise self._lost(cursor, claim)
            cells["jobman.status"] = encode(row[0])
            if row[1] is not None:
                cells["jobman.sql.priority"] = encode(float(row[1]))
            self._rows.store(cursor, claim.job_id, claim.stored, cells)

        self._database.write(store)
        claim.stored = cells

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
        # Most often there is none: look before asking for the right to write.
        if not self._database.read(
            lambda cursor: self._expired.run(cursor, seconds=lease_seconds).fetchall()
        ):
            return []

        def take(cursor: Cursor) -> list[TakenBack]:
            rows = self._expired_locked.run(cursor, seconds=lease_seconds).fetchall()
            return [
                self._take_back_one(cursor, job_id, heartbeat, lease_seconds, max_restarts)
                for job_id, heartbeat in rows
            ]

        return self._database.write(take)

    def _take_back_one(
        self, cursor: Cursor, job_id: int, heartbeat: Any, lease_seconds: float, max_restarts: int
    ) -> TakenBack:
        cells = self._rows.of_job(cursor, job_id)
        restarts = int(_number(cells.get("jobman.sql.restarts"))) + 1
        host = cells.get("jobman.sql.host_name", encode("an unknown host"))[3]
        reason = (
            f"the worker on {host} was last heard of at {parse_time(heartbeat):%Y-%m-%d %H:%M:%S} "
            f"UTC, more than {lease_seconds:g} s ago"
        )
        changes: dict[str, Plain]
        if restarts > max_restarts:
            reason += f"; restarted {restarts - 1} times, which is the limit"
            status, changes = Status.ERR_RUN, {"jobman.error": reason}
        else:
            status, changes = Status.START, {"jobman.sql.restarts": restarts}
        self._end(cursor, job_id, status, changes, cells)
        return TakenBack(job_id, status, min(restarts, max_restarts), reason)

    def _claim_statement(self, where: str | None) -> Statement:
        if where not in self._claims:
            trial = self._schema.trial
            waiting = (
                sa.select(trial.c.id)
                .where(trial.c.status == int(Status.START))
                .where(*(conditions(where, self._schema) if where else ()))
                .order_by(trial.c.priority.desc(), trial.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
                .correlate(None)
                .scalar_subquery()
            )
            self._claims[where] = self._database.statement(
                sa.update(trial)
                .where(trial.c.id == waiting)
                .values(status=int(Status.RUNNING), read=token_after(trial.c.read), write=Now())
                .returning(trial.c.id, trial.c.read)
            )
        return self._claims[where]

    def _end(
        self,
        cursor: Cursor,
        job_id: int,
        status: Status,
        changes: Mapping[str, Plain],
        held: Mapping[str, Cells],
    ) -> None:
        """End a claim from outside, so that its token is worth nothing any more."""
        self._release.run(cursor, job_id=job_id, new_status=int(status))
        changes = {**changes, "jobman.status": int(status)}
        wanted = {**held, **{key: encode(value) for key, value in changes.items()}}
        self._rows.store(cursor, job_id, held, wanted)

    def _is_stored(self, cursor: Cursor, claim: Claim, status: Status) -> bool:
        """Return whether this very result was written before, and only the answer got lost.

        Everything else that ends a claim changes the token.
        """
        row = self._standing.run(cursor, job_id=claim.job_id).fetchone()
        return row is not None and tuple(row) == (int(status), claim.token)

    def _lost(self, cursor: Cursor, claim: Claim) -> ClaimLostError:
        row = self._standing.run(cursor, job_id=claim.job_id).fetchone()
        now = f"is {Status(row[0]).name} now" if row else "is gone from the table"
        return ClaimLostError(
            f"job {claim.job_id} of {self.url} was taken back and {now}: nothing was written"
        )

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
            cursor.execute(f"DROP VIEW IF EXISTS {self._quote(name)}")
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
        sql = f"DROP VIEW {self._quote(name)}"
        self._database.write(lambda cursor: cursor.execute(sql))
        return sql

    def _quote(self, name: str) -> str:
        quoted: str = self._database.engine.dialect.identifier_preparer.quote_identifier(name)
        return quoted


class _TokenType(sa.types.UserDefinedType[Any]):
    """A token goes back to the database as its driver gave it."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "TIMESTAMP"


def _check_priority(priority: float) -> None:
    if not math.isfinite(priority):
        raise UsageError(f"a priority is a finite number, not {priority!r}")


def _number(cells: Cells | None) -> float:
    value = decode(*cells) if cells else 0
    return value if isinstance(value, int | float) else 0
