"""How rows of the two tables become columns: of one key, the values of all jobs."""

__all__ = ["Columns"]

import logging
from collections.abc import Collection, Sequence
from typing import Any

from pylearn2_jobman.jobman.database.clock import parse_time
from pylearn2_jobman.jobman.database.codec import decode
from pylearn2_jobman.jobman.query.keys import (
    CLAIMED,
    CREATED,
    HEARTBEAT,
    ID,
    PRIORITY,
    STATUS,
    TRIAL_COLUMNS,
    in_order,
)
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.status import Status

_logger = logging.getLogger(__name__)

_STATUSES = {int(status): status for status in Status}


class Columns:
    """A `QueryResult` in the making. A value that cannot be read is logged, and missing.

    Parameters
    ----------
    table
        The table's name, for the log.
    keys
        The columns, in their order; if None, those that there are.
    """

    def __init__(self, table: str, keys: Collection[str] | None) -> None:
        self._table = table
        self._keys = keys
        self._ids: list[int] = []
        self._trials: list[tuple[Any, ...]] = []
        self._columns: dict[str, list[Any]] = {}

    def add(self, ids: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add jobs in the order of their ids.

        Parameters
        ----------
        ids
            The jobs; those without a row have been deleted.
        rows
            (id, status, priority, create, read, write, hash, name, type, ival, fval, sval, bval).
        """
        trials = {row[0]: row[1:6] for row in rows}
        present = [job_id for job_id in ids if job_id in trials]
        first = len(self._ids)
        positions = {job_id: first + place for place, job_id in enumerate(present)}
        self._ids += present
        self._trials += [trials[job_id] for job_id in present]
        length = len(self._ids)
        for values in self._columns.values():
            values.extend([None] * len(present))
        columns = self._columns
        for job_id, _, _, _, _, _, _, name, letter, ival, fval, sval, bval in rows:
            if type(name) is not str:  # None: a job without keys
                continue
            if name not in columns:
                columns[name] = [None] * length
            try:
                columns[name][positions[job_id]] = (
                    fval if letter == "f" and fval is not None
                    else decode(letter, ival, fval, sval, bval)
                )  # fmt: skip
            except (ValueError, RecursionError) as error:
                _logger.warning(
                    "job %s of table %r: the key %r cannot be read: %s",
                    job_id, self._table, name, error,
                )  # fmt: skip

    def result(self) -> QueryResult:
        """Return what was added."""
        self._columns.update(self._of_trials())
        keys = in_order(self._columns) if self._keys is None else self._keys
        nothing = [None] * len(self._ids)
        return QueryResult(
            self._ids, {key: self._columns.get(key, nothing) for key in keys if key != ID}
        )

    def _of_trials(self) -> dict[str, list[Any]]:
        """Return the columns of the trial table, which count more than the keys of that name."""
        if not self._trials:
            return {key: [] for key in TRIAL_COLUMNS if key != ID}
        status, priority, created, claimed, heartbeat = zip(*self._trials, strict=True)
        return {
            STATUS: [_STATUSES.get(number) for number in status],
            PRIORITY: [1.0 if value is None else value for value in priority],
            CREATED: list(map(parse_time, created)),
            CLAIMED: list(map(parse_time, claimed)),
            HEARTBEAT: list(map(parse_time, heartbeat)),
        }
