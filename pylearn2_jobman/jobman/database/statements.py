"""SQL statements: written by SQLAlchemy for both databases, compiled once, run on a cursor.

SQLAlchemy's own execution costs several times what a claim costs the database.
"""

__all__ = ["BulkInsert", "Cursor", "Statement", "parameter"]

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Compiled
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import TypeEngine

Cursor = Any
"""A cursor of sqlite3 or psycopg, as PEP 249 describes it; parameters are given by name."""


def parameter(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any] | None = None) -> Any:
    """Return a value of a statement that is given by name when it is run."""
    return sa.bindparam(name, type_=kind, required=False)


class Statement:
    """A SQL statement, compiled once for one database.

    Attributes
    ----------
    sql
        The text for the driver.
    constants
        The values that are bound at every run.
    """

    def __init__(
        self, dialect: sa.Dialect, clause: ClauseElement, columns: Sequence[str] | None = None
    ) -> None:
        compiled: Compiled = clause.compile(
            dialect=dialect, column_keys=columns, compile_kwargs={"render_postcompile": True}
        )
        self.sql = str(compiled)
        self.constants = {
            name: value for name, value in compiled.params.items() if value is not None
        }

    def run(self, cursor: Cursor, **parameters: Any) -> Cursor:
        """Execute with the parameters given by name, and return the cursor."""
        cursor.execute(self.sql, {**self.constants, **parameters})
        return cursor


class BulkInsert:
    """The insertion of many rows into some columns of a table, in one go."""

    def __init__(self, dialect: sa.Dialect, columns: Sequence[sa.Column[Any]]) -> None:
        quote = dialect.identifier_preparer.quote
        self._is_sqlite = dialect.name == "sqlite"
        if self._is_sqlite:
            values = f"VALUES ({', '.join('?' for _ in columns)})"
        else:
            # One statement for any number of rows; psycopg's executemany waits for several answers.
            arrays = (f"%s::{column.type.compile(dialect)}[]" for column in columns)
            values = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608
        names = ", ".join(quote(column.name) for column in columns)
        self.sql = f"INSERT INTO {quote(columns[0].table.name)} ({names}) {values}"

    def run(self, cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, each with a value for every column."""
        if not rows:
            return
        if self._is_sqlite:
            cursor.executemany(self.sql, rows)
        else:
            cursor.execute(self.sql, [list(column) for column in zip(*rows, strict=True)])
