"""How jobs are read: selected and ordered in SQL, streamed a page at a time."""

__all__ = ["Reading"]

import logging
from array import array as packed
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UnreadableJobError
from pylearn2_jobman.jobman.clock import parse_time
from pylearn2_jobman.jobman.codec import Cells
from pylearn2_jobman.jobman.database import Cursor, Database, parameter
from pylearn2_jobman.jobman.job import Job
from pylearn2_jobman.jobman.rows import read_state
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.where import conditions, sort_keys

_logger = logging.getLogger(__name__)

_PAGE = 500


class Reading:
    """The statements that read jobs."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema
        trial, keyval = schema.trial, schema.keyval
        cells = [keyval.c.name, keyval.c.type, keyval.c.ival, keyval.c.fval]
        cells += [keyval.c.sval, keyval.c.bval]
        times = [trial.c.create, trial.c.read, trial.c.write]
        # One statement for both tables: a job's status and keys are of the same moment.
        self._jobs = database.statement(
            sa.select(trial.c.id, trial.c.status, trial.c.priority, *times, *cells)
            .select_from(trial.outerjoin(keyval, keyval.c.dict_id == trial.c.id))
            .where(database.one_of(trial.c.id, "ids"))
            .order_by(trial.c.id, keyval.c.id)
        )

    def ids(
        self,
        *,
        ids: Collection[int] | None,
        status: Collection[Status] | None,
        where: str | None,
        order_by: str | None,
        descending: bool,
        limit: int | None,
    ) -> Iterator[list[int]]:
        """Yield the ids of the selected jobs in their order, a page at a time."""
        trial = self._schema.trial
        tests: list[ColumnElement[bool]] = []
        bound: dict[str, Any] = {}
        if ids is not None:
            tests.append(self._database.one_of(trial.c.id, "ids"))
            bound["ids"] = self._database.array(ids)
        if status is not None:
            tests.append(trial.c.status.in_([int(one) for one in status]))
        if where is not None:
            tests += conditions(where, self._schema)
        query = sa.select(trial.c.id).where(*tests)
        if order_by is not None:
            # The order may change while we read, so all ids are taken at once: 8 bytes a job.
            ordered = query.order_by(*sort_keys(order_by, self._schema, descending=descending))
            statement = self._database.statement(ordered.limit(limit))

            def fetch(cursor: Cursor) -> Any:
                return packed("q", (row[0] for row in statement.run(cursor, **bound)))

            found = self._database.read(fetch)
            for start in range(0, len(found), _PAGE):
                yield list(found[start : start + _PAGE])
            return
        last, left = parameter("last", sa.Integer), limit
        size = parameter("size", sa.Integer)
        beyond = trial.c.id < last if descending else trial.c.id > last
        order = trial.c.id.desc() if descending else trial.c.id.asc()
        statement = self._database.statement(query.where(beyond).order_by(order).limit(size))
        position = 2**31 - 1 if descending else -(2**31)
        while left is None or left > 0:
            wanted = _PAGE if left is None else min(_PAGE, left)
            page = self._database.read(
                lambda cursor, position=position, wanted=wanted: statement.run(  # type: ignore[misc]
                    cursor, last=position, size=wanted, **bound
                ).fetchall()
            )
            if page:
                yield [row[0] for row in page]
            if len(page) < wanted:
                return
            position = page[-1][0]
            left = None if left is None else left - len(page)

    def jobs(self, pages: Iterable[list[int]]) -> Iterator[Job]:
        """Yield the jobs with these ids, in this order; those that cannot be read are logged."""
        for ids in pages:
            found = self._page(ids)
            for job_id in ids:
                if job_id not in found:  # deleted since
                    continue
                try:
                    yield self._job(*found[job_id])
                except UnreadableJobError as error:
                    _logger.warning("skipped: %s", error)

    def job(self, job_id: int) -> Job | None:
        """Return one job, or None if there is none."""
        found = self._page([job_id])
        return self._job(*found[job_id]) if found else None

    def _page(self, ids: list[int]) -> dict[int, tuple[Any, dict[str, Cells]]]:
        bound = self._database.array(ids)
        rows = self._database.read(lambda cursor: self._jobs.run(cursor, ids=bound).fetchall())
        found: dict[int, tuple[Any, dict[str, Cells]]] = {}
        for row in rows:
            job_id = row[0]
            if job_id not in found:
                found[job_id] = (row, {})
            if row[6] is not None:
                found[job_id][1][row[6]] = row[7:]
        return found

    def _job(self, row: Any, cells: dict[str, Cells]) -> Job:
        job_id, number, priority, created, claimed, heartbeat = row[:6]
        try:
            status = Status(number)
        except ValueError:
            raise UnreadableJobError(
                f"job {job_id} of table {self._schema.table!r} has the status {number!r}, "
                f"which is none of {', '.join(str(int(one)) for one in Status)}"
            ) from None
        state = read_state(job_id, self._schema.table, cells)
        times = parse_time(created), parse_time(claimed), parse_time(heartbeat)
        return Job(job_id, status, 1.0 if priority is None else priority, state, *times)
