"""Copying a job table into another database, row by row: ids, times, hashes and values stay."""

__all__ = ["Copied", "copy_table"]

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pylearn2_jobman.errors import NotStorableError, UsageError
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.clock import parse_time
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import BulkInsert, Cursor, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.table.job_table import open_table
from pylearn2_jobman.jobman.table.presence import present

_PAGE = 500
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Copied:
    """The outcome of a copy.

    Attributes
    ----------
    jobs
        How many jobs were copied.
    present
        How many were there already, all the same.
    """

    jobs: int
    present: int


def copy_table(source: str, target: str, lease_seconds: float) -> Copied:
    """Copy the jobs of one table into another, which is made if it is not there.

    A page of jobs is one transaction, so that a copy that was interrupted is begun again and
    resumes where it was. No job that is in the target already is ever changed.

    Parameters
    ----------
    source, target
        The addresses.
    lease_seconds
        A worker that has given a sign of life within this time is alive.

    Raises
    ------
    UsageError
        If workers are alive in the source, or the target has a job of the same id that differs.
    NotStorableError
        Naming the job and the key of text that the target cannot hold.
    """
    if Address.parse(source) == Address.parse(target):
        raise UsageError("both addresses are those of the same table")
    with open_table(source, create=False) as table:
        alive = {worker.host for worker in present(table) if worker.is_alive(lease_seconds)}
    if alive:
        raise UsageError(
            f"workers on {', '.join(sorted(alive))} run jobs of {Address.parse(source)}: what they "
            "will write would be missing in the copy. Stop them first"
        )
    open_table(target).close()
    old, new = _CopySide(source), _CopySide(target)
    try:
        copied = _copy(old, new)
    finally:
        old.close()
        new.close()
    with open_table(target) as table:
        table.analyze(copied.jobs)
    return copied


def _copy(old: "_CopySide", new: "_CopySide") -> Copied:
    new.reserve_ids(old.largest_id())
    looked_at = copied = 0
    after = None
    while jobs := old.page(after):
        after = max(jobs)
        new.check(jobs)
        copied += new.add(jobs)
        looked_at += len(jobs)
    return Copied(copied, looked_at - copied)


@dataclass(frozen=True)
class _Job:
    """The rows of one job, in a form that is the same for both databases."""

    trial: Row  # create, write, read, status, priority, hash
    keyvals: tuple[Row, ...]  # name, type, ival, fval, sval, bval


