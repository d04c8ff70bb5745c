"""Experiment roots: where the files of every job are kept, and how they get there and back."""

__all__ = ["LocalRoot", "Root", "open_root", "snapshot"]

import contextlib
import os
import shutil
from pathlib import Path
from typing import Protocol

from pylearn2_jobman.errors import UsageError

_OURS = frozenset({"stdout", "stderr", "orig.conf", "current.conf"})
_NO_SYNC = ".no_sync"  # files with this ending stay in the working directory


class Root(Protocol):
    """A place with one directory for every job: ``<root>/<database>/<table>/<id>``."""

    def prepare(self) -> None:
        """Make the root if it is not there; raise UsageError if it cannot be used."""

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root; raise OSError."""

    def describe(self, job: str) -> str:
        """Return where a job's files are, as a user would write it."""


class LocalRoot:
    """An experiment root in a directory that this machine sees."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def prepare(self) -> None:
        """Make the root if it is not there; raise UsageError if it cannot be used."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"the experiment root {str(self.path)!r} cannot be made: {error.strerror}"
            ) from None
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise UsageError(f"the experiment root {str(self.path)!r} cannot be written to")

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""
        source = self.path / job
        if source.is_dir():
            _copy_changed(source, workdir)

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root; raise OSError."""
        target = self.path / job
        target.mkdir(parents=True, exist_ok=True)
        _copy_changed(workdir, target)

    def describe(self, job: str) -> str:
        """Return the path of a job's directory."""
        return str(self.path / job)


def snapshot(workdir: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file that an experiment may have written."""
    found = {}
    for directory, _, names in os.walk(workdir):
        for name in names:
            path = Path(directory, name)
            if name not in _OURS or Path(directory) != workdir:
                with contextlib.suppress(FileNotFoundError):
                    stat = path.lstat()
                    found[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return found


def open_root(text: str) -> Root:
    """Return the experiment root that a command line names.

    Raises
    ------
    UsageError
        If the address has a scheme that is not known.
    """
    scheme, separator, _ = text.partition("://")
    if separator:
        raise UsageError(f"an experiment root is a directory, not {scheme}://...")
    return LocalRoot(Path(text).expanduser())


def _copy_changed(source: Path, target: Path) -> None:
    """Copy a tree: what is new or differs in size or time, each file beside and then renamed."""
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.name.endswith(_NO_SYNC):
                continue
            there = target / entry.name
            try:
                if entry.is_symlink():
                    _copy_link(entry.path, there)
                elif entry.is_dir():
                    there.mkdir(exist_ok=True)
                    _copy_changed(Path(entry.path), there)
                elif entry.is_file() and not _same(entry.stat(), there):
                    beside = there.with_name(f".{entry.name}{_NO_SYNC}")
                    shutil.copy2(entry.path, beside)
                    beside.replace(there)
            except FileNotFoundError:
                if os.path.lexists(entry.path):  # else: a running experiment removed it meanwhile
                    raise


def _copy_link(source: str, there: Path) -> None:
    pointed_at = os.readlink(source)  # noqa: PTH115  (Path would lose a trailing slash)
    if there.is_symlink():
        if os.readlink(there) == pointed_at:  # noqa: PTH115
            return
        there.unlink()
    there.symlink_to(pointed_at)


def _same(stat: os.stat_result, there: Path) -> bool:
    try:
        other = there.stat()
    except FileNotFoundError:
        return False
    return stat.st_size == other.st_size and stat.st_mtime_ns == other.st_mtime_ns
