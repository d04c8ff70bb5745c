"""How jobs enter the table: states checked, hashed and stored in one transaction."""

__all__ = ["Insertion"]

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite, nan
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from pylearn2_jobman.errors import TableError
from pylearn2_jobman.jobman.bookkeeping import LIVE
from pylearn2_jobman.jobman.database.clock import Now
from pylearn2_jobman.jobman.database.codec import EncodedValue, check_state, encode
from pylearn2_jobman.jobman.database.hashing import (
    former_codes,
    hashed_keys,
    legacy_hash,
    state_hash,
)
from pylearn2_jobman.jobman.database.job import Inserted
from pylearn2_jobman.jobman.database.rows import Rows, largest_retired, readable
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import BulkInsert, Cursor, Statement, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import EXPERIMENT, HASH, ID, PRIORITY, STATUS
from pylearn2_jobman.jobman.query.where import having, parse_condition
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import Plain

_CHUNK = 500
_WORTH_A_LOOK = 50  # new jobs, at least, as for PostgreSQL's own autovacuum
_MOST_CONDITIONS = 100
# Set by the table, or left from another table's job.
_OWN_KEYS = (STATUS, PRIORITY, ID, HASH, LIVE)

Flat = dict[str, Plain]
T = TypeVar("T")


@dataclass(frozen=True)
class _New:
    """A state that is to be inserted.

    Attributes
    ----------
    flat
        Its keys.
    hashed
        Those by which it differs from other jobs.
    code
        The original's hash of these, for the trial table.
    typed
        Their typed hash.
    former
        What an earlier version of this package has in the trial table for such a state: a typed
        hash, which is enough to know it by.
    codes
        The original's hash, and what it was under the experiment's other names.
    """

    flat: Flat
    hashed: Flat
    code: int
    typed: int
    former: int
    codes: frozenset[int]

    @classmethod
    def of(cls, flat: Flat) -> Self:
        hashed = hashed_keys(flat)
        typed = state_hash(hashed)
        same = hashed.get(EXPERIMENT) == flat.get(EXPERIMENT)
        code = legacy_hash(hashed)
        codes = frozenset({code} | former_codes(hashed))
        return cls(flat, hashed, code, typed, typed if same else state_hash(flat), codes)


