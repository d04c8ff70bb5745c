"""One database: its connections, its transactions, and its errors made clear.

SQLAlchemy opens the connections; `Statement` objects then run on the driver's own cursor.
"""

__all__ = ["Database"]

import contextlib
import functools
import json
import os
import random
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.expression import ClauseElement, ColumnElement, Executable

from pylearn2_jobman.errors import TableUnreachableError, UsageError
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.faults import explain, is_locked
from pylearn2_jobman.jobman.database.statements import Cursor, Statement, parameter

T = TypeVar("T")

# A cable that is pulled says nothing: without these a worker would wait a quarter of an hour for an
# answer before it tried again.
_CONNECTION = {
    "connect_timeout": 10,  # seconds
    "tcp_user_timeout": 30_000,  # milliseconds that what was sent may stay without an answer
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,
    "keepalives_count": 3,
}

# Between two tries for SQLite's write lock. Shorter ones cost more than they gain: what another
# client wrote has to be read again, so that it is better to take turns of several claims.
_FIRST_PAUSE_SECONDS = 0.003
_LONGEST_PAUSE_SECONDS = 0.01

# Transactions that PostgreSQL itself asks to be tried again: serialization failure, deadlock.
_TRY_AGAIN = {"40001", "40P01"}
_TRIES = 5

# Every database of this process, for what has to happen when it forks.
_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


class Database:
    """The database at an address.

    Every transaction goes through `read` or `write`, which take the work as a function, so that it
    can be done once more on a new connection when the server was restarted in between. It is safe
    to use from several threads, which take turns, and on both sides of a fork.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        # An experiment in the worker's own process has another present directory.
        self._path = None if address.file is None else address.file.absolute()
        url = address.url
        options: dict[str, Any] = {"poolclass": NullPool}
        if address.is_sqlite:
            options["paramstyle"] = "named"
            options["connect_args"] = {
                "isolation_level": None,  # transactions are begun here, not by the driver
                "check_same_thread": False,
            }
            if "timeout" not in url.query:
                options["connect_args"]["timeout"] = address.busy_timeout_seconds
        else:
            options["isolation_level"] = "READ COMMITTED"
            options["connect_args"] = {
                name: value for name, value in _CONNECTION.items() if name not in url.query
            }
            if url.query.get("prepare_threshold") == "none":
                # Through a pooler, the next statement may meet another server process.
                options["connect_args"]["prepare_threshold"] = None
        try:
            self.engine = sa.create_engine(url, **options)
        except ModuleNotFoundError as error:
            raise UsageError(
                f"{address} needs the PostgreSQL driver: pip install 'pylearn2_jobman[postgres]'"
            ) from error
        prepare = _prepare_sqlite if address.is_sqlite else _prepare_postgresql
        sa.event.listen(self.engine, "connect", prepare)
        assert self.engine.dialect.dbapi is not None
        self._driver_error: type[Exception] = self.engine.dialect.dbapi.Error
        self._idle: list[Any] = []
        self._opened: tuple[int, int] | None = None  # device and inode of the SQLite file
        self._turn = threading.RLock()
        _databases.add(self)
        weakref.finalize(self, _close_all, self._idle)

    def statement(self, clause: Executable, columns: Sequence[str] | None = None) -> Statement:
        """Compile a statement for this database.

        Parameters
        ----------
        clause
            The statement; the values that it leaves open are given to `Statement.run` by name.
        columns
            The columns of an INSERT whose values are bound.
        """
        assert isinstance(clause, ClauseElement)
        return Statement(self.engine.dialect, clause, columns)

    def one_of(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Return the condition that a column is in a list of any length.

        What is bound to ``name`` is what `array` makes of the list.
        """
        if self.address.is_sqlite:
            items = sa.func.json_each(parameter(name)).table_valued("value")
            return column.in_(sa.select(items.c.value))
        # A number beyond the column's range is simply not in it.
        kind = sa.BigInteger() if isinstance(column.type, sa.Integer) else column.type
        return column == sa.any_(parameter(name, ARRAY(kind)))

    def array(self, values: Iterable[Any]) -> Any:
        """Return a list as the parameter that `one_of` takes."""
        return json.dumps(list(values)) if self.address.is_sqlite else list(values)

    def read(self, work: Callable[[Cursor], T]) -> T:
        """Do the work in a transaction that sees the database at one moment and changes nothing."""
        return self._transaction(work, "BEGIN", True)

    def write(self, work: Callable[[Cursor], T], *, repeatable: bool = True) -> T:
        """Do the work in a transaction: all of it is stored, or nothing.

        Parameters
        ----------
        work
            Called with a cursor; again from its start, when nothing of the first try was stored.
        repeatable
            Whether it can be called again.

        Raises
        ------
        TableUnreachableError
            If the database cannot be reached or written now: later it may.
        TableError
            If it refuses, with its own words.
        """
        return self._transaction(work, "BEGIN IMMEDIATE", repeatable)

    def has_failed(self, error: Exception) -> bool:
        """Return whether an error is the database's, and not of what it holds.

        What a driver cannot read of the rows that it got (text that is not UTF-8 in SQLite, a time
        beyond Python's in PostgreSQL) has no code of the database.
        """
        if not isinstance(error, self._driver_error):
            return False
        if self.address.is_sqlite:
            return getattr(error, "sqlite_errorcode", None) is not None
        return not (type(error).__name__ == "DataError" and getattr(error, "sqlstate", 0) is None)

    def close(self) -> None:
        """Close the connections; the next transaction opens a new one."""
        with self._turn:
            _close_all(self._idle)

    def explaining(self, work: Callable[[], T]) -> T:
        """Do what needs SQLAlchemy's own connections, with errors that mean something to a user."""
        try:
            return work()
        except sa.exc.DBAPIError as error:
            unconnected = error.connection_invalidated or error.statement is None
            raise explain(error, self.address, broken=unconnected) from error

    def _transaction(self, work: Callable[[Cursor], T], begin: str, repeatable: bool) -> T:
        with self._turn:
            if not repeatable:
                # A connection that lay idle may have died unnoticed.
                self.close()
            return self._try(work, begin, repeatable)

    def _try(self, work: Callable[[Cursor], T], begin: str, repeatable: bool) -> T:
        for attempt in range(1, _TRIES + 1):
            connection, reused = self._connection()
            committing = False
            try:
                cursor = connection.cursor()
                if self.address.is_sqlite:
                    self._begin_sqlite(cursor, begin)
                result = work(cursor)
                committing = True
                if self.address.is_sqlite:
                    self._patiently(cursor, "COMMIT")
                else:
                    connection.commit()
            except BaseException as error:
                broken = self._give_up(connection)
                if not isinstance(error, self._driver_error):
                    raise
                again = getattr(error, "sqlstate", None) in _TRY_AGAIN
                # A connection that broke before the commit was asked for stored nothing. The others
                # that lay idle are as old as this one.
                if broken and reused and not committing:
                    self.close()
                    again = True
                if not again or not repeatable or attempt == _TRIES:
                    raise explain(error, self.address, broken=broken) from error
            else:
                self._idle.append(connection)
                return result
        raise AssertionError("unreachable")

    def _begin_sqlite(self, cursor: Cursor, begin: str) -> None:
        self._patiently(cursor, begin)
        if begin == "BEGIN":
            # It opens nothing. A first reading does, and those that follow never find it locked.
            self._patiently(cursor, "SELECT rootpage FROM sqlite_master LIMIT 1")

    def _patiently(self, cursor: Cursor, sql: str) -> None:
        """Execute on an SQLite file that another process may have locked for now.

        SQLite's own waiting pauses up to 0.1 s between tries: meanwhile the lock lies idle though
        many wait for it, and no signal is heeded.
        """
        deadline = None
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                cursor.execute(sql)
                return
            except self._driver_error as error:
                now = time.monotonic()
                deadline = deadline or now + self.address.busy_timeout_seconds
                if not is_locked(error) or now > deadline:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _connection(self) -> tuple[Any, bool]:
        # SQLite goes on with the file that it has open, or makes an empty one: all would be lost.
        # And to one that was put in its place it takes the old one's journal to belong.
        present = self._file()
        if self._opened is not None and present != self._opened:
            what = "deleted or renamed" if present is None else "replaced by another"
            raise TableUnreachableError(f"{self.address} is gone: its file was {what}")
        try:
            return self._idle.pop(), True
        except IndexError:
            pass
        try:
            pooled = self.engine.raw_connection()
            connection: Any = pooled.driver_connection
            pooled.detach()
            if self.address.is_sqlite:
                connection.execute("PRAGMA busy_timeout = 0")  # see _patiently
        except (sa.exc.DBAPIError, self._driver_error) as error:
            raise explain(error, self.address, broken=True) from error
        self._opened = self._file()
        return connection, False

    def _file(self) -> tuple[int, int] | None:
        """Return which file is at the address; None for none, and for PostgreSQL."""
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _give_up(self, connection: Any) -> bool:
        """Roll back, keep the connection if it still works, and say whether it is broken."""
        with contextlib.suppress(self._driver_error):
            connection.rollback()
        broken = bool(getattr(connection, "closed", False))
        if not broken:
            self._idle.append(connection)
        return broken


