"""How jobs are read: selected and sorted in SQL, streamed a page at a time."""

__all__ = ["Reading"]

import logging
from array import array as packed
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UnreadableJobError, UsageError
from pylearn2_jobman.jobman.bookkeeping import LIVE, as_text
from pylearn2_jobman.jobman.database.clock import Now, parse_time
from pylearn2_jobman.jobman.database.codec import EncodedValue
from pylearn2_jobman.jobman.database.hashing import inserted_keys
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.database.rows import read_state, readable
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor, Statement, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.query.columns import Columns
from pylearn2_jobman.jobman.query.keys import HASH, ID, TRIAL_COLUMNS, to_come, unknown_key
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.query.selection import RowFilter, SortKey, Statuses, parse_statuses
from pylearn2_jobman.jobman.query.where import parse_condition, sort_terms
from pylearn2_jobman.jobman.status import Status

_logger = logging.getLogger(__name__)

_PAGE = 500


class Reading:
    """The statements that read jobs."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        self._schema = schema
        trial, keyval = schema.trial, schema.keyval
        columns = [trial.c.id, trial.c.status, trial.c.priority]
        columns += [trial.c.create, trial.c.read, trial.c.write, trial.c.hash]
        columns += [keyval.c.name, keyval.c.type]
        columns += [keyval.c.ival, keyval.c.fval, keyval.c.sval, keyval.c.bval]
        # One statement for both tables: a job's status and keys are of the same moment.
        of_job = (keyval.c.dict_id == trial.c.id) & (keyval.c.name != LIVE)
        self._jobs, self._some_keys = (
            database.statement(
                sa.select(*columns)
                .select_from(trial.outerjoin(keyval, condition))
                .where(database.one_of(trial.c.id, "ids"))
                .order_by(trial.c.id, keyval.c.id)
            )
            for condition in (of_job, of_job & database.one_of(keyval.c.name, "keys"))
        )
        self._counts = database.statement(
            sa.select(trial.c.status, sa.func.count()).group_by(trial.c.status)
        )
        self._now = database.statement(sa.select(Now()))
        named = keyval.c.name == parameter("key", sa.String)
        self._has_key = database.statement(sa.select(keyval.c.id).where(named).limit(1))
        self._key_types = database.statement(sa.select(keyval.c.name, keyval.c.type).distinct())
        self._live = database.statement(
            sa.select(keyval.c.dict_id, keyval.c.sval).where(
                keyval.c.name == LIVE, database.one_of(keyval.c.dict_id, "ids")
            )
        )
        facts: list[Any] = [sa.func.sum(trial.c.id), sa.func.sum(trial.c.priority)]
        facts += [sa.func.max(trial.c.read), sa.func.max(trial.c.write)]
        self._version = database.statement(
            sa.select(trial.c.status, sa.func.count(), *facts).group_by(trial.c.status)
        )

    def select(
        self,
        *,
        ids: Iterable[int] | None = None,
        status: Statuses | None = None,
        where: str | None = None,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[list[int]]:
        """Yield the ids of the jobs of a `Selection` in their order, a page at a time."""
        by_id = order_by is None and not descending
        return self.ids(
            self.filter(ids=ids, status=status, where=where),
            [] if by_id else [SortKey(order_by or ID, descending)],
            limit=limit,
            offset=offset,
        )

    def filter(
        self,
        *,
        ids: Iterable[int] | None = None,
        status: Statuses | None = None,
        where: str | None = None,
    ) -> RowFilter:
        """Return the conditions on a job's row: all that is given must hold.

        Raises
        ------
        UnknownKeyError
            If ``where`` compares a key that no job has.
        """
        trial = self._schema.trial
        tests: list[ColumnElement[bool]] = []
        bound: dict[str, Any] = {}
        if ids is not None:
            tests.append(self._database.one_of(trial.c.id, "ids"))
            bound["ids"] = self._database.array(ids)
        if status is not None:
            tests.append(trial.c.status.in_(list(map(int, parse_statuses(status)))))
        if where is not None:
            keys: set[str] = set()
            tests.append(parse_condition(where, self._schema, keys))
            self.check_keys(keys)
        return RowFilter(tests, bound)

    def check_keys(self, keys: Iterable[str]) -> None:
        """Make sure that every one is a key that some job has, or that jobs get by being run.

        Raises
        ------
        UnknownKeyError
            Suggesting a near one.
        """
        missing = [key for key in keys if not self._is_there(key)]
        if missing:
            known = {key for key, _ in self.key_types()}
            for key in missing:
                if not to_come(key, known):
                    raise unknown_key(key, known)

    def _is_there(self, key: str) -> bool:
        if as_text(key) != key:
            raise UsageError(f"no job has the key {key!r}, which is not text")
        return key in TRIAL_COLUMNS or key == HASH or bool(self._rows(self._has_key, key=key))

    def count(self, row_filter: RowFilter) -> int:
        """Return how many jobs are selected."""
        ((number,),) = self._rows(self._count(row_filter), **row_filter.bound)
        return int(number)

    def _count(self, row_filter: RowFilter) -> Statement:
        query = sa.select(sa.func.count()).select_from(self._schema.trial)
        return self._database.statement(query.where(*row_filter.tests))

    def counts(self) -> dict[Status, int]:
        """Return how many jobs there are of every status."""
        found = dict(self._rows(self._counts))
        return {status: found.get(int(status), 0) for status in Status}

    def now(self) -> datetime:
        """Return the time by the database's clock."""
        ((now,),) = self._rows(self._now)
        instant = parse_time(now)
        assert instant is not None
        return instant

    def version(self) -> str:
        """Return a text that is another one once some job was added, removed or written to."""
        return repr(sorted(map(str, self._rows(self._version))))

    def key_types(self) -> list[tuple[str, str]]:
        """Return every key that some job has, with the type letters of its values."""
        pairs = self._rows(self._key_types)
        return [
            (key, letter)
            for key, letter in pairs
            if isinstance(key, str) and letter in tuple("ifsb") and key != LIVE
        ]

    def live(self, pages: Iterable[list[int]]) -> dict[int, Live]:
        """Return what the live rows of the jobs with these ids say."""
        return {
            job_id: Live.parse(text)
            for ids in pages
            for job_id, text in self._rows(self._live, ids=self._database.array(ids))
        }

    def ids(
        self,
        row_filter: RowFilter,
        sort_keys: Sequence[SortKey] = (),
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[list[int]]:
        """Yield the ids of the selected jobs in their order, a page at a time."""
        if not sort_keys:
            return self._ids_by_page(row_filter, limit, offset)
        self.check_keys(one.key for one in sort_keys)
        statement = self._sorted(row_filter, sort_keys, limit, offset)

        def fetch(cursor: Cursor) -> Any:
            return packed("q", (row[0] for row in statement.run(cursor, **row_filter.bound)))

        # The order may change while we read, so all ids are taken at once: 8 bytes a job.
        found = self._database.read(fetch)
        return (list(found[start : start + _PAGE]) for start in range(0, len(found), _PAGE))

    def _sorted(
        self, row_filter: RowFilter, sort_keys: Sequence[SortKey], limit: int | None, offset: int
    ) -> Statement:
        trial = self._schema.trial
        query = sa.select(trial.c.id).where(*row_filter.tests)
        for one in sort_keys:
            query = query.order_by(*sort_terms(one.key, self._schema, descending=one.descending))
        return self._database.statement(
            query.order_by(trial.c.id).limit(limit).offset(offset or None)
        )

    def _page(self, row_filter: RowFilter) -> Statement:
        id_ = self._schema.trial.c.id
        query = sa.select(id_).where(*row_filter.tests, id_ > parameter("last", sa.Integer))
        size, skipped = parameter("size", sa.Integer), parameter("skipped", sa.Integer)
        return self._database.statement(query.order_by(id_).limit(size).offset(skipped))

    def _ids_by_page(
        self, row_filter: RowFilter, limit: int | None, offset: int
    ) -> Iterator[list[int]]:
        statement, bound = self._page(row_filter), row_filter.bound
        position, left = -(2**31), limit
        while left is None or left > 0:
            wanted = _PAGE if left is None else min(_PAGE, left)
            page = self._rows(statement, last=position, size=wanted, skipped=offset, **bound)
            if page:
                yield [row[0] for row in page]
            if len(page) < wanted:
                return
            position, offset = page[-1][0], 0
            left = None if left is None else left - len(page)

    def jobs(self, pages: Iterable[list[int]]) -> Iterator[Job]:
        """Yield the jobs with these ids, in this order; those that cannot be read are logged."""
        for ids in pages:
            found = self._stored(ids)
            for job_id in ids:
                if job_id not in found:  # deleted since
                    continue
                try:
                    yield self._job(*found[job_id])
                except UnreadableJobError as error:
                    _logger.warning("skipped: %s", error)

    def job(self, job_id: int) -> Job | None:
        """Return one job, or None if there is none."""
        found = self._stored([job_id])
        return self._job(*found[job_id]) if found else None

    def inserted(self, ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return by id the keys that jobs were inserted with, as far as that is known."""
        return {
            job_id: frozenset(inserted_keys(readable(stored), row[6]))
            for start in range(0, len(ids), _PAGE)
            for job_id, (row, stored) in self._stored(list(ids[start : start + _PAGE])).items()
        }

    def columns(
        self, pages: Iterable[list[int]], keys: Collection[str] | None = None
    ) -> QueryResult:
        """Return the jobs with these ids, in this order, column by column.

        Parameters
        ----------
        pages
            The ids.
        keys
            The columns, in their order; if None, every key that one of the jobs has.
        """
        columns = Columns(self._schema.table, keys)
        for ids in pages:
            bound = {"ids": self._database.array(ids)}
            if keys is None:
                columns.add(ids, self._rows(self._jobs, **bound))
            else:
                bound["keys"] = self._database.array(keys)
                columns.add(ids, self._rows(self._some_keys, **bound))
        return columns.result()

    def _rows(self, statement: Statement, **bound: Any) -> list[Any]:
        rows: list[Any] = self._database.read(
            lambda cursor: statement.run(cursor, **bound).fetchall()
        )
        return rows

    def _stored(self, ids: list[int]) -> dict[int, tuple[Any, dict[str, EncodedValue]]]:
        """Return by id the trial table's columns of jobs, and what their keys hold."""
        rows = self._rows(self._jobs, ids=self._database.array(ids))
        found: dict[int, tuple[Any, dict[str, EncodedValue]]] = {}
        for row in rows:
            job_id = row[0]
            if job_id not in found:
                found[job_id] = (row, {})
            if row[7] is not None:
                found[job_id][1][row[7]] = row[8:]
        return found

    def _job(self, row: Any, stored: dict[str, EncodedValue]) -> Job:
        job_id, number, priority, created, claimed, heartbeat, code = row[:7]
        try:
            status = Status(number)
        except ValueError:
            raise UnreadableJobError(
                f"job {job_id} of table {self._schema.table!r} has the status {number!r}, "
                f"which is none of {', '.join(str(int(one)) for one in Status)}"
            ) from None
        state = read_state(job_id, self._schema.table, stored)
        times = parse_time(created), parse_time(claimed), parse_time(heartbeat)
        priority = priority if isinstance(priority, int | float) else 1.0
        return Job(job_id, status, priority, state, *times, code)
