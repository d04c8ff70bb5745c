"""A job's rows in the keyval table: its state read, and keys of it replaced; jobs locked."""

__all__ = ["Rows", "largest_retired", "read_state", "readable", "retire"]

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from pylearn2_jobman.errors import UnreadableJobError, UsageError
from pylearn2_jobman.jobman.bookkeeping import LIVE, without_conflicts
from pylearn2_jobman.jobman.database.codec import EncodedValue, decode
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.database.statements import BulkInsert, Cursor, parameter
from pylearn2_jobman.jobman.database.transactions import Database
from pylearn2_jobman.jobman.state import DD, expand

_ARRAYS = ("new_name", "new_type", "new_ival", "new_fval", "new_sval", "new_bval")


def read_state(job_id: int, table: str, encoded: Mapping[str, EncodedValue]) -> DD:
    """Return the nested state that a job's encoded values stand for.

    Raises
    ------
    UnreadableJobError
        Naming the job and the key.
    """
    flat = {}
    for name, value in encoded.items():
        if name == LIVE:
            continue
        try:
            if type(name) is not str:  # SQLite holds anything
                raise ValueError("it is not text")
            flat[name] = decode(*value)
        except (ValueError, RecursionError) as error:
            raise UnreadableJobError(
                f"job {job_id} of table {table!r}: the key {name!r} cannot be read: {error}"
            ) from None
    try:
        state: DD = expand(flat)
    except UsageError:
        try:
            state = expand(without_conflicts(flat))
        except UsageError as error:
            raise UnreadableJobError(f"job {job_id} of table {table!r}: {error}") from None
    return state


def readable(encoded: Mapping[str, EncodedValue]) -> dict[str, Any]:
    """Return the values of those of a job's encoded values that can be read."""
    flat = {}
    for name, columns in encoded.items():
        with contextlib.suppress(ValueError, RecursionError):
            flat[name] = decode(*columns)
    return flat


def retire(cursor: Cursor, job_id: int) -> None:
    """Note in an SQLite file that the number of a deleted job must not be given again.

    Else the next job would find that one's files in its directory. PostgreSQL's sequences never go
    back; SQLite, in tables as the original made them, gives the largest number and one. The note is
    one number for all tables of a file.
    """
    if job_id > largest_retired(cursor):
        cursor.execute(f"PRAGMA user_version = {int(job_id)}")


def largest_retired(cursor: Cursor) -> int:
    """Return the largest number that `retire` noted in an SQLite file; 0, if none."""
    return int(cursor.execute("PRAGMA user_version").fetchone()[0])


