"""Working directories: which job one belongs to, whether it is in use, and taking one over.

A worker that is killed leaves its working directory behind, with the files that the experiment
wrote since it was last stored. When the job comes back to the same machine, it is resumed in there.
"""

__all__ = ["belongs_to", "in_use", "lock", "make", "take_over", "write_owner"]

import contextlib
import fcntl
import tempfile
from pathlib import Path
from typing import IO

_OWNER = ".job.no_sync"  # holds <database>/<table>/<id>
_LOCK = ".lock.no_sync"


def make(parent: Path | None, job: str) -> Path:
    """Make a fresh directory for a job.

    Parameters
    ----------
    parent
        Where; None: in the system's temporary directory.
    job
        ``<database>/<table>/<id>``.
    """
    _, table, number = job.rsplit("/", 2)
    path = Path(tempfile.mkdtemp(prefix=f"jobman-{table}-{number}-", dir=parent)).absolute()
    write_owner(path, job)
    return path


def write_owner(path: Path, job: str) -> None:
    """Write into a directory which job it belongs to."""
    (path / _OWNER).write_text(job, encoding="utf-8")


def belongs_to(path: Path) -> str | None:
    """Return the job that a directory belongs to, if it is a working directory."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (path / _OWNER).read_text(encoding="utf-8")
    return None


def lock(path: Path) -> IO[bytes]:
    """Lock a directory for as long as this process lives and keeps what is returned.

    A lock of this kind does not pass on to the processes that this one forks.
    """
    file = (path / _LOCK).open("wb")
    with contextlib.suppress(OSError):  # some network file systems have no locks
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def in_use(path: Path) -> bool:
    """Return whether a living process has locked a directory."""
    try:
        with (path / _LOCK).open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def take_over(previous: object, job: str) -> Path | None:
    """Return the directory that the last attempt at a job left on this machine, if it did.

    Parameters
    ----------
    previous
        That directory, according to the job's state.
    job
        ``<database>/<table>/<id>``.
    """
    if not isinstance(previous, str):
        return None
    path = Path(previous)
    if belongs_to(path) != job or in_use(path):
        return None
    return path
