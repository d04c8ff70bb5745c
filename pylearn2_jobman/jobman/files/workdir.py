"""Working directories: which job one belongs to, who uses it, and taking one over.

A worker that is killed leaves its working directory behind, with what the experiment had written
since it was last stored. When the job comes back to the same machine, it is resumed in there. Two
locks keep others out: the worker's, from before the job begins until its files are at rest, and
that of the job's own process, which may outlive the worker for a moment.
"""

__all__ = ["WorkDirectory", "belongs_to", "in_use", "lock", "remove_given_up"]

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO, Self

from pylearn2_jobman.jobman.files.ownership import is_own
from pylearn2_jobman.jobman.files.tree import make_way
from pylearn2_jobman.whole_file import read_file

_OWNER = ".job.no_sync"  # holds <database>/<table>/<id>
_REMOVABLE = ".removable"  # ends the name of one that holds nothing of use, or not any more
_WORKER_LOCK = ".worker.no_sync"
_JOB_LOCK = ".lock.no_sync"
_OUT_OF_THE_WAY = 100  # the experiment's descriptors begin with 3, as a script's do


class WorkDirectory:
    """A working directory that this worker uses, and nobody else.

    Attributes
    ----------
    path
        Where it is.
    taken_over
        Whether an earlier attempt at the job left it: it is newer than what the root has.
    given_up
        Whether its files are stored, so that it is to be removed.
    """

    def __init__(self, path: Path, job: str, lock: IO[bytes], *, taken_over: bool = False) -> None:
        self.path = path
        self.taken_over = taken_over
        self.given_up = False
        self._job = job
        self._lock = lock

    @classmethod
    def make(cls, parent: Path | None, job: str) -> Self:
        """Make a fresh directory for a job.

        Parameters
        ----------
        parent
            Where; None: in the system's temporary directory.
        job
            ``<database>/<table>/<id>``.
        """
        _, table, number = job.rsplit("/", 2)
        prefix = f"jobman-{table}-{number}-"
        # Should this worker be killed now, the next one removes what it has begun to make.
        path = Path(tempfile.mkdtemp(prefix=prefix, suffix=_REMOVABLE, dir=parent)).absolute()
        directory = cls.use(path, job)
        directory.path = path.rename(path.with_suffix(""))
        return directory

    @classmethod
    def use(cls, path: Path, job: str) -> Self:
        """Use an empty directory for a job; it is made if it is not there."""
        path = path.absolute()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (path / _WORKER_LOCK).open("wb")
        _lock_here(lock)
        directory = cls(path, job, lock)
        directory.own()
        return directory

    @classmethod
    def take_over(cls, path: Path | None, job: str) -> Self | None:
        """Return the directory that the last attempt at a job left on this machine, if it did.

        Parameters
        ----------
        path
            Where that attempt was.
        job
            ``<database>/<table>/<id>``.
        """
        if path is None or belongs_to(path) != job:
            return None
        try:
            lock = (path / _WORKER_LOCK).open("a+b")  # not "ab", which waits at a named pipe
        except OSError:
            return None
        # Looked at again under the lock: whoever had it may have given the directory up meanwhile.
        if not _lock_here(lock) or belongs_to(path) != job or _is_locked_by_job(path):
            lock.close()
            return None
        return cls(path, job, lock, taken_over=True)

    def own(self) -> None:
        """Write into the directory which job it belongs to."""
        if self.given_up and self.path.suffix == _REMOVABLE:
            self.path = self.path.rename(self.path.with_suffix(""))
        self.given_up = False
        owner = self.path / _OWNER
        if owner.is_symlink() or not owner.is_file():  # an experiment may have put anything there
            make_way(owner)
        owner.write_text(self._job, encoding="utf-8")

    def give_up(self) -> None:
        """Let nobody take it over any more: its files are stored, and it will be removed."""
        self.given_up = True
        try:
            self.path = self.path.rename(self.path.with_name(f"{self.path.name}{_REMOVABLE}"))
        except OSError:  # a mount point, or an experiment has deleted it
            with contextlib.suppress(OSError):
                (self.path / _OWNER).unlink()

    def remove(self) -> None:
        """Remove it, whose files are stored; raise OSError if something still writes there."""
        with contextlib.suppress(FileNotFoundError):
            make_way(self.path)  # an experiment may have made a file or a link of it

    def close(self) -> None:
        """Leave it to whoever takes it over."""
        self._lock.close()


def remove_given_up(parent: Path) -> None:
    """Remove the directories that workers had given up and were killed before they removed them."""
    with contextlib.suppress(OSError):
        for path in parent.glob(f"jobman-*{_REMOVABLE}"):
            with contextlib.suppress(OSError):  # somebody else's
                if is_own(path) and not in_use(path):
                    make_way(path)


def belongs_to(path: Path) -> str | None:
    """Return the job that a directory belongs to, if it is a working directory of this user."""
    if not is_own(path):
        return None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return read_file(path / _OWNER).decode()
    return None


def lock(path: Path) -> int:
    """Lock a directory for as long as this process lives and leaves the descriptor open.

    A lock of this kind does not pass on to the processes that this one forks.
    """
    opened = os.open(path / _JOB_LOCK, os.O_WRONLY | os.O_CREAT)
    descriptor = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
    os.close(opened)
    with contextlib.suppress(OSError):  # some network file systems have no locks
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def in_use(path: Path) -> bool:
    """Return whether a worker or a job's process uses a directory."""
    try:
        with (path / _WORKER_LOCK).open("r+b") as file:
            if not _lock_here(file):
                return True
    except FileNotFoundError:
        pass
    except OSError:
        return True
    return _is_locked_by_job(path)


def _lock_here(file: IO[bytes]) -> bool:
    """Lock a file for this opening of it; return whether that worked.

    A lock of this kind keeps out other threads of this process, too.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems have no locks
        return True
    return True


def _is_locked_by_job(path: Path) -> bool:
    try:
        with (path / _JOB_LOCK).open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
