"""How a person changes jobs: the status or priority of many, the keys of one; and deletes them."""

__all__ = ["BulkUpdates"]

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.errors import JobClaimedError, UnknownJobError
from pylearn2_jobman.jobman.database.clock import JustAfter
from pylearn2_jobman.jobman.database.codec import EncodedValue, check_state, encode
from pylearn2_jobman.jobman.database.rows import Rows, retire
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor, Statement, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import Plain


class BulkUpdates:
    """The statements that change jobs from outside, both tables in one transaction."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._is_sqlite = database.address.is_sqlite
        self._rows = rows
        trial = schema.trial
        new_status = parameter("new_status", sa.Integer)
        chosen = database.one_of(trial.c.id, "ids")
        # Only cancelling leaves a running job's claim alive.
        keeps_claim = (trial.c.status == int(Status.RUNNING)) & (new_status == int(Status.CANCELED))
        # Waiting jobs have a time there before which they are not claimed.
        waits = new_status == int(Status.START)
        changes = sa.func.coalesce(trial.c.status, -2) != new_status
        self._status = database.statement(
            sa.update(trial)
            .where(chosen, changes | (waits & trial.c.write.is_not(None)))
            .values(
                status=new_status,
                read=sa.case((keeps_claim, trial.c.read), else_=JustAfter(trial.c.read)),
                # Who runs a job that was set to RUNNING by hand has no heartbeat to miss.
                write=sa.case(
                    (waits | (new_status == int(Status.RUNNING)), sa.null()), else_=trial.c.write
                ),
            )
        )
        self._priority = database.statement(
            sa.update(trial).where(chosen).values(priority=parameter("new_priority", sa.Float(53)))
        )
        self._hash = database.statement(
            sa.update(trial).where(chosen).values(hash=parameter("new_hash", sa.BigInteger))
        )
        self._heartbeat = database.statement(sa.select(trial.c.write).where(chosen))
        self._end_claim = database.statement(
            sa.update(trial).where(chosen).values(read=JustAfter(trial.c.read))
        )
        self._delete_keys = database.statement(
            sa.delete(schema.keyval).where(database.one_of(schema.keyval.c.dict_id, "ids"))
        )
        self._delete = database.statement(sa.delete(trial).where(chosen))

    def set_status(
        self,
        cursor: Cursor,
        ids: Iterable[int],
        status: Status,
        among: Collection[Status] | None,
    ) -> int:
        """Set the status of jobs that have one of some statuses now; return how many have."""
        new = encode(int(status))
        locked = self._rows.lock(cursor, ids)
        chosen = [job_id for job_id, now in locked if among is None or now in among]
        return self._set(cursor, chosen, STATUS, new, self._status, new_status=int(status))

    def set_priority(self, cursor: Cursor, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs; return how many of the ids there are."""
        new = encode(priority)
        chosen = [job_id for job_id, _ in self._rows.lock(cursor, ids)]
        return self._set(cursor, chosen, PRIORITY, new, self._priority, new_priority=priority)

    def change(
        self, cursor: Cursor, job_id: int, flat: Mapping[str, Plain], remove: Collection[str]
    ) -> None:
        """Set and remove keys of a job; see `JobTable.change`."""
        locked = self._rows.lock(cursor, [job_id])
        if not locked:
            raise UnknownJobError(
                f"there is no job {job_id} in {self._database.address}: nothing was changed"
            )
        now = locked[0][1]
        after = flat.get(STATUS, now)
        one = {"ids": self._database.array([job_id])}
        keys = {key: value for key, value in flat.items() if key not in (STATUS, PRIORITY, HASH)}
        if keys or remove:
            beats = self._heartbeat.run(cursor, **one).fetchone()[0] is not None
            if now == after == Status.RUNNING and beats:
                raise JobClaimedError(
                    f"job {job_id} of {self._database.address} is run by a worker, who alone "
                    "changes its keys: nothing was changed. Cancel it or wait for its end"
                )
            self.replace(cursor, job_id, self._rows.of_job(cursor, job_id), keys, remove)
        if STATUS in flat:
            self.set_status(cursor, [job_id], Status.parse(after), None)  # type: ignore[arg-type]
        if PRIORITY in flat:
            self.set_priority(cursor, [job_id], float(flat[PRIORITY]))  # type: ignore[arg-type]
        if HASH in flat:
            self.set_hash(cursor, job_id, flat[HASH])  # type: ignore[arg-type]

    def replace(
        self,
        cursor: Cursor,
        job_id: int,
        stored: Mapping[str, EncodedValue],
        keys: Mapping[str, Plain],
        remove: Collection[str],
    ) -> None:
        """Set and remove keys of a job whose row is held; a claim on it ends."""
        wanted = {key: value for key, value in stored.items() if key not in remove}
        wanted |= {key: encode(value) for key, value in keys.items()}
        # Of the keys that were there only the names matter: none may be a prefix of another.
        check_state({**dict.fromkeys(wanted), **keys}, nul_allowed=self._is_sqlite)
        self._end_claim.run(cursor, ids=self._database.array([job_id]))
        self._rows.store(cursor, job_id, stored, wanted)

    def set_hash(self, cursor: Cursor, job_id: int, code: int) -> None:
        """Set the hash by which a job, whose row is held, is found again."""
        self._hash.run(cursor, new_hash=code, ids=self._database.array([job_id]))

    def delete(
        self, cursor: Cursor, ids: Iterable[int], among: Collection[Status] | None = None
    ) -> int:
        """Delete jobs that have one of some statuses now; return how many have."""
        locked = self._rows.lock(cursor, ids)
        found = [job_id for job_id, now in locked if among is None or now in among]
        if found:
            array = self._database.array(found)
            self._delete_keys.run(cursor, ids=array)
            self._delete.run(cursor, ids=array)
            if self._is_sqlite:
                retire(cursor, max(found))
        return len(found)

    def _set(
        self,
        cursor: Cursor,
        ids: list[int],
        key: str,
        value: EncodedValue,
        statement: Statement,
        **new: Any,
    ) -> int:
        statement.run(cursor, ids=self._database.array(ids), **new)
        self._rows.store_everywhere(cursor, ids, key, value)
        return len(ids)
