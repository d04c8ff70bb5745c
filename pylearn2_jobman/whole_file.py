"""Files that are never half there: written beside, flushed to the disk, renamed; and read."""

__all__ = ["read_file", "whole_file"]

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path, *, old: Path | None = None) -> Iterator[IO[bytes]]:
    """Give a file to write, which becomes ``path`` at the end of the ``with`` block.

    After an exception in the block, ``path`` holds what it held before. The file beside is one that
    workers do not copy.

    Parameters
    ----------
    path
        The file.
    old
        What becomes of the file that is there now; None: it is gone.
    """
    beside = path.absolute().with_name(f".{path.name}.{secrets.token_hex(8)}.no_sync")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if old is not None and path.exists():
            path.replace(old)
        beside.replace(path)
        _sync_directory(path.absolute().parent)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        raise


def read_file(path: Path, last: int | None = None) -> bytes:
    """Return what a file holds, without waiting: there may be a named pipe, or an endless device.

    Parameters
    ----------
    path
        The file.
    last
        How many bytes of its end are wanted at most; None: all there is.

    Raises
    ------
    OSError
        If it cannot be read, or is not a file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        if last is not None:
            file.seek(max(info.st_size - last, 0))
        return file.read()


def _sync_directory(path: Path) -> None:
    """Let renamings in a directory reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
