"""How a job is claimed, kept, written back, and taken back when its worker is gone."""

__all__ = ["Claims"]

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from pylearn2_jobman.errors import (
    ClaimLostError,
    TableError,
    TableUnreachableError,
    UnreadableJobError,
)
from pylearn2_jobman.jobman.bookkeeping import (
    ERROR,
    LIVE,
    PRIORITY,
    REASONS,
    RESTARTS,
    STATUS,
    Bookkeeping,
    as_text,
)
from pylearn2_jobman.jobman.database.clock import (
    JustAfter,
    Later,
    Now,
    SecondsAgo,
    parse_time,
    token_after,
)
from pylearn2_jobman.jobman.database.codec import EncodedValue, encode
from pylearn2_jobman.jobman.database.job import Claim, TakenBack, Token, Wanted
from pylearn2_jobman.jobman.database.rows import Rows, read_state, readable
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor, Statement, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.endings import Ending, How, settle
from pylearn2_jobman.jobman.query.where import parse_condition
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import Plain

LONGEST_PAUSE_SECONDS = 86400.0

# Under these a worker's claim is alive: a cancelled job's worker learns of it and may still save.
_CLAIMED = (int(Status.RUNNING), int(Status.CANCELED))

_Taken = tuple[int, Token, dict[str, EncodedValue] | str]
"""A job that was taken: its id, the claim's token, and its values, or why these are unreadable."""


