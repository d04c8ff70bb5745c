"""A job's rows in the keyval table: its state read, and keys of it replaced."""

__all__ = ["Rows", "one_of", "read_state"]

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.errors import UnreadableJobError, UsageError
from pylearn2_jobman.jobman.codec import Cells, decode
from pylearn2_jobman.jobman.database import Cursor, Database
from pylearn2_jobman.jobman.schema import Schema
from pylearn2_jobman.jobman.state import DD, expand


def one_of(column: ColumnElement[Any], name: str, database: Database) -> ColumnElement[bool]:
    """Return the condition that a column is in the list bound to ``name``, of any length.

    The value to bind is what `array` makes of the list.
    """
    if database.address.is_sqlite:
        items = sa.func.json_each(sa.bindparam(name, required=False)).table_valued("value")
        return column.in_(sa.select(items.c.value))
    return column == sa.any_(sa.bindparam(name, type_=ARRAY(column.type), required=False))


def array(values: Iterable[Any], database: Database) -> Any:
    """Return a list as the parameter that `one_of` takes."""
    return json.dumps(list(values)) if database.address.is_sqlite else list(values)


def read_state(job_id: int, table: str, cells: Mapping[str, Cells]) -> DD:
    """Return the nested state that a job's cells hold.

    Raises
    ------
    UnreadableJobError
        Naming the job and the key.
    """
    flat = {}
    for name, columns in cells.items():
        try:
            flat[name] = decode(*columns)
        except (ValueError, RecursionError) as error:
            raise UnreadableJobError(
                f"job {job_id} of table {table!r}: the key {name!r} cannot be read: {error}"
            ) from None
    try:
        state: DD = expand(flat)
    except UsageError as error:
        raise UnreadableJobError(f"job {job_id} of table {table!r}: {error}") from None
    return state


class Rows:
    """The statements that read and replace keyval rows."""

    def __init__(self, database: Database, schema: Schema) -> None:
        self._database = database
        keyval = schema.keyval
        columns = [keyval.c.name, keyval.c.type, keyval.c.ival, keyval.c.fval]
        columns += [keyval.c.sval, keyval.c.bval]
        job = sa.bindparam("job_id", type_=sa.Integer, required=False)
        self._of_job = database.statement(
            sa.select(*columns).where(keyval.c.dict_id == job).order_by(keyval.c.id)
        )
        self._delete = database.statement(
            sa.delete(keyval).where(
                keyval.c.dict_id == job, one_of(keyval.c.name, "names", database)
            )
        )
        self._insert = database.statement(
            sa.insert(keyval), columns=[column.name for column in [keyval.c.dict_id, *columns]]
        )
        self._delete_everywhere = database.statement(
            sa.delete(keyval).where(
                one_of(keyval.c.dict_id, "ids", database),
                keyval.c.name == sa.bindparam("name", type_=sa.String, required=False),
            )
        )
        bound = [
            sa.bindparam(column.name, type_=column.type, required=False) for column in columns[:4]
        ]
        self._insert_everywhere = database.statement(
            sa.insert(keyval).from_select(
                ["dict_id", "name", "type", "ival", "fval"],
                sa.select(schema.trial.c.id, *bound).where(
                    one_of(schema.trial.c.id, "ids", database)
                ),
            )
        )

    def of_job(self, cursor: Cursor, job_id: int) -> dict[str, Cells]:
        """Return a job's cells by key. Of a key with two rows, the later one counts."""
        self._of_job.run(cursor, job_id=job_id)
        return {row[0]: row[1:] for row in cursor.fetchall()}

    def replace(
        self,
        cursor: Cursor,
        job_id: int,
        changed: Mapping[str, Cells],
        deleted: Collection[str] = (),
    ) -> None:
        """Give keys of one job new values, and remove others.

        The caller holds the job's row in the trial table, so that no other writer interferes.
        """
        if not changed and not deleted:
            return
        names = array([*changed, *deleted], self._database)
        self._delete.run(cursor, job_id=job_id, names=names)
        if changed:
            self.insert(cursor, ((job_id, name, *cells) for name, cells in changed.items()))

    def insert(self, cursor: Cursor, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows: (dict_id, name, type, ival, fval, sval, bval)."""
        names = ("dict_id", "name", "type", "ival", "fval", "sval", "bval")
        self._insert.run_many(cursor, [dict(zip(names, row, strict=True)) for row in rows])

    def replace_everywhere(
        self, cursor: Cursor, ids: Collection[int], name: str, cells: Cells
    ) -> None:
        """Give one key the same number in many jobs."""
        bound = array(ids, self._database)
        letter, ival, fval, _, _ = cells
        self._delete_everywhere.run(cursor, ids=bound, name=name)
        self._insert_everywhere.run(cursor, ids=bound, name=name, type=letter, ival=ival, fval=fval)
