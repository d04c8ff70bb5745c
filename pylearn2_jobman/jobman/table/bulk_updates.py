"""How a person changes jobs: the status or priority of many, whoever works on them."""

__all__ = ["BulkUpdates"]

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.jobman.database.clock import JustAfter
from pylearn2_jobman.jobman.database.codec import EncodedValue, encode
from pylearn2_jobman.jobman.database.rows import Rows
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor, Statement, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import PRIORITY, STATUS
from pylearn2_jobman.jobman.status import Status


class BulkUpdates:
    """The statements that change many jobs at once, both tables in one transaction."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._rows = rows
        trial = schema.trial
        new_status = parameter("new_status", sa.Integer)
        chosen = database.one_of(trial.c.id, "ids")
        # Only cancelling leaves a running job's claim alive.
        keeps_claim = (trial.c.status == int(Status.RUNNING)) & (new_status == int(Status.CANCELED))
        self._status = database.statement(
            sa.update(trial)
            .where(chosen, sa.func.coalesce(trial.c.status, -2) != new_status)
            .values(
                status=new_status,
                read=sa.case((keeps_claim, trial.c.read), else_=JustAfter(trial.c.read)),
                # Who runs a job that was set to RUNNING by hand has no heartbeat to miss.
                write=sa.case((new_status == int(Status.RUNNING), sa.null()), else_=trial.c.write),
            )
        )
        self._priority = database.statement(
            sa.update(trial).where(chosen).values(priority=parameter("new_priority", sa.Float(53)))
        )

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
