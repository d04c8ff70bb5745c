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
from pylearn2_jobman.jobman.status import Status


class BulkUpdates:
    """The statements that change many jobs at once, both tables in one transaction."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._rows = rows
        trial = schema.trial
        new_status = parameter("new_status", sa.Integer)
        chosen = database.one_of(trial.c.id, "ids")
        self._lock = database.statement(
            sa.select(trial.c.id, trial.c.status)
            .where(chosen)
            .order_by(trial.c.id)
            .with_for_update()
        )
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
        chosen = self._present(cursor, ids, among)
        return self._set(cursor, chosen, "jobman.status", new, self._status, new_status=int(status))

    def set_priority(self, cursor: Cursor, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs; return how many of the ids there are."""
        new = encode(priority)
        chosen = self._present(cursor, ids, None)
        key = "jobman.sql.priority"
        return self._set(cursor, chosen, key, new, self._priority, new_priority=priority)

    def _present(
        self, cursor: Cursor, ids: Iterable[int], among: Collection[Status] | None
    ) -> list[int]:
        """Return the jobs that are there, locked, so that their statuses stay what they are."""
        found = self._lock.run(cursor, ids=self._database.array(ids)).fetchall()
        return [job_id for job_id, status in found if among is None or status in among]

    def _set(
        self,
        cursor: Cursor,
        present: list[int],
        key: str,
        cells: EncodedValue,
        statement: Statement,
        **new: Any,
    ) -> int:
        statement.run(cursor, ids=self._database.array(present), **new)
        self._rows.store_everywhere(cursor, present, key, cells)
        return len(present)
