"""The database's clock in SQL, so that no worker's own clock decides who lost a claim.

SQLite keeps a time as text, in UTC and to the millisecond, padded to the six digits in which
SQLAlchemy (the original's, too) reads it; PostgreSQL as a timestamp to the microsecond.
"""

__all__ = ["Instant", "JustAfter", "Later", "Now", "SecondsAgo", "parse_time", "token_after"]

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', {}) || '000'"


class Instant(ColumnElement[datetime]):
    """A given instant, bound, in the form in which the database keeps times."""

    inherit_cache = False
    type = sa.DateTime()

    def __init__(self, instant: datetime) -> None:
        utc = instant.astimezone(UTC).replace(tzinfo=None)
        text = utc.isoformat(sep=" ", timespec="microseconds")
        self.text = sa.literal(text, sa.String)


class Now(ColumnElement[datetime]):
    """The present instant."""

    inherit_cache = True
    type = sa.DateTime()


class JustAfter(ColumnElement[datetime]):
    """The first instant after the one in a column that the database can tell from it."""

    inherit_cache = False
    type = sa.DateTime()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


class SecondsAgo(ColumnElement[datetime]):
    """The instant that lies a number of seconds before now."""

    inherit_cache = False
    sign = "-"
    type = sa.DateTime()

    def __init__(self, seconds: ColumnElement[Any]) -> None:
        self.seconds = seconds


class Later(SecondsAgo):
    """The instant that lies a number of seconds after now; NULL if the number is."""

    inherit_cache = False
    sign = "+"


def token_after(column: ColumnElement[Any]) -> ColumnElement[datetime]:
    """Return SQL for a claim's token: now, yet later than the last one even if the clock is not.

    The tokens of one job therefore only increase, whatever happens to the server's clock.
    """
    return _Latest(Now(), JustAfter(column))


class _Latest(ColumnElement[datetime]):
    """The later of two instants, the second of which may be NULL."""

    inherit_cache = False
    type = sa.DateTime()

    def __init__(self, first: ColumnElement[Any], second: ColumnElement[Any]) -> None:
        self.first = first
        self.second = second


@compiles(Instant, "sqlite")
def _(element: Instant, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.text, **options))


@compiles(Instant, "postgresql")
def _(element: Instant, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.text, **options)} AS TIMESTAMP)"


@compiles(Now, "sqlite")
def _(element: Now, compiler: Any, **options: Any) -> str:
    return _SQLITE.format("'now'")


@compiles(Now, "postgresql")
def _(element: Now, compiler: Any, **options: Any) -> str:
    # Not now(), which is the transaction's start.
    return "(clock_timestamp() AT TIME ZONE 'UTC')"


@compiles(JustAfter, "sqlite")
def _(element: JustAfter, compiler: Any, **options: Any) -> str:
    return _SQLITE.format(f"{compiler.process(element.column, **options)}, '+0.001 seconds'")


@compiles(JustAfter, "postgresql")
def _(element: JustAfter, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.column, **options)} + interval '1 microsecond')"


@compiles(SecondsAgo, "sqlite")
def _(element: SecondsAgo, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.seconds, **options)
    return _SQLITE.format(f"'now', '{element.sign}' || {seconds} || ' seconds'")


@compiles(SecondsAgo, "postgresql")
def _(element: SecondsAgo, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.seconds, **options)
    return (
        f"((clock_timestamp() AT TIME ZONE 'UTC') {element.sign} {seconds} * interval '1 second')"
    )


@compiles(_Latest, "sqlite")
def _(element: _Latest, compiler: Any, **options: Any) -> str:
    first = compiler.process(element.first, **options)
    second = compiler.process(element.second, **options)
    return f"max({first}, coalesce({second}, ''))"


@compiles(_Latest, "postgresql")
def _(element: _Latest, compiler: Any, **options: Any) -> str:
    first = compiler.process(element.first, **options)
    second = compiler.process(element.second, **options)
    return f"greatest({first}, {second})"


def parse_time(value: object) -> datetime | None:
    """Return a time as a driver gave it, as UTC; None for what is no time."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None
