"""Files that are never half there: written beside, flushed to the disk, renamed; and read."""

__all__ = ["decoded", "read_file", "read_text", "whole_file"]

import codecs
import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pylearn2_jobman.errors import JobmanError, UsageError

_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32 begins like one of them


@contextmanager
def whole_file(path: Path, *, old: Path | None = None, flush: bool = True) -> Iterator[IO[bytes]]:
    """Give a file to write, which becomes ``path`` at the end of the ``with`` block.

    After an exception in the block, ``path`` holds what it held before. The file beside is one that
    workers do not copy.

    Parameters
    ----------
    path
        The file.
    old
        What becomes of the file that is there now; None: it is gone.
    flush
        Whether it is on the disk then, and would be whole after a power failure.
    """
    beside = path.absolute().with_name(f".{path.name}.{secrets.token_hex(8)}.no_sync")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if flush:
                os.fsync(file.fileno())
        if old is not None and path.exists():
            path.replace(old)
        beside.replace(path)
        if flush:
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


def read_text(path: Path) -> str:
    """Return the text of a file, with line feeds at the ends of lines; see `decoded`.

    Raises
    ------
    OSError
        If it cannot be read, or is not a file.
    UsageError
        If it is not UTF-8, naming the line.
    """
    return decoded(read_file(path), path).replace("\r\n", "\n").replace("\r", "\n")


def decoded(data: bytes, name: object = "", kind: type[JobmanError] = UsageError) -> str:
    """Return what bytes are in UTF-8, which may begin with a byte-order mark.

    Parameters
    ----------
    data
        The bytes of a text.
    name
        The file that they are from, for the error; empty where there is none.
    kind
        The class of the error.

    Raises
    ------
    UsageError, or ``kind``
        If they are not UTF-8, or hold a NUL character as UTF-16 does, naming the file and the line.
    """
    where = f"{name}, " if str(name) else ""
    if data.startswith(_OTHER_MARKS):
        raise kind(f"{where}line 1: the text is UTF-16: save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise kind(f"{where}line {line}: a NUL character (is the text UTF-16?): save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise kind(
            f"{where}line {line}: the byte 0x{byte:02x} is not UTF-8 "
            "(is the text Latin-1?): save it as UTF-8"
        ) from None


def _sync_directory(path: Path) -> None:
    """Let renamings in a directory reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
