"""How jobs enter the table: states checked, hashed and stored in one transaction."""

__all__ = ["Insertion"]

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import isfinite
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.jobman.database.clock import Now
from pylearn2_jobman.jobman.database.codec import EncodedValue, check_state, decode, encode
from pylearn2_jobman.jobman.database.job import Inserted
from pylearn2_jobman.jobman.database.rows import Rows
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import BulkInsert, Cursor, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import HASH, ID, PRIORITY, STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.hashing import hashed_keys, legacy_hash, state_hash
from pylearn2_jobman.values import Plain

_CHUNK = 500
# Set by the table, or left from another table's job. Only the original writes the hash as a key:
# where there is one, there are hashes of its making.
_OWN_KEYS = (STATUS, PRIORITY, ID, HASH)

Flat = dict[str, Plain]


class Insertion:
    """The statements that insert jobs."""

    def __init__(self, database: Database, schema: Schema, rows: Rows) -> None:
        self._database = database
        self._rows = rows
        trial, keyval = schema.trial, schema.keyval
        self._lock = self._reserve = self._skip_to = None
        if database.address.is_sqlite:
            self._largest_id = database.statement(sa.select(sa.func.max(trial.c.id)))
        else:
            preparer = database.engine.dialect.identifier_preparer
            sequence = sa.func.pg_get_serial_sequence(preparer.format_table(trial), "id")
            count = parameter("count", sa.Integer)
            self._reserve = database.statement(
                sa.select(
                    sa.func.nextval(sa.cast(sequence, sa.dialects.postgresql.REGCLASS))
                ).select_from(sa.func.generate_series(1, count))
            )
            # Ids that were given by hand must not be given again.
            self._skip_to = database.statement(
                sa.select(
                    sa.func.setval(
                        sa.cast(sequence, sa.dialects.postgresql.REGCLASS), sa.func.max(trial.c.id)
                    )
                )
            )
            key = sa.func.hashtext(f"{trial.name} insertion")
            self._lock = database.statement(sa.select(sa.func.pg_advisory_xact_lock(key)))
        self._known = database.statement(
            sa.select(trial.c.hash, trial.c.id).where(database.one_of(trial.c.hash, "hashes"))
        )
        self._is_legacy = database.statement(
            sa.select(keyval.c.id).where(keyval.c.name == HASH).limit(1)
        )
        self._now = database.statement(sa.select(Now()))
        columns = [trial.c.id, trial.c.create, trial.c.status, trial.c.priority, trial.c.hash]
        self._insert = BulkInsert(database.engine.dialect, columns)

    def run(
        self,
        cursor: Cursor,
        states: Iterable[Mapping[str, Any]],
        priority: float,
        force: bool,
        progress: Callable[[int], None] | None,
    ) -> Inserted:
        """Insert the states that are not there yet; see `JobTable.insert_many`."""
        if self._lock:
            # Two that insert the same at once must see each other's; SQLite has one writer anyway.
            self._lock.run(cursor).fetchall()
        legacy = bool(self._is_legacy.run(cursor).fetchall())
        common = {STATUS: encode(int(Status.START)), PRIORITY: encode(priority)}
        now = self._now.run(cursor).fetchone()[0]
        ids: list[int] = []
        seen: set[int] = set()
        done = 0
        for chunk in self._chunks(states):
            fresh = chunk if force else self._unknown(cursor, chunk, seen, legacy)
            new_ids = self._new_ids(cursor, len(fresh))
            start = int(Status.START)
            self._insert.run(
                cursor,
                [
                    (job_id, now, start, priority, code)
                    for job_id, (code, _) in zip(new_ids, fresh, strict=True)
                ],
            )
            self._insert_rows(cursor, new_ids, fresh, common)
            ids += new_ids
            done += len(chunk)
            if progress:
                progress(done)
        return Inserted(ids, done - len(ids))

    def place(self, cursor: Cursor, job_id: int, state: Mapping[str, Any], status: Status) -> None:
        """Insert a job under an id that is free; see `JobTable.place`."""
        if self._lock:
            self._lock.run(cursor).fetchall()
        ((code, flat),) = next(self._chunks([state]))
        now = self._now.run(cursor).fetchone()[0]
        self._insert.run(cursor, [(job_id, now, int(status), 1.0, code)])
        common = {STATUS: encode(int(status)), PRIORITY: encode(1.0)}
        self._insert_rows(cursor, [job_id], [(code, flat)], common)
        if self._skip_to is not None:
            self._skip_to.run(cursor).fetchall()

    def _chunks(self, states: Iterable[Mapping[str, Any]]) -> Iterator[list[tuple[int, Flat]]]:
        """Yield the states flat and checked, with their hashes."""
        iterator = iter(states)
        while chunk := list(islice(iterator, _CHUNK)):
            prepared = []
            for state in chunk:
                flat = flatten(state)
                for key in _OWN_KEYS:
                    flat.pop(key, None)
                check_state(flat, nul_allowed=self._database.address.is_sqlite)
                prepared.append((state_hash(flat), flat))
            yield prepared

    def _unknown(
        self, cursor: Cursor, chunk: list[tuple[int, Flat]], seen: set[int], legacy: bool
    ) -> list[tuple[int, Flat]]:
        """Return those that are neither in the table nor earlier in this insertion."""
        wanted = {code for code, _ in chunk}
        known = {code for code, _ in self._with_hash(cursor, wanted)}
        fresh = []
        for code, flat in chunk:
            if code not in known and code not in seen:
                seen.add(code)
                fresh.append((code, flat))
        return self._without_legacy(cursor, fresh) if legacy else fresh

    def _with_hash(self, cursor: Cursor, hashes: Iterable[int]) -> list[tuple[int, int]]:
        self._known.run(cursor, hashes=self._database.array(hashes))
        rows: list[tuple[int, int]] = cursor.fetchall()
        return rows

    def _without_legacy(
        self, cursor: Cursor, fresh: list[tuple[int, Flat]]
    ) -> list[tuple[int, Flat]]:
        """Leave out what the original inserted: the hash tells where to look, the values decide."""
        by_hash: dict[int, list[int]] = {}
        for index, (_, flat) in enumerate(fresh):
            by_hash.setdefault(legacy_hash(hashed_keys(flat)), []).append(index)
        known = set()
        for code, job_id in self._with_hash(cursor, by_hash):
            stored = self._rows.of_job(cursor, job_id)
            for index in by_hash[code]:
                if _holds(stored, hashed_keys(fresh[index][1])):
                    known.add(index)
        return [item for index, item in enumerate(fresh) if index not in known]

    def _new_ids(self, cursor: Cursor, count: int) -> list[int]:
        if not count:
            return []
        if self._reserve:
            return [row[0] for row in self._reserve.run(cursor, count=count).fetchall()]
        largest = self._largest_id.run(cursor).fetchall()[0][0] or 0
        return list(range(largest + 1, largest + 1 + count))

    def _insert_rows(
        self,
        cursor: Cursor,
        ids: list[int],
        fresh: list[tuple[int, Flat]],
        common: dict[str, EncodedValue],
    ) -> None:
        self._rows.insert(
            cursor,
            [
                (job_id, name, *value)
                for job_id, (_, flat) in zip(ids, fresh, strict=True)
                for name, value in (
                    *((name, encode(value)) for name, value in flat.items()),
                    *common.items(),
                )
            ],
        )


def _holds(stored: Mapping[str, EncodedValue], flat: Flat) -> bool:
    """Return whether a job that the original inserted began as this state.

    The job may have keys more: its results.
    """
    for key, value in flat.items():
        if key not in stored:
            return False
        try:
            held = decode(*stored[key])
        except ValueError:
            return False
        # The original stored a boolean as the integer, which equals it, and inf and NaN as NULL.
        lost = held != held and isinstance(value, float) and not isfinite(value)
        if held != value and not lost:
            return False
    return True