class _CopySide:
    """The statements of a copy, on one of its two sides."""

    def __init__(self, url: str) -> None:
        self._address = Address.parse(url)
        self._database = database = Database(self._address)
        schema = Schema(self._address.table)
        trial, keyval = schema.trial.c, schema.keyval.c
        rest = [trial.create, trial.write, trial.read, trial.status, trial.priority, trial.hash]
        columns = [keyval.name, keyval.type, keyval.ival, keyval.fval, keyval.sval, keyval.bval]
        self._page = database.statement(
            sa.select(trial.id, *rest)
            .where(trial.id > parameter("after", sa.Integer))
            .order_by(trial.id)
            .limit(_PAGE)
        )
        self._trials = database.statement(
            sa.select(trial.id, *rest).where(database.one_of(trial.id, "ids"))
        )
        self._keyvals = database.statement(
            sa.select(keyval.dict_id, *columns)
            .where(database.one_of(keyval.dict_id, "ids"))
            .order_by(keyval.id)
        )
        self._smallest = database.statement(sa.select(sa.func.min(trial.id)))
        self._largest = database.statement(sa.select(sa.func.max(trial.id)))
        dialect = database.engine.dialect
        self._insert_trials = BulkInsert(dialect, [trial.id, *rest])
        self._insert_keyvals = BulkInsert(dialect, [keyval.dict_id, *columns])
        self._trial = dialect.identifier_preparer.format_table(schema.trial)

    def close(self) -> None:
        self._database.close()

    def largest_id(self) -> int | None:
        """Return the largest id; None if there is no job."""
        return self._number(self._largest)

    def page(self, after: int | None) -> dict[int, _Job]:
        """Return the next jobs behind an id (None: from the start), by their ids."""
        if after is None:
            smallest = self._number(self._smallest)
            if smallest is None:
                return {}
            after = smallest - 1

        def read(cursor: Cursor) -> dict[int, _Job]:
            return self._jobs(cursor, self._page.run(cursor, after=after).fetchall())

        return self._database.read(read)

    def reserve_ids(self, largest: int | None) -> None:
        """Let jobs that are inserted later get ids behind those that are copied."""
        if largest is None or self._address.is_sqlite:
            return
        sequence = "pg_get_serial_sequence(%(trial)s, 'id')"
        statement = f"SELECT setval({sequence}, greatest(%(largest)s, nextval({sequence})))"
        parameters = {"trial": self._trial, "largest": largest}
        self._database.write(lambda cursor: cursor.execute(statement, parameters))

    def check(self, jobs: dict[int, _Job]) -> None:
        """Raise for what this side cannot hold."""
        if self._address.is_sqlite:
            return
        for number, job in jobs.items():
            for name, _, _, _, sval, _ in job.keyvals:
                if sval is not None and "\0" in sval:
                    raise NotStorableError(
                        f"job {number}: {name!r} holds a NUL character, which no text in "
                        f"PostgreSQL can hold: nothing of the job was copied"
                    )

    def add(self, jobs: dict[int, _Job]) -> int:
        """Add the jobs that are not here yet; return how many."""

        def write(cursor: Cursor) -> int:
            ids = self._database.array(jobs)
            here = self._jobs(cursor, self._trials.run(cursor, ids=ids).fetchall())
            differing = [number for number, job in here.items() if job != jobs[number]]
            if differing:
                shown = ", ".join(map(str, differing[:10])) + ", ..." * (len(differing) > 10)
                raise UsageError(
                    f"{self._address} has other jobs of the same numbers ({shown}): they are left "
                    "as they are. Copy into a table of another name, or an empty one"
                )
            fresh = {number: job for number, job in jobs.items() if number not in here}
            self._insert_trials.run(
                cursor, [(number, *self._own(job.trial)) for number, job in fresh.items()]
            )
            self._insert_keyvals.run(
                cursor, [(number, *row) for number, job in fresh.items() for row in job.keyvals]
            )
            return len(fresh)

        return self._database.write(write)

    def _number(self, statement: Any) -> int | None:
        row = self._database.read(lambda cursor: statement.run(cursor).fetchone())
        number: int | None = row[0]
        return number

    def _jobs(self, cursor: Cursor, trials: Iterable[Row]) -> dict[int, _Job]:
        found = {number: (_same_trial(row), []) for number, *row in trials}  # type: ignore[var-annotated]
        ids = self._database.array(found)
        for number, *row in self._keyvals.run(cursor, ids=ids).fetchall():
            found[number][1].append(_same_keyval(row))
        return {number: _Job(trial, tuple(rows)) for number, (trial, rows) in found.items()}

    def _own(self, trial: Row) -> Row:
        """Return a trial row's columns in the form that this side's driver stores."""
        if not self._address.is_sqlite:
            return trial
        return tuple(
            f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
            for value in trial
        )


def _same_trial(row: list[Any]) -> Row:
    """Return a trial row with times as both databases mean them: in UTC, without saying so."""
    times = [parse_time(value) for value in row[:3]]
    naive = [None if time is None else time.replace(tzinfo=None) for time in times]
    status, priority, code = row[3:]
    return (*naive, status, None if priority is None else float(priority), code)


def _same_keyval(row: list[Any]) -> Row:
    """Return a keyval row with the same Python types from both."""
    name, letter, ival, fval, sval, bval = row
    if letter == "f":
        # SQLite stores NaN as NULL. This one NaN equals itself within a tuple.
        fval = math.nan if fval is None or math.isnan(fval) else float(fval)
    if bval is not None:
        bval = bval.encode() if isinstance(bval, str) else bytes(bval)
    return (name, letter, ival, fval, sval, bval)
