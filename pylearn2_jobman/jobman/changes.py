"""How a person changes jobs: the status or priority of many, whoever works on them."""

__all__ = ["Changes"]

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.jobman.clock import JustAfter
from pylearn2_jobman.jobman.codec import Cells, encode
from pylearn2_jobman.jobman.database import Cursor, Database, Statement, parameter
from pylearn2_jobman.jobman.rows import Rows
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.status import Status


class Changes:
    """The statements that change many jobs at once, both tables in one transaction."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._rows = rows
        trial = schema.trial
        new_status = parameter("new_status", sa.Integer)
        chosen = database.one_of(trial.c.id, "ids")
        self._lock = database.statement(
            sa.select(trial.c.id).where(chosen).order_by(trial.c.id).with_for_update()
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

    def set_status(self, cursor: Cursor, ids: Iterable[int], status: Status) -> int:
        """Set the status of jobs; return how many of the ids there are."""
        new = encode(int(status))
        return self._set(cursor, ids, "jobman.status", new, self._status, new_status=int(status))

    def set_priority(self, cursor: Cursor, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs; return how many of the ids there are."""
        new = encode(priority)
        key = "jobman.sql.priority"
        return self._set(cursor, ids, key, new, self._priority, new_priority=priority)

    def _set(
        self,
        cursor: Cursor,
        ids: Iterable[int],
        key: str,
        cells: Cells,
        statement: Statement,
        **new: Any,
    ) -> int:
        found = self._lock.run(cursor, ids=self._database.array(ids)).fetchall()
        present = [row[0] for row in found]
        statement.run(cursor, ids=self._database.array(present), **new)
        self._rows.store_everywhere(cursor, present, key, cells)
        return len(present)
