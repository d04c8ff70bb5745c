"""The job table: experiments waiting, running and done, in SQLite or PostgreSQL."""

__all__ = ["JobTable", "open_table"]

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from pylearn2_jobman.errors import ClaimLostError, UsageError
from pylearn2_jobman.jobman.bookkeeping import LIVE, is_reserved
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.codec import check_state, encode
from pylearn2_jobman.jobman.database.job import Claim, Inserted, TakenBack, Wanted
from pylearn2_jobman.jobman.database.rows import Rows
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.limits import RETRIES, TIME_LIMIT, JobLimits
from pylearn2_jobman.jobman.query.keys import (
    EXPERIMENT,
    HASH,
    ID,
    NOTE,
    PRIORITY,
    STATUS,
    TAGS,
)
from pylearn2_jobman.jobman.query.selection import Statuses, parse_statuses
from pylearn2_jobman.jobman.search.adaptive import SearchableTable
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.bulk_updates import BulkUpdates
from pylearn2_jobman.jobman.table.checks import check_jobs
from pylearn2_jobman.jobman.table.claims import Claims
from pylearn2_jobman.jobman.table.edits import Edits
from pylearn2_jobman.jobman.table.insertion import Insertion
from pylearn2_jobman.jobman.table.integrity import Inconsistency, Integrity
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


