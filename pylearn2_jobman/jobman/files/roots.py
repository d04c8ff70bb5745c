"""Experiment roots: where the files of every job are kept, and how they get there and back."""

__all__ = ["ExperimentRoot", "LocalRoot", "SshRoot", "open_root", "path_below", "snapshot"]

import contextlib
import errno
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pylearn2_jobman.errors import PermanentFileError, UsageError
from pylearn2_jobman.jobman.files.ownership import check_own_below
from pylearn2_jobman.jobman.files.tree import copy_changed, make_way, walk

_OURS = frozenset({"stdout", "stderr", "orig.conf", "current.conf"})
_HIDDEN = re.compile(r"\..*\.no_sync")
_CONNECT_SECONDS = 20
_SILENT_SECONDS = 120  # without a byte from the other side
_NO_SYNC = ".no_sync"  # files with this ending stay in the working directory
# Files that are of no use once they are gone from the working directory, and may be large.
_TRANSIENT = ("checkpoint.pt", "checkpoint.previous.pt", "checkpoint.json")


# What will not go away by itself, whoever waits.
_PERMANENT = frozenset(
    {
        *(errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY),
        *(errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.EILSEQ, errno.EFBIG),
    }
)
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_ERRNO = re.compile(r"\((\d+)\)$")  # at the end of rsync's messages


class ExperimentRoot(Protocol):
    """A place with one directory for every job: ``<root>/<database>/<table>/<id>``."""

    def prepare(self) -> None:
        """Make the root if it is not there; raise UsageError if it cannot be used.

        Later it is never made again: where it is gone then, its disk is most likely away.
        """

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet.

        Raises
        ------
        PermanentFileError
            If that will never work.
        OSError
            If it did not work now.
        """

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root.

        What became a file, a directory or a link is that in the root too. A checkpoint that is gone
        from the working directory is removed; all other files stay. Errors are as for `fetch`.
        """

    def remove(self, job: str) -> None:
        """Remove a job's files for good; nothing if there are none. Errors are as for `fetch`."""

    def describe(self, job: str) -> str:
        """Return where a job's files are, as a user would write it."""


