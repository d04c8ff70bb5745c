"""What tests arrange in a job table, and look up there, that no method of it does.

All of it goes by the table's public address, on connections of its own.
"""

__all__ = [
    "add_cell",
    "age_heartbeats",
    "connections_opened",
    "empty",
    "index_names",
    "let_end",
    "query",
    "set_cell",
]

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.status import Status


def query(url: str, sql: str) -> list[dict[str, Any]]:
    """Return the rows of a plain SQL query, by column."""
    with _opened(url) as (connection, _):
        done = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return [dict(row) for row in done.mappings()]


def index_names(url: str, table: str) -> set[str]:
    """Return the names of the indexes of a table of the database."""
    with _opened(url) as (connection, _):
        return {str(index["name"]) for index in sa.inspect(connection).get_indexes(table)}


def age_heartbeats(url: str, seconds: float, status: Status = Status.RUNNING) -> None:
    """Let the last heartbeat of every running job lie so many seconds further back.

    Of a waiting job, it is the end of its pause.
    """
    with _opened(url) as (connection, schema):
        trial = schema.trial
        running = (trial.c.status == int(status)) & trial.c.write.is_not(None)
        held = sa.select(trial.c.id, trial.c.write).where(running)
        for job_id, write in connection.execute(held).all():
            earlier = write - timedelta(seconds=seconds)
            connection.execute(sa.update(trial).where(trial.c.id == job_id).values(write=earlier))


def empty(url: str) -> None:
    """Delete every job."""
    with _opened(url) as (connection, schema):
        connection.execute(sa.delete(schema.keyval))
        connection.execute(sa.delete(schema.trial))


def let_end(url: str, job_id: int, minutes_ago: float) -> None:
    """Let a job be done, and have ended so many minutes ago."""
    with _opened(url) as (connection, schema):
        trial = schema.trial
        end = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=minutes_ago)
        done = sa.update(trial).where(trial.c.id == job_id)
        connection.execute(done.values(status=int(Status.DONE), write=end))


def set_cell(url: str, job_id: int, key: str, **columns: Any) -> None:
    """Damage the row that holds a key of a job: put values into columns of it."""
    with _opened(url) as (connection, schema):
        keyval = schema.keyval
        cell = (keyval.c.dict_id == job_id) & (keyval.c.name == key)
        connection.execute(sa.update(keyval).where(cell).values(**columns))


def add_cell(url: str, job_id: int, key: str, **columns: Any) -> None:
    """Add a row for a key of a job, though there may be one."""
    with _opened(url) as (connection, schema):
        row = sa.insert(schema.keyval).values(dict_id=job_id, name=key, **columns)
        connection.execute(row)


@contextlib.contextmanager
def connections_opened(seen: Callable[[Any], object]) -> Iterator[None]:
    """Call a function with every connection to a database that is opened meanwhile.

    For what a database keeps per connection. A table that was closed opens a new one when used.
    """

    def opened(connection: Any, _record: Any) -> None:
        seen(connection)

    sa.event.listen(sa.Engine, "connect", opened)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "connect", opened)


@contextlib.contextmanager
def _opened(url: str) -> Iterator[tuple[sa.Connection, Schema]]:
    address = Address.parse(url)
    engine = sa.create_engine(address.url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection, Schema(address.table)