class Claims:
    """The statements behind `JobTable.claim` and what follows it; the contract stands there."""

    def __init__(self, database: Database, schema: Schema, rows: Rows, address: str) -> None:
        self._database = database
        self._schema = schema
        self._rows = rows
        self._address = address
        self._take: dict[str | None, Statement] = {}
        self._next: dict[str | None, Statement] = {}
        trial = schema.trial
        # Whatever else stands there, what lies further ahead than any pause is none.
        ahead = Later(sa.literal(LONGEST_PAUSE_SECONDS, sa.Float(53)))
        self._pauses = (trial.c.write > Now()) & (trial.c.write <= ahead)
        job_id = trial.c.id == parameter("job_id", sa.Integer)
        held = sa.and_(
            job_id,
            trial.c.read == parameter("token", _TokenType()),
            trial.c.status.in_(_CLAIMED),
        )
        new_status = parameter("new_status", sa.Integer)
        waits = new_status == int(Status.START)
        self._take_one = database.statement(
            sa.update(trial)
            .where(job_id, database.one_of(trial.c.status, "statuses"))
            .values(status=int(Status.RUNNING), read=token_after(trial.c.read), write=Now())
            .returning(trial.c.id, trial.c.read)
        )
        beat = sa.update(trial).where(held).values(write=Now()).returning(trial.c.status)
        self._heartbeat = database.statement(beat)
        if not database.address.is_sqlite:
            self._heartbeats = database.statement(_heartbeats(schema))
        self._write_back = database.statement(
            sa.update(trial)
            .where(held)
            .values(
                # Of a job that waits: before when it is not to be claimed, if that matters.
                write=sa.case(
                    (waits, Later(parameter("pause_seconds", sa.Float(53)))), else_=Now()
                ),
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
            sa.update(trial)
            .where(job_id)
            .values(
                status=new_status,
                read=JustAfter(trial.c.read),
                write=sa.case((waits, sa.null()), else_=trial.c.write),
            )
        )
        seconds = parameter("seconds", sa.Float(53))
        expired = (trial.c.status == int(Status.RUNNING)) & (trial.c.write < SecondsAgo(seconds))
        query = sa.select(trial.c.id, trial.c.write).where(expired).order_by(trial.c.id)
        self._expired = database.statement(query)
        self._expired_locked = database.statement(query.with_for_update(skip_locked=True))

    def claim(self, wanted: Wanted) -> Claim | None:
        """Claim the next waiting job."""
        take = self._taking(wanted)
        while (taken := self._database.write(take)) is not None:
            claim = self._claimed(taken)
            if claim is not None:
                return claim
        return None

    def _taking(self, wanted: Wanted) -> Callable[[Cursor], _Taken | None]:
        """Return what takes a waiting job in a transaction."""
        statement = self._take_statement(wanted.where)
        changed = {key: encode(value) for key, value in flatten(wanted.info).items()}
        changed[STATUS] = encode(int(Status.RUNNING))

        def take(cursor: Cursor) -> _Taken | None:
            row = statement.run(cursor).fetchone()
            if row is None:
                return None
            job_id, token = row
            try:
                stored = self._rows.of_job_replacing(cursor, job_id, changed)
            except Exception as error:
                if self._database.has_failed(error):
                    raise
                return job_id, token, f"its rows cannot be read: {error}"
            return job_id, token, stored | changed

        return take

    def _claimed(self, taken: _Taken) -> Claim | None:
        """Return the claim on a job that was taken; end it with the reason if that is unreadable.

        Not in the transaction: nobody has to wait for it.
        """
        job_id, token, found = taken
        if isinstance(found, str):
            reason = found
        else:
            try:
                return Claim(job_id, token, read_state(job_id, self._schema.table, found), found)
            except UnreadableJobError as error:
                reason = str(error)
            except Exception as mistake:
                reason = f"a mistake of jobman, please report it: {mistake!r} for {found!r:.1000}"
        self.fail(job_id, token, Status.ERR_START, reason)
        return None

    def fail(self, job_id: int, token: Token, status: Status, reason: str) -> bool:
        """End a claim with a reason, whatever else the job's rows hold; return whether it held."""

        def end(cursor: Cursor) -> bool:
            # By its heartbeat the claim is known to be ours still, and the job's row is held.
            if self._heartbeat.run(cursor, job_id=job_id, token=token).fetchone() is None:
                return False
            self._end(cursor, job_id, status, {ERROR: as_text(reason)})
            return True

        return self._database.write(end)

    def next_in(self, where: str | None) -> float | None:
        """Return in how many seconds the first waiting job may be claimed; None if none waits."""
        if where not in self._next:
            due = sa.case((self._pauses, self._schema.trial.c.write), else_=Now())
            query = sa.select(sa.func.min(due), Now())
            self._next[where] = self._database.statement(query.where(*self._waiting(where)))
        ((first, now),) = self._database.read(
            lambda cursor: self._next[where].run(cursor).fetchall()
        )
        at, since = parse_time(first), parse_time(now)
        if at is None or since is None:
            return None
        return max((at - since).total_seconds(), 0.0)

    def claim_job(self, job_id: int, statuses: Collection[Status]) -> Claim | None:
        """Claim one particular job, if it has one of these statuses."""
        changed = {STATUS: encode(int(Status.RUNNING))}

        def take(cursor: Cursor) -> Claim | None:
            wanted = self._database.array(map(int, statuses))
            row = self._take_one.run(cursor, job_id=job_id, statuses=wanted).fetchone()
            if row is None:
                return None
            stored = self._rows.of_job(cursor, job_id)
            encoded = stored | changed
            # In the transaction, so that a job that cannot be read stays as it was.
            state = read_state(job_id, self._schema.table, encoded)
            self._rows.store(cursor, job_id, stored, encoded)
            return Claim(job_id, row[1], state, encoded)

        return self._database.write(take)

    def expired(self, lease_seconds: float) -> list[int]:
        """Return the running jobs whose heartbeat is older than the lease."""
        rows = self._database.read(
            lambda cursor: self._expired.run(cursor, seconds=lease_seconds).fetchall()
        )
        return [job_id for job_id, _ in rows]

    def heartbeat(self, claim: Claim, live: str | None = None) -> Status:
        """Set the time of the last heartbeat and the live row; return the job's status."""
        (status,) = self.heartbeats([(claim, live)])
        if status is None:
            raise self._database.read(lambda cursor: self._lost(cursor, claim))
        return status

    def heartbeats(self, beats: Sequence[tuple[Claim, str | None]]) -> list[Status | None]:
        """Set the times and live rows of several claims at once; None for one that is lost."""

        def beat(cursor: Cursor) -> dict[tuple[int, Token], int]:
            if not self._database.address.is_sqlite:
                # In the order of the jobs, in which whoever else does this locks them.
                each = sorted((claim.job_id, claim.token, live) for claim, live in beats)
                ids, tokens, lives = map(list, zip(*each, strict=True))
                rows = self._heartbeats.run(cursor, ids=ids, tokens=tokens, lives=lives)
                return {(job_id, token): status for job_id, token, status in rows}
            statuses = {}
            for claim, live in beats:
                parameters = {"job_id": claim.job_id, "token": claim.token}
                row = self._heartbeat.run(cursor, **parameters).fetchone()
                if row is None:
                    continue
                (statuses[claim.job_id, claim.token],) = row
                if live is not None:
                    self._rows.store(cursor, claim.job_id, {LIVE: None}, {LIVE: encode(live)})
            return statuses

        alive = self._database.write(beat)
        statuses = [alive.get((claim.job_id, claim.token)) for claim, _ in beats]
        return [None if status is None else Status(status) for status in statuses]

    def write_back(
        self,
        claim: Claim,
        encoded: dict[str, EncodedValue],
        status: Status | None,
        priority: float | None,
        live: str | None = None,
        then_claim: Wanted | None = None,
        pause_seconds: float | None = None,
    ) -> Claim | None:
        """Turn the job's values into these, end the claim if a status is given, claim the next."""
        stored: dict[str, EncodedValue | None] = {**claim.stored}
        if live is not None:
            encoded[LIVE] = encode(live)
            if LIVE in stored:
                stored[LIVE] = None  # heartbeats have replaced it
        elif LIVE in claim.stored:
            encoded[LIVE] = claim.stored[LIVE]
        take = None if then_claim is None else self._taking(then_claim)

        def store(cursor: Cursor) -> None:
            row = self._write_back.run(
                cursor,
                job_id=claim.job_id,
                token=claim.token,
                new_status=int(Status.RUNNING if status is None else status),
                new_priority=priority,
                pause_seconds=pause_seconds and min(pause_seconds, LONGEST_PAUSE_SECONDS),
            ).fetchone()
            if row is None:
                if status is not None and self._is_stored(cursor, claim, status):
                    return
                raise self._lost(cursor, claim)
            encoded[STATUS] = encode(row[0])
            if isinstance(row[1], int | float):
                encoded[PRIORITY] = encode(float(row[1]))
            self._rows.store(cursor, claim.job_id, stored, encoded)

        def store_and_take(cursor: Cursor) -> _Taken | None:
            store(cursor)
            return None if take is None else take(cursor)

        try:
            taken = self._database.write(store_and_take)
        except (ClaimLostError, TableUnreachableError):
            raise
        except TableError:
            if take is None:
                raise
            # What is wrong with another job, or with its selection, costs this one nothing.
            taken = self._database.write(store)
        claim.stored = encoded
        if then_claim is None or taken is None:
            return None
        return self._claimed(taken) or self.claim(then_claim)

    def take_back(self, lease_seconds: float, max_restarts: int) -> list[TakenBack]:
        """Take back the jobs whose heartbeat is older than the lease."""
        # Most often there is none: look before asking for the right to write.
        if not self.expired(lease_seconds):
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
        try:
            row = Bookkeeping.read(readable(self._rows.of_job(cursor, job_id)))
        except Exception as error:
            if self._database.has_failed(error):
                raise
            reason = f"its worker is gone, and its rows cannot be read: {error}"
            self._end(cursor, job_id, Status.ERR_RUN, {ERROR: as_text(reason)})
            return TakenBack(job_id, Status.ERR_RUN, 0, reason)
        heard_of = parse_time(heartbeat)
        reason = (
            f"the worker on {row.host_name or 'an unknown host'} was last heard of at "
            f"{'an unknown time' if heard_of is None else f'{heard_of:%Y-%m-%d %H:%M:%S} UTC'}, "
            f"more than {lease_seconds:g} s ago"
        )
        status, after, _ = settle(Ending(How.LEASE_ENDED, reason), row, max_restarts)
        if after.error is not None:
            self._end(cursor, job_id, status, {ERROR: after.error})
        else:
            again: dict[str, Plain] = {RESTARTS: after.restarts, REASONS: list(after.reasons)}
            self._end(cursor, job_id, status, again)
        return TakenBack(job_id, status, after.restarts, after.error or reason)

    def _take_statement(self, where: str | None) -> Statement:
        if where not in self._take:
            trial = self._schema.trial
            waiting = (
                sa.select(trial.c.id)
                .where(*self._waiting(where))
                .where(trial.c.write.is_(None) | ~self._pauses)
                .order_by(trial.c.priority.desc(), trial.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
                .correlate(None)
                .scalar_subquery()
            )
            self._take[where] = self._database.statement(
                sa.update(trial)
                .where(trial.c.id == waiting)
                .values(status=int(Status.RUNNING), read=token_after(trial.c.read), write=Now())
                .returning(trial.c.id, trial.c.read)
            )
        return self._take[where]

    def _waiting(self, where: str | None) -> list[sa.ColumnElement[bool]]:
        """Return the conditions on a row of a job that waits."""
        waits = self._schema.trial.c.status == int(Status.START)
        return [waits, parse_condition(where, self._schema)] if where else [waits]

    def _end(
        self, cursor: Cursor, job_id: int, status: Status, changes: Mapping[str, Plain]
    ) -> None:
        """End a claim from outside, so that its token is worth nothing any more."""
        self._release.run(cursor, job_id=job_id, new_status=int(status))
        for key, value in {**changes, STATUS: int(status)}.items():
            self._rows.store_everywhere(cursor, [job_id], key, encode(value))

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
            f"job {claim.job_id} of {self._address} was taken back and {now}: nothing was written"
        )


def _heartbeats(schema: Schema) -> sa.Select[Any]:
    """Return the heartbeats of PostgreSQL, in one statement for any number of claims."""
    trial, keyval = schema.trial, schema.keyval
    beats = (
        sa.func.unnest(
            parameter("ids", ARRAY(sa.BigInteger)),
            parameter("tokens", ARRAY(sa.TIMESTAMP)),
            parameter("lives", ARRAY(sa.Text)),
        )
        .table_valued("id", "token", "live", name="beats")
        .render_derived()
    )
    alive = (
        sa.update(trial)
        .where(
            trial.c.id == beats.c.id,
            trial.c.read == beats.c.token,
            trial.c.status.in_(_CLAIMED),
        )
        .values(write=Now())
        .returning(trial.c.id, trial.c.read, trial.c.status, beats.c.live)
        .cte("alive")
    )
    live = (
        sa.update(keyval)
        .where(
            keyval.c.dict_id == alive.c.id,
            (keyval.c.name == LIVE).is_(sa.true()),
            alive.c.live.is_not(None),
        )
        .values(sval=alive.c.live)
        .cte("live")
    )
    return sa.select(alive.c.id, alive.c.read, alive.c.status).add_cte(live)


class _TokenType(sa.types.UserDefinedType[Any]):
    """A token goes back to the database as its driver gave it."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "TIMESTAMP"