class LocalRoot:
    """An experiment root in a directory that this machine sees."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._mount = _mount_point(self.path)

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
        self._mount = _mount_point(self.path)

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""
        with self._explaining():
            source = check_own_below(self.path, path_below(self.path, job))
            if source is not None:
                copy_changed(source, workdir, ignored=_NO_SYNC, own=True)

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root."""
        with self._explaining():
            target = path_below(self.path, job)
            if check_own_below(self.path, target) is None:
                between = self.path
                for part in target.parent.relative_to(self.path).parts:
                    between = between / part  # for everybody's jobs, as the umask says
                    between.mkdir(exist_ok=True)
                target.mkdir(mode=0o755)
                check_own_below(self.path, target)
            copy_changed(workdir, target, ignored=_NO_SYNC)
            for name in _TRANSIENT:
                if not os.path.lexists(workdir / name):
                    make_way(target / name)

    def remove(self, job: str) -> None:
        """Remove a job's directory, if it is the user's own; nothing if there is none."""
        with self._explaining():
            directory = check_own_below(self.path, path_below(self.path, job))
            if directory is not None:
                shutil.rmtree(directory)

    def describe(self, job: str) -> str:
        """Return the path of a job's directory."""
        return str(path_below(self.path, job))

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        """Copy inside the ``with`` block; raise what the errors there mean."""
        if not self.path.is_dir() or _mount_point(self.path) != self._mount:
            raise FileNotFoundError(
                errno.ENOENT, "the experiment root is gone; is its disk mounted?", str(self.path)
            )
        try:
            yield
        except OSError as error:
            # Where nothing can be written to the root, that may pass.
            if error.errno in _PERMANENT or (
                error.errno in _FORBIDDEN and os.access(self.path, os.W_OK | os.X_OK)
            ):
                raise PermanentFileError(str(error)) from error
            raise


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
                self._send(Path(empty), self.path, make=f"mkdir -p {shlex.quote(self.path)}")
            except OSError as error:
                raise UsageError(
                    f"the experiment root {self.describe('')!r} cannot be used: {error}"
                ) from None

    def fetch(self, job: str, workdir: Path) -> None:
        """Copy a job's files into its working directory; nothing if there are none yet."""
        path = f"{self.path}/{job}"
        check = f"if test -e {shlex.quote(path)}; then {_check_own(path)}; fi"
        self._rsync(
            "--ignore-missing-args", f"--rsync-path={check} && rsync", f"{self.host}:{path}/",
            f"{workdir}/",
        )  # fmt: skip

    def push(self, workdir: Path, job: str) -> None:
        """Copy new and changed files of a working directory to the root."""
        # R: may be removed, P: must not be; the first that fits holds.
        removable = [f"--filter=R /{name}" for name in _TRANSIENT]
        root, target = shlex.quote(self.path), shlex.quote(f"{self.path}/{job}")
        self._send(
            workdir, f"{self.path}/{job}", "--force", "--delete", *removable, "--filter=P *",
            make=f"test -d {root} && mkdir -p {target} && {_check_own(f'{self.path}/{job}')}",
        )  # fmt: skip

    def remove(self, job: str) -> None:
        """Remove a job's directory, if it is the user's own; nothing if there is none."""
        path = f"{self.path}/{job}"
        quoted = shlex.quote(path)
        remove = f"if test -e {quoted}; then {_check_own(path)}; rm -rf {quoted}; fi"
        with tempfile.TemporaryDirectory() as empty:
            self._send(
                Path(empty), self.path, "--no-perms", "--no-times",
                make=f"test -d {shlex.quote(self.path)} && {{ {remove}; }}",
            )  # fmt: skip

    def read(self, job: str, name: str, target: Path | None) -> str:
        """Copy one file of a job to a path of this machine; without one, return the list of files.

        Links are not followed, nor copied. A file that is gone there goes here, too.
        """
        path = "/".join([self.path, job, *([name] if name else [])])
        below = [part for part in f"{job}/{name}".split("/") if part]
        way = ("/".join([self.path, *below[: i + 1]]) for i in range(len(below)))
        check = " && ".join(f"! test -L {shlex.quote(part)}" for part in way)
        options = ["--no-links", "--no-D", "--no-perms", "--no-owner", "--no-group"]
        options += ["--delete-missing-args", f"--rsync-path={check} && rsync"]
        if target is None:
            return self._rsync("--list-only", *options, f"{self.host}:{path}/")
        return self._rsync(*options, f"{self.host}:{path}", str(target))

    def describe(self, job: str) -> str:
        """Return the address of a job's directory."""
        return f"ssh://{self.host}:{self.path}/{job}"

    def _send(self, source: Path, target: str, *options: str, make: str) -> None:
        self._rsync(
            *options, f"--rsync-path={make} && rsync", f"{source}/", f"{self.host}:{target}/"
        )

    def _rsync(self, *arguments: str) -> str:
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
            line = words.splitlines()[0]
            number = _ERRNO.search(line)
            permanent = number is not None and int(number[1]) in _PERMANENT | _FORBIDDEN
            raise PermanentFileError(line) if permanent else OSError(line)
        return done.stdout


def _check_own(path: str) -> str:
    """Return shell commands that fail where a path is not the user's own directory, as rsync says.

    The number at the end of a message is read as that of the error.
    """
    quoted = shlex.quote(path)
    message = shlex.quote(f"{path} is not the user's own directory ({errno.EPERM})")
    return (
        f"if test -L {quoted} || ! test -d {quoted} || ! test -O {quoted}; "
        f"then echo {message} >&2; exit 1; fi"
    )


def path_below(root: Path, job: str) -> Path:
    """Return the directory of a job, ``<database>/<table>/<id>``, below an experiment root.

    In a root that holds the SQLite file itself, ``jobman sql 'sqlite:///jobs.db?table=t' .``, the
    directory cannot have that file's name: it is ``jobs.db.files``.
    """
    database, _, rest = job.partition("/")
    if (root / database).is_file():
        database += ".files"
    return root / database / rest


def snapshot(workdir: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file that an experiment may have written."""
    found = {}
    for directory, entries in walk(workdir):
        for entry in entries:
            if directory == workdir and (entry.name in _OURS or _HIDDEN.fullmatch(entry.name)):
                continue
            with contextlib.suppress(FileNotFoundError):
                if not entry.is_dir(follow_symlinks=False):
                    info = entry.stat(follow_symlinks=False)
                    found[entry.path] = (info.st_size, info.st_mtime_ns)
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


def _mount_point(path: Path) -> Path:
    """Return where the disk is mounted that a path is on, or would be."""
    while not path.is_mount() and path != path.parent:
        path = path.parent
    return path