class Rows:
    """The statements that read and write keyval rows, and lock the jobs that they belong to.

    While a job is claimed, only the claim's holder adds and removes keys of it; its status and
    priority, whose rows others may change, are always updated in place.
    """

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        trial, keyval = schema.trial.c, schema.keyval.c
        values = [keyval.type, keyval.ival, keyval.fval, keyval.sval, keyval.bval]
        job = keyval.dict_id == parameter("job_id", sa.Integer)
        name = keyval.name == parameter("key", sa.String)
        # Of a job's few rows. Before it has statistics, PostgreSQL would take the index of names,
        # too, and go through the rows of this name of all jobs.
        name_of_few = name.is_(sa.true())
        many = database.one_of(keyval.dict_id, "ids")
        new_values = {column: parameter(f"new_{column.name}", column.type) for column in values}
        of_job = sa.select(keyval.name, *values).where(job).order_by(keyval.id)
        self._of_job = database.statement(of_job)
        self._of_jobs = database.statement(
            sa.select(keyval.dict_id, keyval.name, *values).where(many).order_by(keyval.id)
        )
        update = sa.update(schema.keyval).values(new_values)
        self._update = database.statement(update.where(job, name_of_few))
        self._update_everywhere = database.statement(update.where(many, name))
        self._delete = database.statement(sa.delete(schema.keyval).where(job, name_of_few))
        self._replace = self._of_job_replacing = None
        if not database.address.is_sqlite:
            replace = _replacing(schema.keyval, [keyval.name, *values])
            self._replace = database.statement(replace)
            self._of_job_replacing = database.statement(of_job.add_cte(replace.cte("replaced")))
        absent = ~sa.exists().where(keyval.dict_id == trial.id, name)
        key = parameter("key", sa.String)
        self._insert_everywhere = database.statement(
            sa.insert(schema.keyval).from_select(
                [keyval.dict_id, keyval.name, *new_values],
                sa.select(trial.id, key, *new_values.values()).where(
                    database.one_of(trial.id, "ids"), absent
                ),
            )
        )
        self._lock = database.statement(
            sa.select(trial.id, trial.status)
            .where(database.one_of(trial.id, "ids"))
            .order_by(trial.id)
            .with_for_update()
        )
        self._insert = BulkInsert(database.engine.dialect, [keyval.dict_id, keyval.name, *values])

    def lock(self, cursor: Cursor, ids: Iterable[int]) -> list[tuple[int, int]]:
        """Lock those of the jobs that there are, and return their ids and statuses."""
        bound = self._database.array(ids)
        found: list[tuple[int, int]] = self._lock.run(cursor, ids=bound).fetchall()
        return found

    def of_job(self, cursor: Cursor, job_id: int) -> dict[str, EncodedValue]:
        """Return a job's values by key. Of a key with two rows, the later one counts."""
        self._of_job.run(cursor, job_id=job_id)
        return {row[0]: row[1:] for row in cursor.fetchall()}

    def of_job_replacing(
        self, cursor: Cursor, job_id: int, new: Mapping[str, EncodedValue]
    ) -> dict[str, EncodedValue]:
        """Return a job's values, as `of_job`, and give some keys of it other ones."""
        if self._of_job_replacing is None:
            stored = self.of_job(cursor, job_id)
            self.store(cursor, job_id, stored, {**stored, **new})
            return stored
        self._of_job_replacing.run(cursor, job_id=job_id, **_as_arrays(new))
        return {row[0]: row[1:] for row in cursor.fetchall()}

    def of_jobs(self, cursor: Cursor, ids: Iterable[int]) -> dict[int, dict[str, EncodedValue]]:
        """Return the values of many jobs, as `of_job`, by their ids."""
        bound = self._database.array(ids)
        found: dict[int, dict[str, EncodedValue]] = {}
        for job_id, name, *value in self._of_jobs.run(cursor, ids=bound).fetchall():
            found.setdefault(job_id, {})[name] = tuple(value)
        return found

    def store(
        self,
        cursor: Cursor,
        job_id: int,
        stored: Mapping[str, EncodedValue | None],
        wanted: Mapping[str, EncodedValue],
    ) -> None:
        """Turn a job's stored values into the wanted ones, touching only those that differ.

        Of a key that is stored as None it is not known what it has now, nor whether it is there.
        The caller holds the job's row in the trial table, so that no other writer interferes.
        """
        new = {name: value for name, value in wanted.items() if stored.get(name) != value}
        if self._replace is not None and new:
            self._replace.run(cursor, job_id=job_id, **_as_arrays(new))
        elif new:
            for name in new.keys() & stored.keys():
                self._update.run(cursor, job_id=job_id, key=name, **_new(new[name]))
                if cursor.rowcount:
                    del new[name]
            self.insert(cursor, [(job_id, name, *value) for name, value in new.items()])
        for name in stored.keys() - wanted.keys():
            self._delete.run(cursor, job_id=job_id, key=name)

    def insert(self, cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows: (dict_id, name, type, ival, fval, sval, bval)."""
        self._insert.run(cursor, rows)

    def store_everywhere(
        self, cursor: Cursor, ids: Collection[int], name: str, value: EncodedValue
    ) -> None:
        """Give one key the same value in many jobs, whose rows in the trial table are held."""
        bound = self._database.array(ids)
        self._update_everywhere.run(cursor, ids=bound, key=name, **_new(value))
        self._insert_everywhere.run(cursor, ids=bound, key=name, **_new(value))


def _new(value: EncodedValue) -> dict[str, Any]:
    letter, ival, fval, sval, bval = value
    return {
        "new_type": letter,
        "new_ival": ival,
        "new_fval": fval,
        "new_sval": sval,
        "new_bval": bval,
    }


def _replacing(keyval: sa.Table, columns: list[sa.Column[Any]]) -> sa.Insert:
    """Return PostgreSQL's statement that gives keys of one job other values, or adds them."""
    job_id = parameter("job_id", sa.Integer)
    arrays = [parameter(f"new_{column.name}", ARRAY(column.type)) for column in columns]
    given = sa.func.unnest(*arrays).table_valued(*columns).render_derived(name="given")
    changed = (
        sa.update(keyval)
        .where(keyval.c.dict_id == job_id, (keyval.c.name == given.c.name).is_(sa.true()))
        .values({column: given.c[column.name] for column in columns[1:]})
        .returning(keyval.c.name)
        .cte("changed")
    )
    return sa.insert(keyval).from_select(
        [keyval.c.dict_id, *columns],
        sa.select(job_id, *given.c).where(given.c.name.not_in(sa.select(changed.c.name))),
    )


def _as_arrays(new: Mapping[str, EncodedValue]) -> dict[str, list[Any]]:
    columns = zip(*((name, *value) for name, value in new.items()), strict=True)
    return dict(zip(_ARRAYS, map(list, columns), strict=True))