class Insertion:
    """The statements that insert jobs."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._schema = schema
        self._rows = rows
        trial = schema.trial
        self._lock = self._reserve = self._skip_to = self._known_jobs = None
        if database.address.is_sqlite:
            self._largest_id = database.statement(sa.select(sa.func.max(trial.c.id)))
        else:
            preparer = database.engine.dialect.identifier_preparer
            name = sa.func.pg_get_serial_sequence(preparer.format_table(trial), "id")
            sequence = sa.cast(name, sa.dialects.postgresql.REGCLASS)
            count = parameter("count", sa.Integer)
            following = sa.func.nextval(sequence)
            self._reserve = database.statement(
                sa.select(following).select_from(sa.func.generate_series(1, count))
            )
            # Ids that were given by hand must not be given again, nor those of deleted jobs.
            largest = sa.select(sa.func.max(trial.c.id)).scalar_subquery()
            self._skip_to = database.statement(
                sa.select(sa.func.setval(sequence, sa.func.greatest(largest, following)))
            )
            key = sa.func.hashtext(f"{trial.name} insertion")
            self._lock = database.statement(sa.select(sa.func.pg_advisory_xact_lock(key)))
            catalog = sa.table("pg_class", sa.column("oid"), sa.column("reltuples"))
            tables = [preparer.format_table(table) for table in (trial, schema.keyval)]
            this = sa.cast(tables[0], sa.dialects.postgresql.REGCLASS)
            self._known_jobs = database.statement(
                sa.select(catalog.c.reltuples).where(catalog.c.oid == this)
            )
            self._analyze = f"ANALYZE (SKIP_LOCKED) {', '.join(tables)}"
        self._known = database.statement(
            sa.select(trial.c.hash, trial.c.id).where(database.one_of(trial.c.hash, "hashes"))
        )
        self._any_unhashed = database.statement(
            sa.select(trial.c.id).where(trial.c.hash.is_(None)).limit(1)
        )
        self._now = database.statement(sa.select(Now()))
        columns = [trial.c.id, trial.c.create, trial.c.status, trial.c.priority, trial.c.hash]
        self._insert = BulkInsert(database.engine.dialect, columns)

    def run(
        self,
        cursor: Cursor,
        states: Iterable[Mapping[str, Any]],
        priority: float,
        status: Status,
        force: bool,
        progress: Callable[[int], None] | None,
    ) -> Inserted:
        """Insert the states that are not there yet; see `JobTable.insert_many`."""
        self.lock(cursor)
        common = {STATUS: encode(int(status)), PRIORITY: encode(priority)}
        now = self._now.run(cursor).fetchone()[0]
        unhashed = not force and self._has_unhashed(cursor)
        ids: list[int] = []
        seen: set[int] = set()
        done = 0
        for chunk in self._chunks(states):
            fresh = chunk if force else self._unknown(cursor, chunk, seen, unhashed)
            new_ids = self._new_ids(cursor, len(fresh))
            self._insert.run(
                cursor,
                [
                    (job_id, now, int(status), priority, new.code)
                    for job_id, new in zip(new_ids, fresh, strict=True)
                ],
            )
            self._insert_rows(cursor, new_ids, fresh, common)
            ids += new_ids
            done += len(chunk)
            if progress:
                progress(done)
        return Inserted(ids, done - len(ids))

    def count_new(self, cursor: Cursor, states: Iterable[Mapping[str, Any]]) -> int:
        """Return how many states would be inserted; see `JobTable.count_new`."""
        unhashed = bool(self._any_unhashed.run(cursor).fetchall())
        seen: set[int] = set()
        chunks = self._chunks(states)
        return sum(len(self._unknown(cursor, chunk, seen, unhashed)) for chunk in chunks)

    def analyze(self, inserted: int) -> None:
        """Let PostgreSQL look at the tables, if they have grown by more than a tenth.

        It does that by itself within a minute or so; until then it plans queries for tables of a
        few hundred rows, and a claim with a condition may cost a hundred times as much.
        """
        known_jobs = self._known_jobs
        if known_jobs is None or inserted < _WORTH_A_LOOK:
            return

        def look(cursor: Cursor) -> None:
            if inserted > 0.1 * known_jobs.run(cursor).fetchone()[0]:
                cursor.execute(self._analyze)  # but for a warning, nothing where it is another's

        with contextlib.suppress(TableError):  # the jobs are in the table
            self._database.write(look)

    def place(self, cursor: Cursor, job_id: int, state: Mapping[str, Any], status: Status) -> None:
        """Insert a job under an id that is free; see `JobTable.place`."""
        self.lock(cursor)
        (new,) = next(self._chunks([state]))
        now = self._now.run(cursor).fetchone()[0]
        self._insert.run(cursor, [(job_id, now, int(status), 1.0, new.code)])
        common = {STATUS: encode(int(status)), PRIORITY: encode(1.0)}
        self._insert_rows(cursor, [job_id], [new], common)
        if self._skip_to is not None:
            self._skip_to.run(cursor).fetchall()

    def lock(self, cursor: Cursor) -> None:
        """Keep others from making jobs of the same until the transaction ends."""
        if self._lock:
            # Two that insert the same at once must see each other's; SQLite has one writer anyway.
            self._lock.run(cursor).fetchall()

    def doubles(self, cursor: Cursor, flats: Mapping[int, Flat]) -> dict[int, int]:
        """Return, of jobs that have these keys now, those that another job is the same as.

        Parameters
        ----------
        cursor
            Of the transaction in which they got them.
        flats
            By a job's id, the keys by which it differs from others.

        Returns
        -------
        dict
            A job's id -> that of the other.
        """
        unhashed, found = self._has_unhashed(cursor), {}
        for some in _in_chunks(flats.items()):
            news = {job_id: _New.of(flat) for job_id, flat in some}
            by_hash, stored = self._alike(cursor, list(news.values()))
            for job_id, new in news.items():
                same = self._same(cursor, new, by_hash, stored, unhashed)
                other = next((one for one in same if one != job_id), None)
                if other is not None:
                    found[job_id] = other
        return found

    def _has_unhashed(self, cursor: Cursor) -> bool:
        """Return whether some job has no hash: the original's command line stored none."""
        return bool(self._any_unhashed.run(cursor).fetchall())

    def _chunks(self, states: Iterable[Mapping[str, Any]]) -> Iterator[list[_New]]:
        """Yield the states flat and checked, with their hashes."""
        for chunk in _in_chunks(states):
            prepared = []
            for state in chunk:
                flat = flatten(state)
                for key in _OWN_KEYS:
                    flat.pop(key, None)
                check_state(flat, nul_allowed=self._database.address.is_sqlite)
                prepared.append(_New.of(flat))
            yield prepared

    def _unknown(
        self, cursor: Cursor, chunk: list[_New], seen: set[int], unhashed: bool
    ) -> list[_New]:
        """Return those that are neither in the table nor earlier in this insertion."""
        by_hash, stored = self._alike(cursor, chunk)
        fresh = []
        for new in chunk:
            if new.typed in seen or new.former in by_hash:
                continue
            seen.add(new.typed)
            same = self._same(cursor, new, by_hash, stored, unhashed)
            if next(same, None) is None:
                fresh.append(new)
        return fresh

    def _alike(
        self, cursor: Cursor, chunk: list[_New]
    ) -> tuple[dict[int, list[int]], dict[int, dict[str, EncodedValue]]]:
        """Return the jobs that have a hash of these states, by hash, and what they hold."""
        hashes = {new.former for new in chunk}.union(*(new.codes for new in chunk))
        self._known.run(cursor, hashes=self._database.array(hashes))
        by_hash: dict[int, list[int]] = {}
        for code, job_id in cursor.fetchall():
            by_hash.setdefault(code, []).append(job_id)
        codes = {code for new in chunk for code in new.codes}
        alike = [job_id for code in codes for job_id in by_hash.get(code, ())]
        return by_hash, self._rows.of_jobs(cursor, alike) if alike else {}

    def _same(
        self,
        cursor: Cursor,
        new: _New,
        by_hash: Mapping[int, list[int]],
        stored: Mapping[int, Mapping[str, EncodedValue]],
        unhashed: bool,
    ) -> Iterator[int]:
        """Yield the jobs of the table that are the same as a state."""
        yield from by_hash.get(new.former, ())
        for job_id in (job_id for code in new.codes for job_id in by_hash.get(code, ())):
            if _began_as(new, stored.get(job_id, {})):
                yield job_id
        if unhashed:
            yield from self._same_unhashed(cursor, new)

    def _same_unhashed(self, cursor: Cursor, new: _New) -> Iterator[int]:
        """Yield the jobs without a hash that have the values of this state.

        One that has been run may have keys more: its results.
        """
        typed = state_hash(_as_the_original_stores(new.hashed))
        for job_id, status in self._unhashed(new.hashed).run(cursor).fetchall():
            stored = hashed_keys(readable(self._rows.of_job(cursor, job_id)))
            began = {key: value for key, value in stored.items() if key in new.hashed}
            if state_hash(_as_the_original_stores(began)) == typed and (
                len(stored) == len(began) or status != Status.START
            ):
                yield job_id

    def _unhashed(self, flat: Flat) -> Statement:
        """Return the query for jobs without a hash that may have these values."""
        trial = self._schema.trial
        query = sa.select(trial.c.id, trial.c.status).where(trial.c.hash.is_(None))
        # SQLite takes expressions of a limited depth; some of the keys tell most jobs apart.
        some = dict(islice(flat.items(), _MOST_CONDITIONS))
        if some:
            query = query.where(parse_condition(having(some), self._schema))
        return self._database.statement(query)

    def _new_ids(self, cursor: Cursor, count: int) -> list[int]:
        if not count:
            return []
        if self._reserve:
            return [row[0] for row in self._reserve.run(cursor, count=count).fetchall()]
        largest = self._largest_id.run(cursor).fetchall()[0][0] or 0
        largest = max(largest, largest_retired(cursor))
        return list(range(largest + 1, largest + 1 + count))

    def _insert_rows(
        self,
        cursor: Cursor,
        ids: list[int],
        fresh: list[_New],
        common: dict[str, EncodedValue],
    ) -> None:
        self._rows.insert(
            cursor,
            [
                (job_id, name, *value)
                for job_id, new in zip(ids, fresh, strict=True)
                for name, value in (
                    *((name, encode(value)) for name, value in new.flat.items()),
                    *common.items(),
                )
            ],
        )


def _in_chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _began_as(new: _New, stored: Mapping[str, EncodedValue]) -> bool:
    """Return whether a job that has the original's hash of this state began as it.

    The hash cannot tell 1 from '1', nor two floats that agree to 12 digits: the values can, as long
    as the job has those that it was inserted with.
    """
    if all(stored.get(key) == encode(value) for key, value in new.flat.items()):
        return True  # most often by far
    same = {key: stored[key] for key in new.flat.keys() & stored.keys()}
    began = hashed_keys(readable(same))
    return state_hash(began) == new.typed or legacy_hash(began) != new.code


def _as_the_original_stores(flat: Flat) -> Flat:
    """Return a state as the original's table holds it: True as 1, inf as NaN."""

    def stored(value: Any) -> Any:
        if isinstance(value, bool):
            return int(value)
        return nan if isinstance(value, float) and not isfinite(value) else value

    return {key: stored(value) for key, value in flat.items()}
