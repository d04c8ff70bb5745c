"""Contradictions in a job table, and their repair: doubled keys, two statuses of one job.

The original could write both when two of its workers raced for a job. Our own writes cannot.
"""

__all__ = ["Inconsistency", "Integrity"]

from dataclasses import dataclass

import sqlalchemy as sa

from pylearn2_jobman.jobman.database.codec import encode
from pylearn2_jobman.jobman.database.rows import Rows
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import STATUS


@dataclass(frozen=True)
class Inconsistency:
    """One thing that is wrong with one job, in words."""

    job_id: int
    what: str


class Integrity:
    """The statements that find and repair what is wrong."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._rows = rows
        trial, keyval = schema.trial.c, schema.keyval.c
        count = sa.func.count()
        self._doubled = database.statement(
            sa.select(keyval.dict_id, keyval.name, count)
            .group_by(keyval.dict_id, keyval.name)
            .having(count > 1)
            .order_by(keyval.dict_id, keyval.name)
        )
        self._status = database.statement(
            sa.select(trial.id, trial.status, keyval.ival)
            .select_from(
                schema.trial.outerjoin(
                    schema.keyval, (keyval.dict_id == trial.id) & (keyval.name == STATUS)
                )
            )
            .where(sa.func.coalesce(keyval.ival, -2) != trial.status)
            .order_by(trial.id, keyval.id)
        )
        later = schema.keyval.alias("later")
        self._delete_earlier = database.statement(
            sa.delete(schema.keyval).where(
                database.one_of(keyval.dict_id, "ids"),
                sa.exists().where(
                    later.c.dict_id == keyval.dict_id,
                    later.c.name == keyval.name,
                    later.c.id > keyval.id,
                ),
            )
        )

    def find(self, cursor: Cursor) -> list[Inconsistency]:
        """Return what is wrong, by job."""
        found = [
            Inconsistency(job_id, f"the key {name!r} has {count} values")
            for job_id, name, count in self._doubled.run(cursor).fetchall()
        ]
        for job_id, status, other in self._status.run(cursor).fetchall():
            key = "is missing" if other is None else f"is {other}"
            found.append(Inconsistency(job_id, f"its status is {status}, but {STATUS} {key}"))
        return sorted(found, key=lambda one: one.job_id)

    def repair(self, cursor: Cursor) -> list[Inconsistency]:
        """Repair what is wrong and return what it was.

        Of a doubled key the later value stays; of two statuses, the one that the queue goes by.
        """
        found = self.find(cursor)
        ids = {one.job_id for one in found}
        locked = self._rows.lock(cursor, ids)
        self._delete_earlier.run(cursor, ids=self._database.array(ids))
        by_status: dict[int, list[int]] = {}
        for job_id, status in locked:
            by_status.setdefault(status, []).append(job_id)
        for status, jobs in by_status.items():
            self._rows.store_everywhere(cursor, jobs, STATUS, encode(status))
        return found
