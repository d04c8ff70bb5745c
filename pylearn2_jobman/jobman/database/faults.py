"""The errors of the database drivers, in words that mean something to a job table's user."""

__all__ = ["explain", "is_locked"]

from pylearn2_jobman.errors import JobmanError, TableError, TableUnreachableError, UsageError
from pylearn2_jobman.jobman.database.address import Address

# PostgreSQL's disk is full, its memory, its connections: in a while they may not be.
_PASSING = {"53000", "53100", "53200", "53300", "53400"}


def explain(error: Exception, address: Address, *, broken: bool) -> JobmanError:
    """Return the package's error that says what the driver's error means for the user."""
    cause = getattr(error, "orig", None) or error
    message = " ".join(str(cause).split())
    name = getattr(cause, "sqlite_errorname", "")
    if is_locked(cause):
        return TableUnreachableError(
            f"{address} is locked: another process has kept it locked for more than "
            f"{address.busy_timeout_seconds:g} s; nothing was changed"
        )
    if name.startswith("SQLITE_FULL"):
        return TableUnreachableError(
            f"{address} cannot be written, the disk is full: "
            "nothing of this change was stored, nothing stored before is lost"
        )
    if name.startswith("SQLITE_IOERR"):
        return TableUnreachableError(f"{address} cannot be read or written: {message}")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY")):
        return TableUnreachableError(
            f"{address} cannot be opened: is there such a directory, and may you write in it? "
            "SQLite does so even to read; where you may not, copy the file elsewhere"
        )
    if name.startswith("SQLITE_READONLY"):
        return TableError(f"{address} may be read but not written by you; nothing was changed")
    if name == "SQLITE_NOTADB":
        return UsageError(f"{address}: the file is not an SQLite database")
    if broken or getattr(cause, "sqlstate", None) in _PASSING:
        return TableUnreachableError(f"{address} does not answer: {message}")
    return TableError(f"{address} refused: {message}")


def is_locked(error: BaseException) -> bool:
    """Return whether SQLite says that others have the file locked, or a table of it."""
    name: str = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"))
