"""Files that are never half there: written beside, flushed to the disk, renamed."""

__all__ = ["whole_file"]

import contextlib
import os
import tempfile
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
    descriptor, name = tempfile.mkstemp(
        prefix=f".{path.name}.", suffix=".no_sync", dir=path.absolute().parent
    )
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o666 & ~_umask())
        if old is not None and path.exists():
            path.replace(old)
        beside.replace(path)
        _sync_directory(path.absolute().parent)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        raise


def _sync_directory(path: Path) -> None:
    """Let renamings in a directory reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
