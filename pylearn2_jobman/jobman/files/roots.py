"""Experiment roots: where the files of every job are kept, and how they get there and back."""

__all__ = ["ExperimentRoot", "LocalRoot", "SshRoot", "open_root", "snapshot"]

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from pylearn2_jobman.errors import UsageError

_OURS = frozenset({"stdout", "stderr", "orig.conf", "current.conf"})
_HIDDEN = re.compile(r"\..*\.no_sync")
_CONNECT_SECONDS = 20
_SILENT_SECONDS = 120  # without a byte from the other side
_NO_SYNC = ".no_sync"  # files with this ending stay in the working directory
# Files that are of no use once they are gone from the working directory, and may be large.
_TRANSIENT = ("checkpoint.pt", "checkpoint.previous.pt", "checkpoint.json")


class ExperimentRoot(Protocol):
    """A place with one directory for every job: ``<root>/<database>/<table>/<id>``."""

    def prepare(self) -> None:
        """Make the root if it is not there; raise UsageError if it cannot be used."""

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root; raise OSError.

        A checkpoint that is gone from the working directory is removed; all other files stay.
        """

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
        for name in _TRANSIENT:
            if not (workdir / name).exists():
                (target / name).unlink(missing_ok=True)

    def describe(self, job: str) -> str:
        """Return the path of a job's directory."""
        return str(self.path / job)


class SshRoot:
    """An experiment root on a machine that ``ssh`` reaches; files go there and back by ``rsync``.

    Host names, users, ports and keys come from the user's own ssh configuration. ``RSYNC_RSH``
    replaces ``ssh``, as rsync has it.
    """

    def __init__(self, host: str, path: str) -> None:
        self.host = host
        self.path = path.removeprefix("~/").rstrip("/") or ("/" if path.startswith("/") else ".")

    def prepare(self) -> None:
        """Make the root if it is not there; raise UsageError if it cannot be used."""
        if shutil.which("rsync") is None:
            raise UsageError(
                "an experiment root at ssh:// needs rsync, which is not installed here"
            )
        with tempfile.TemporaryDirectory() as empty:
            try:
                self._send(Path(empty), self.path)
            except OSError as error:
                raise UsageError(
                    f"the experiment root {self.describe('')!r} cannot be used: {error}"
                ) from None

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""
        source = f"{self.host}:{self.path}/{job}/"
        self._rsync("--ignore-missing-args", source, f"{workdir}/")

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root; raise OSError."""
        # R: may be removed, P: must not be; the first that fits holds.
        removable = [f"--filter=R /{name}" for name in _TRANSIENT]
        self._send(workdir, f"{self.path}/{job}", "--delete", *removable, "--filter=P *")

    def describe(self, job: str) -> str:
        """Return the address of a job's directory."""
        return f"ssh://{self.host}:{self.path}/{job}"

    def _send(self, source: Path, target: str, *options: str) -> None:
        make = f"mkdir -p {shlex.quote(target)} && rsync"
        self._rsync(*options, f"--rsync-path={make}", f"{source}/", f"{self.host}:{target}/")

    def _rsync(self, *arguments: str) -> None:
        command = ["rsync", "--archive", "--protect-args", f"--exclude=*{_NO_SYNC}"]
        if "RSYNC_RSH" not in os.environ:  # never wait for a password that nobody can type
            command.append(f"--rsh=ssh -o BatchMode=yes -o ConnectTimeout={_CONNECT_SECONDS}")
        command.append(f"--timeout={_SILENT_SECONDS}")
        done = subprocess.run(  # noqa: S603
            [*command, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
            check=False, start_new_session=True,
        )  # fmt: skip
        # 24: a running experiment removed a file meanwhile.
        if done.returncode not in (0, 24):
            words = done.stderr.strip() or f"rsync ended with exit code {done.returncode}"
            raise OSError(words.splitlines()[0])


def snapshot(workdir: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file that an experiment may have written."""
    found = {}
    for directory, _, names in os.walk(workdir):
        for name in names:
            if Path(directory) == workdir and (name in _OURS or _HIDDEN.fullmatch(name)):
                continue
            path = Path(directory, name)
            with contextlib.suppress(FileNotFoundError):
                stat = path.lstat()
                found[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return found


def open_root(text: str) -> ExperimentRoot:
    """Return the experiment root that a command line names.

    Raises
    ------
    UsageError
        If the address is not understood.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return LocalRoot(Path(text).expanduser())
    if scheme != "ssh":
        raise UsageError(
            f"an experiment root is a directory or ssh://[user@]host:path, not {scheme}://..."
        )
    host, colon, path = rest.partition(":")
    if not colon:
        host, slash, path = rest.partition("/")
        path = slash + path
    if not host or host.startswith("-") or not path:
        raise UsageError(f"{text!r} is not of the form ssh://[user@]host:path")
    return SshRoot(host, path)


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