def _close_all(connections: list[Any]) -> None:
    while connections:
        connections.pop().close()


def _before_fork() -> None:
    """Leave no connection to the child.

    Parent and child cannot both speak on one socket; and SQLite, which keeps per process what it
    has locked, would in the child take the parent's locks for its own: the file is then damaged.
    """
    for database in list(_databases):
        database._turn.acquire()
        _close_all(database._idle)


def _after_fork_in_parent() -> None:
    for database in list(_databases):
        database._turn.release()


def _after_fork_in_child() -> None:
    for database in list(_databases):
        database._turn = threading.RLock()


os.register_at_fork(
    before=_before_fork,
    after_in_parent=_after_fork_in_parent,
    after_in_child=_after_fork_in_child,
)


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    connection.adapters.register_loader("timestamp", _tolerant_loader())


@functools.cache
def _tolerant_loader() -> Any:
    """Return psycopg's loader of times, for which a time beyond Python's is none."""
    from psycopg import DataError
    from psycopg.types.datetime import TimestampLoader

    class TolerantLoader(TimestampLoader):
        def load(self, data: Any) -> Any:
            try:
                return super().load(data)
            except DataError:
                return None

    return TolerantLoader


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError as error:
            # A file that is read-only, or just then locked, stays as it is: slower, as safe.
            if not re.search("readonly|locked", str(error)):
                raise
    cursor.execute("PRAGMA synchronous = NORMAL")
