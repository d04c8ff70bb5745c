"""How a person changes keys of many jobs at once, or makes new jobs like them."""

__all__ = ["Edits"]

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.errors import JobClaimedError, UnknownJobError, UsageError, suggest
from pylearn2_jobman.jobman.bookkeeping import SEARCH_NAME, SEARCH_NUMBER
from pylearn2_jobman.jobman.database.codec import EncodedValue, encode
from pylearn2_jobman.jobman.database.hashing import (
    hashed_keys,
    inserted_keys,
    legacy_hash,
    state_hash,
)
from pylearn2_jobman.jobman.database.job import Inserted
from pylearn2_jobman.jobman.database.rows import Rows, readable
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import Cursor
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.query.keys import EXPERIMENT, HASH, PRIORITY, TAGS
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.bulk_updates import BulkUpdates
from pylearn2_jobman.jobman.table.insertion import Insertion
from pylearn2_jobman.values import Plain

_CHUNK = 500  # jobs whose keys are in memory at once
_SHOWN = 5


class Edits:
    """The steps of `JobTable.edit` and `JobTable.copy`, each in one transaction."""

    def __init__(
        self,
        database: Database,
        schema: Schema,
        rows: Rows,
        insertion: Insertion,
        bulk_updates: BulkUpdates,
    ) -> None:
        self._database = database
        self._rows = rows
        self._insertion = insertion
        self._bulk_updates = bulk_updates
        trial = schema.trial
        self._facts = database.statement(
            sa.select(trial.c.id, trial.c.hash, trial.c.priority).where(
                database.one_of(trial.c.id, "ids")
            )
        )

    def edit(
        self,
        cursor: Cursor,
        ids: Iterable[int],
        values: Mapping[str, Plain],
        remove: Collection[str],
        among: Collection[Status] | None,
        add: bool,
        force: bool,
    ) -> list[int]:
        """Set and remove keys of jobs; return which were changed."""
        kept = {key: value for key, value in values.items() if key != PRIORITY}
        tells_apart = any(_tells_apart(key) for key in (*kept, *remove))
        if tells_apart:
            self._insertion.lock(cursor)  # before the rows, as whoever inserts
        chosen = self._lock(cursor, ids, among)
        changed: dict[int, dict[str, Plain]] = {}
        for job_id, stored, code, _ in self._stored(cursor, chosen) if kept or remove else ():
            _check(job_id, stored, kept, add)
            self._bulk_updates.replace(cursor, job_id, stored, kept, remove)
            if not tells_apart:
                continue
            flat = readable(stored)
            before = inserted_keys(flat, code)
            before |= {key: flat[key] for key in (SEARCH_NAME, SEARCH_NUMBER) if key in flat}
            # A key that its run has added, such as a result, stays none that tells jobs apart.
            new = {key: value for key, value in kept.items() if key in before or key not in flat}
            after = {key: value for key, value in (before | new).items() if key not in remove}
            if state_hash(after) == state_hash(before):
                continue
            changed[job_id] = after
            if code is not None:
                new_code = legacy_hash(hashed_keys(after))
                self._bulk_updates.set_hash(cursor, job_id, new_code)
                if HASH in stored:  # the original has it in both tables
                    self._rows.store_everywhere(cursor, [job_id], HASH, encode(new_code))
        if PRIORITY in values:
            self._bulk_updates.set_priority(cursor, chosen, float(values[PRIORITY]))  # type: ignore[arg-type]
        if changed and not force:
            _refuse(self._insertion.doubles(cursor, changed))
        return chosen

    def copy(
        self,
        cursor: Cursor,
        ids: Iterable[int],
        values: Mapping[str, Plain],
        remove: Collection[str],
        add: bool,
        force: bool,
    ) -> Inserted:
        """Insert jobs like these, with some keys changed; see `JobTable.copy`."""
        self._insertion.lock(cursor)
        chosen = self._lock(cursor, ids, None, running=True)
        by_priority: dict[float, list[dict[str, Plain]]] = {}
        for job_id, stored, code, priority in self._stored(cursor, chosen):
            _check(job_id, stored, values, add)
            flat = readable(stored)
            like = inserted_keys(flat, code)
            tags = {TAGS: flat[TAGS]} if TAGS in flat else {}
            state = {**like, **tags, **values}
            state = {key: value for key, value in state.items() if key not in remove}
            wanted = values.get(PRIORITY, 1.0 if priority is None else priority)
            by_priority.setdefault(float(wanted), []).append(state)  # type: ignore[arg-type]
        done = [
            self._insertion.run(cursor, states, priority, Status.START, force, None)
            for priority, states in by_priority.items()
        ]
        return Inserted(
            sorted(job_id for one in done for job_id in one.ids),
            sum(one.duplicates for one in done),
        )

    def _lock(
        self,
        cursor: Cursor,
        ids: Iterable[int],
        among: Collection[Status] | None,
        *,
        running: bool = False,
    ) -> list[int]:
        """Lock jobs and return those that may be changed, which no worker has claimed."""
        wanted = set(ids)
        locked = dict(self._rows.lock(cursor, wanted))
        claimed = [
            job_id for job_id, now in locked.items() if now == Status.RUNNING and not running
        ]
        if among is not None:
            fit = {job_id for job_id, now in locked.items() if now in among}
            return sorted(fit.difference(claimed))
        where = f"in {self._database.address}: nothing was changed"
        if missing := sorted(wanted - locked.keys()):
            raise UnknownJobError(f"there is no job {_list(missing)} {where}")
        if claimed:
            raise JobClaimedError(f"a worker runs job {_list(claimed)} {where}")
        return sorted(locked)

    def _stored(
        self, cursor: Cursor, ids: list[int]
    ) -> Iterator[tuple[int, dict[str, EncodedValue], int | None, float | None]]:
        """Yield jobs with what they hold, their hashes and their priorities."""
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK]
            stored = self._rows.of_jobs(cursor, some)
            rows = self._facts.run(cursor, ids=self._database.array(some)).fetchall()
            for job_id, code, priority in sorted(rows):
                yield job_id, stored.get(job_id, {}), code, priority


def _check(job_id: int, stored: Collection[str], values: Iterable[str], add: bool) -> None:
    """Refuse keys that a job does not have: most likely they are misspelt."""
    for key in values:
        if not (add or key in stored or key.startswith("jobman.")):
            raise UsageError(
                f"job {job_id} has no key {key!r}{suggest(key, stored)}: nothing was changed "
                "(to give jobs a new key: --add, in Python add=True)"
            )


def _refuse(doubles: Mapping[int, int]) -> None:
    """Refuse that jobs become the same as others, by job."""
    if doubles:
        raise UsageError(
            f"{len(doubles)} of the jobs would be the same as others: job "
            f"{_list([f'{job_id} as {other}' for job_id, other in doubles.items()])}; nothing was "
            "changed (--force, in Python force=True, changes them all the same)"
        )


def _tells_apart(key: str) -> bool:
    """Return whether a job is another one by the value of a key."""
    return key == EXPERIMENT or not key.startswith("jobman.")


def _list(ids: list[Any]) -> str:
    return ", ".join(map(str, ids[:_SHOWN])) + ", ..." * (len(ids) > _SHOWN)