class JobTable(SearchableTable):
    """A queue of jobs in a database; `open_table` makes it. What follows is its contract.

    What only reads is inherited from `ReadableTable`, searches from `SearchableTable`.

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
    whatever the worker says. Any other status given to a running job ends the claim, and so does
    its deletion (`delete`).

    **The keys** of a job that a worker runs are the worker's. Those of any other job a person may
    `change`, whereupon a claim that was still alive, that of a cancelled job, ends too.

    **A job is one of a kind** by its experiment and its keys outside ``jobman.*``, types included,
    as they were when it was inserted, or as a person has made them (`edit`); a trial of a search by
    the search's name and its number. The ``hash`` column holds the hash by which LISA's jobman
    finds it again.

    **A claim** is the right to write to one RUNNING job. `claim` takes the waiting job of the
    highest priority, of these the one with the lowest id, in one statement: no two clients ever get
    the same. Its token is the time in the ``read`` column, by the database's clock, which for one
    job only ever increases; `heartbeat` and `write_back` are guarded by it in their own statement,
    so that whoever lost the claim changes nothing and gets a ClaimLostError. Writing the same
    result back twice is harmless, so a client that lost the connection may try again.

    **The live row**, ``jobman.live``, is what the worker shows of the running job (see `Live`). It
    is no part of the state: no job that is returned has it, no hash, no view, and no state that is
    inserted. The claim's holder replaces it, with a heartbeat or when writing back, and it stays
    when the job ends; `live` reads it.

    **A pause.** ``write`` of a waiting job is the time before which `claim` passes it over, by the
    database's clock; NULL, as in every new row, a time gone by or more than a day ahead: none.
    `write_back` sets it; to `set_status` START ends it.

    **The lease.** ``write`` of a job that runs is the last heartbeat. `take_back` compares it with
    the database's clock; the worker's clock never matters.

    **Atomic** is every method on its own: all of its changes are stored, or none. Each job that
    `get` and `jobs` return is as it stood at one moment, between two changes.

    **Errors.** ClaimLostError: the job is another's. TableUnreachableError: nothing was stored, or,
    if the connection broke while committing, possibly all; trying later may help. TableError: the
    database refused, in its own words. JobClaimedError: a worker runs the job. NotStorableError,
    UsageError: the arguments are at fault.

    A table may be used by several threads, and after a fork by both processes.
    """

    def __init__(self, database: Database, schema: Schema) -> None:
        super().__init__(database, schema)
        self._rows = Rows(database, schema)
        self._insertion = Insertion(database, schema, self._rows)
        self._integrity = Integrity(database, schema, self._rows)
        self._claims = Claims(database, schema, self._rows, self.url)
        self._bulk_updates = BulkUpdates(database, schema, self._rows)
        self._edits = Edits(database, schema, self._rows, self._insertion, self._bulk_updates)

    # Inserting

    def insert(
        self,
        state: Mapping[str, Any],
        *,
        priority: float = 1.0,
        status: Status = Status.START,
        force: bool = False,
        check: bool = True,
    ) -> int | None:
        """Insert one job; return its id, or None if it is there already. See `insert_many`."""
        inserted = self.insert_many(
            [state], priority=priority, status=status, force=force, check=check
        )
        return inserted.ids[0] if inserted.ids else None

    def insert_many(
        self,
        states: Iterable[Mapping[str, Any]],
        *,
        priority: float = 1.0,
        status: Status = Status.START,
        force: bool = False,
        check: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> Inserted:
        """Insert jobs in one transaction: all that are new, or after an error none.

        Parameters
        ----------
        states
            Nested or flat.
        priority
            Higher is claimed first.
        status
            What they are; only jobs of status START are run.
        force
            Insert a state even if the table has a job of the same.
        check
            Whether experiments that can be imported here are asked first what is wrong with jobs
            that are to be run; see `check_jobs`. All states are then in memory at once.
        progress
            Called now and then with the number of states looked at.

        Raises
        ------
        NotStorableError
            Naming the key that the database cannot hold.
        JobmanError
            If an experiment says that a job cannot be run.
        """
        _check_priority(priority)
        if check and status is Status.START:
            states = list(states)
            check_jobs(states)

        def insert(cursor: Cursor) -> Inserted:
            return self._insertion.run(cursor, states, float(priority), status, force, progress)

        # The states can be gone through only once, and so can not be tried again.
        inserted = self._database.write(insert, repeatable=False)
        self.analyze(len(inserted.ids))
        return inserted

    def analyze(self, inserted: int) -> None:
        """Let the database plan for a table that so many new jobs have come into."""
        self._insertion.analyze(inserted)

    def count_new(self, states: Iterable[Mapping[str, Any]]) -> int:
        """Return how many of these states `insert_many` would insert; nothing is changed."""
        chosen = list(states)
        return self._database.read(lambda cursor: self._insertion.count_new(cursor, chosen))

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
            Only jobs that this selects; see `pylearn2_jobman.jobman.query.where`.
        info
            Keys to set with the claim, such as the worker's host.

        Returns
        -------
        Claim or None
            None if no such job waits.
        """
        return self._claims.claim(Wanted(where, info or {}))

    def next_in(self, where: str | None = None) -> float | None:
        """Return in how many seconds `claim` has a job, as far as is known; None if none waits.

        It is 0 where a job waits for nothing but a claim.
        """
        return self._claims.next_in(where)

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

    def heartbeat(self, claim: Claim, live: str | None = None) -> Status:
        """Say that the claim is alive; return the job's status: CANCELED if someone cancelled it.

        Parameters
        ----------
        claim
            What `claim` returned.
        live
            What the job's live row is to hold from now on, in the same statement; None leaves it
            as it is. The row is there once `write_back` has been given one.

        Raises
        ------
        ClaimLostError
            If the job is another's now.
        """
        return self._claims.heartbeat(claim, live)

    def heartbeats(self, beats: Sequence[tuple[Claim, str | None]]) -> list[Status | None]:
        """Give the heartbeats of several claims, each with its live row, in one transaction.

        Returns
        -------
        list of Status or None
            What `heartbeat` returns of each; None in place of a ClaimLostError.
        """
        return self._claims.heartbeats(beats)

    def write_back(
        self,
        claim: Claim,
        state: Mapping[str, Any],
        *,
        status: Status | None = None,
        priority: float | None = None,
        live: str | None = None,
        then_claim: Wanted | None = None,
        pause_seconds: float | None = None,
    ) -> Claim | None:
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
        live
            What the job's live row is to hold, if not None.
        then_claim
            Which job to claim next, in the same transaction.
        pause_seconds
            For how long nobody is to claim a job that goes back to START; a day at most.

        Returns
        -------
        Claim or None
            The next job; None if none was wanted, or none waits.

        Raises
        ------
        ClaimLostError
            If the job is another's now: nothing was changed, and nothing was claimed.
        NotStorableError
            Naming the key that the database cannot hold.
        """
        if priority is not None:
            _check_priority(priority)
        flat = flatten(state)
        flat.pop(LIVE, None)
        check_state(flat, nul_allowed=self._database.address.is_sqlite)
        encoded = {key: encode(value) for key, value in flat.items()}
        return self._claims.write_back(
            claim, encoded, status, priority, live, then_claim, pause_seconds
        )

    def fail(self, claim: Claim, status: Status, reason: str) -> None:
        """End a claim with a reason, without storing or reading anything else of the job.

        Raises
        ------
        ClaimLostError
            If the job is another's now: nothing was changed.
        """
        if not self._claims.fail(claim.job_id, claim.token, status, reason):
            raise ClaimLostError(f"job {claim.job_id} of {self.url} was taken back")

    def take_back(self, lease_seconds: float, max_restarts: int) -> list[TakenBack]:
        """Take back the jobs whose heartbeat is older than the lease.

        Each goes back to START with ``jobman.sql.restarts`` one higher and the reason among
        ``jobman.sql.reasons``, or, over the limit, to ERR_RUN with the reason in ``jobman.error``.
        A job that never had a heartbeat (the original wrote none, nor has one that was set to
        RUNNING by hand) is left alone.

        Parameters
        ----------
        lease_seconds
            How old a heartbeat may be, by the database's clock.
        max_restarts
            How often a job may be taken back and tried again.
        """
        return self._claims.take_back(lease_seconds, max_restarts)

    # Changing by hand

    def change(
        self, job_id: int, values: Mapping[str, Any], *, remove: Collection[str] = ()
    ) -> None:
        """Set keys of a job that no worker runs, and remove others: all of it, or nothing.

        A job is run by a worker while it is RUNNING and has a heartbeat: then only its status and
        its priority may be changed, or its keys together with the status, which ends the claim.

        Parameters
        ----------
        job_id
            Which job.
        values
            Nested or flat. With ``jobman.status``, ``jobman.sql.priority`` and ``jobman.hash`` the
            columns of the trial table change; ``jobman.id`` cannot change.
        remove
            Keys that the job is to have no more. Its status and its priority stay.

        Raises
        ------
        UnknownJobError
            If there is no such job.
        JobClaimedError
            If a worker runs it.
        NotStorableError
            Naming the key that the database cannot hold.
        """
        flat = flatten(values)
        if PRIORITY in flat:
            _check_priority(flat[PRIORITY])
        if STATUS in flat:
            flat[STATUS] = Status.parse(flat[STATUS])
        if flat.get(ID, job_id) != job_id:
            raise UsageError(f"job {job_id} keeps its number: {ID} cannot be {flat[ID]!r}")
        if LIVE in flat:
            raise UsageError(f"{LIVE} is written by the worker that runs the job alone")
        kept = {ID, STATUS, PRIORITY, HASH, LIVE}.intersection(remove)
        if kept:
            raise UsageError(f"{', '.join(sorted(kept))} cannot be removed from a job")

        def change(cursor: Cursor) -> None:
            self._bulk_updates.change(cursor, job_id, flat, remove)

        self._database.write(change)

    def edit(
        self,
        ids: Iterable[int],
        values: Mapping[str, Any],
        *,
        remove: Collection[str] = (),
        among: Statuses | None = None,
        add: bool = False,
        force: bool = False,
    ) -> list[int]:
        """Set keys of jobs that wait or have ended, and remove others; each stays one of a kind.

        Unlike `change`, it keeps the hash right by which a job is found again.

        Parameters
        ----------
        ids
            The jobs.
        values
            Nested or flat: keys of the experiment, ``jobman.experiment``, ``jobman.sql.priority``,
            ``jobman.tags``, ``jobman.note`` and others that are not the scheduler's own.
        remove
            Keys that the jobs are to have no more.
        among
            Only jobs that have one of these statuses at that moment; running ones are left alone.
            None: whatever their status, and one that runs or is not there is an error.
        add
            Whether values may have keys that a job does not have.
        force
            Change a job even if it becomes the same as another.

        Returns
        -------
        list of int
            The jobs that were changed.

        Raises
        ------
        UnknownJobError, JobClaimedError
            If there is no such job, or a worker runs it.
        UsageError
            For a key that the job does not have, or none has that is to be removed, near ones
            suggested; a key of the scheduler's; a job that would be the same as another.
        NotStorableError
            Naming the key that the database cannot hold.
        """
        chosen, flat = list(ids), _editable(values, remove)
        now = None if among is None else parse_statuses(among)

        def edit(cursor: Cursor) -> list[int]:
            return self._edits.edit(cursor, chosen, flat, remove, now, add, force)

        return self._database.write(edit)

    def copy(
        self,
        ids: Iterable[int],
        values: Mapping[str, Any],
        *,
        remove: Collection[str] = (),
        add: bool = False,
        force: bool = False,
    ) -> Inserted:
        """Insert new jobs like these, with some keys changed: as `edit`, of which the jobs stay.

        They wait, with the keys that the jobs were inserted with, their tags and their priority,
        without what a run has added and without ``jobman.note``. One that is in the table already
        is not inserted, unless forced.
        """
        chosen, flat = list(ids), _editable(values, remove)
        return self._database.write(
            lambda cursor: self._edits.copy(cursor, chosen, flat, remove, add, force)
        )

    def delete(self, ids: Iterable[int], *, among: Statuses | None = None) -> int:
        """Delete jobs, whoever runs them; return how many of the ids there were.

        Their directories stay, and their numbers are not given again.

        Parameters
        ----------
        ids
            The jobs.
        among
            Only jobs that have one of these statuses at that moment, and only they are counted.
        """
        chosen, now = list(ids), None if among is None else parse_statuses(among)
        return self._database.write(lambda cursor: self._bulk_updates.delete(cursor, chosen, now))

    def set_status(
        self,
        ids: Iterable[int],
        status: Status | str | int,
        *,
        among: Collection[Status] | None = None,
    ) -> int:
        """Set the status of jobs; return how many of the ids there are.

        Cancelling a running job leaves it to its worker, which learns of it by its heartbeat. Every
        other change of a running job ends its worker's claim.

        Parameters
        ----------
        ids
            The jobs.
        status
            The new status.
        among
            Only jobs that have one of these statuses at that moment, and only they are counted: a
            job that ended since it was chosen stays as it is. None: whatever their status.
        """
        chosen, new = list(ids), Status.parse(status)
        return self._database.write(
            lambda cursor: self._bulk_updates.set_status(cursor, chosen, new, among)
        )

    def set_priority(self, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs; return how many of the ids there are."""
        _check_priority(priority)
        chosen, new = list(ids), float(priority)
        return self._database.write(
            lambda cursor: self._bulk_updates.set_priority(cursor, chosen, new)
        )

    def inconsistencies(self) -> list[Inconsistency]:
        """Return what cannot be true: jobs with two values of one key, or with two statuses."""
        return self._database.read(self._integrity.find)

    def repair(self) -> list[Inconsistency]:
        """Repair what `inconsistencies` finds, and return it.

        Of a doubled key the later value stays; of two statuses, the one that the queue goes by.
        """
        return self._database.write(self._integrity.repair)


def _check_priority(priority: Any) -> None:
    if isinstance(priority, str | None) or not math.isfinite(priority):
        raise UsageError(f"a priority is a finite number, not {priority!r}")


def _editable(values: Mapping[str, Any], remove: Collection[str]) -> dict[str, Any]:
    """Return the flat form of what jobs are to be edited to; raise for the scheduler's own keys."""
    flat = flatten(values)
    if PRIORITY in flat:
        _check_priority(flat[PRIORITY])
    JobLimits.read(flat)
    for key in (*flat, *remove):
        if key == STATUS:
            raise UsageError(f"{STATUS} is not edited: jobman retry and sqlstatus change it")
        if key in remove and key in (PRIORITY, EXPERIMENT):
            raise UsageError(f"every job has a {key}: it cannot be removed")
        if is_reserved(key) and key not in (PRIORITY, EXPERIMENT, TIME_LIMIT, RETRIES):
            raise UsageError(f"{key} is kept by jobman itself: it cannot be edited")
        if key in flat and key in remove:
            raise UsageError(f"{key} is either removed or given a value")
    for key in {TAGS, NOTE}.intersection(flat):  # text, which conditions look into
        words = isinstance(flat[key], list | tuple | set)
        flat[key] = " ".join(sorted(map(str, flat[key]))) if words else str(flat[key])
    return flat
