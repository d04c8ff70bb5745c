"""Paths that a job gives: without a list as they are, with one only where a job may read or write.

A job reads in its own directory, which is the present one, and under ``PYLEARN2_DATA_PATH``; it
writes in its own directory alone. Links count as what they lead to.
"""

__all__ = ["job_path", "not_quoting", "reading"]

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import PathNotAllowedError
from pylearn2_jobman.fence.allow import allow_list

# The worker's files in a job's directory; those that begin with a dot are its own as well.
_OF_THE_WORKER = frozenset({"current.conf", "orig.conf", "stderr", "stdout"})


def job_path(given: Any, *, write: bool = False) -> Any:
    """Return the path to open for one that a job gives.

    Parameters
    ----------
    given
        The path, of a file or a directory.
    write
        Whether it is to be written.

    Returns
    -------
    str or os.PathLike or Path
        Without a list, what was given. With one, the absolute path without links in it.

    Raises
    ------
    PathNotAllowedError
        With a list, if a job may not do that there; the message says why.
    """
    if allow_list() is None:
        return given
    if not isinstance(given, str | os.PathLike) or "\0" in (text := os.fspath(given)):
        raise PathNotAllowedError(f"{given!r} is not a path")
    if "://" in text:
        raise PathNotAllowedError(f"{text!r} is an address; with JOBMAN_ALLOW, jobs read files")
    try:
        path = Path(text).resolve()
    except (OSError, RuntimeError):  # links that go in circles
        raise PathNotAllowedError(f"{text!r} leads nowhere") from None
    home, data = Path.cwd().resolve(), _data_path()
    if write and data is not None and home.is_relative_to(data):
        data = None  # working directories are on the disk of the data; this one is the job's own
    leads = "" if Path(text) == path else f", which leads to {str(path)!r},"
    in_data = data is not None and path.is_relative_to(data)
    if write:
        _check_writable(path, home, in_data, f"{text!r}{leads}")
    elif not in_data and not path.is_relative_to(home):
        raise PathNotAllowedError(
            f"{text!r}{leads} is not allowed here: with JOBMAN_ALLOW, a job reads only in its "
            "directory and under PYLEARN2_DATA_PATH"
            f"{'' if data is not None else ', which is not set'}"
        )
    if path.exists() and not stat.S_ISREG(kind := path.stat().st_mode) and not stat.S_ISDIR(kind):
        raise PathNotAllowedError(f"{text!r}{leads} is neither a file nor a directory")
    return path


@contextmanager
def reading(given: Any) -> Iterator[Any]:
    """Give the path to read for one that a job gives, and keep what is there out of errors.

    With a list, an error about the contents of the file says only which file it is: its message
    goes into the job table, where others read it.

    Raises
    ------
    PathNotAllowedError
        As `job_path`.
    ValueError
        With a list, instead of any error but those of the system and of the list itself.
    """
    path = job_path(given)
    with not_quoting(given):
        yield path


@contextmanager
def not_quoting(path: Any) -> Iterator[None]:
    """Read a file inside the ``with`` block; see `reading`."""
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        of_the_system = isinstance(error, OSError) and error.errno is not None
        if of_the_system or allow_list() is None:
            raise
        raise ValueError(
            f"{os.fspath(path)!r} does not hold what is to be read from it "
            f"({type(error).__name__}; with JOBMAN_ALLOW no more is said)"
        ) from None


def _check_writable(path: Path, home: Path, in_data: bool, named: str) -> None:
    if in_data or path == home or not path.is_relative_to(home):
        raise PathNotAllowedError(
            f"{named} is not allowed here: with JOBMAN_ALLOW, a job writes only in its directory"
            f"{' and never under PYLEARN2_DATA_PATH' if in_data else ''}"
        )
    parts = path.relative_to(home).parts
    if any(part.startswith(".") for part in parts) or parts[0] in _OF_THE_WORKER:
        raise PathNotAllowedError(f"{named} is not allowed here: the worker keeps that file")


def _data_path() -> Path | None:
    root = os.environ.get("PYLEARN2_DATA_PATH")
    return Path(root).resolve() if root else None
