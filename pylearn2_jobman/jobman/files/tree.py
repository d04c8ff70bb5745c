"""Trees of files: walked to any depth, copied so that the copy is equal, removed.

Python 3.11's own ``os.walk``, ``copytree`` and ``rmtree`` call themselves for every level, and fail
at the thousandth.
"""

__all__ = ["copy_changed", "make_way", "remove", "walk"]

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path


def walk(root: Path) -> Iterator[tuple[Path, list[os.DirEntry[str]]]]:
    """Yield every directory below and including ``root``, from above, with what is in it.

    Links are not followed. A directory that is gone by the time it is reached is left out; so is
    one that the caller removes from the list.
    """
    waiting = [root]
    while waiting:
        directory = waiting.pop()
        try:
            with os.scandir(directory) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        yield directory, entries
        waiting += [
            Path(entry.path) for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)
        ]


def copy_changed(source: Path, target: Path, *, ignored: str, own: bool = False) -> None:
    """Copy what is new in a tree, or differs in kind, size or time; what else is there stays.

    Each file is written beside its place and then renamed, so that none is ever half there.

    Parameters
    ----------
    source, target
        Directories that exist. ``source`` may change meanwhile.
    ignored
        What ends in this is not copied.
    own
        Whether nothing may be in ``source`` that belongs to somebody else, such as a link.

    Raises
    ------
    OSError
        If something cannot be read or written, or is somebody else's.
    """
    for directory, entries in walk(source):
        entries[:] = [entry for entry in entries if not entry.name.endswith(ignored)]
        there = target / directory.relative_to(source)
        for entry in entries:
            try:
                if own and entry.stat(follow_symlinks=False).st_uid != os.geteuid():
                    raise PermissionError(
                        errno.EPERM, "it belongs to another user, and is not copied", entry.path
                    )
                _copy(entry, there / entry.name, ignored)
            except FileNotFoundError:
                if os.path.lexists(entry.path):  # else it was removed meanwhile
                    raise


def remove(root: Path) -> None:
    """Remove a tree.

    Raises
    ------
    OSError
        If something cannot be removed, or is written there meanwhile.
    """
    try:
        shutil.rmtree(root)
    except RecursionError:
        directories = []
        for directory, entries in walk(root):
            directories.append(directory)
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink(missing_ok=True)
        for directory in reversed(directories):
            directory.rmdir()


def _copy(entry: os.DirEntry[str], there: Path, ignored: str) -> None:
    if entry.is_symlink():
        pointed_at = os.readlink(entry.path)  # noqa: PTH115  (Path would lose a trailing slash)
        if not (there.is_symlink() and os.readlink(there) == pointed_at):  # noqa: PTH115
            make_way(there)
            there.symlink_to(pointed_at)
    elif entry.is_dir(follow_symlinks=False):
        if not stat.S_ISDIR(_mode(there)):
            make_way(there)
            there.mkdir()
    elif entry.is_file(follow_symlinks=False) and not _same(entry.stat(), there):
        if stat.S_ISDIR(_mode(there)):
            remove(there)
        # Not named after the file, whose name may be as long as names can be.
        name = hashlib.sha1(entry.name.encode(errors="surrogateescape"), usedforsecurity=False)
        beside = there.with_name(f".{name.hexdigest()}{ignored}")
        make_way(beside)
        try:
            shutil.copy2(entry.path, beside)
            beside.replace(there)
        except BaseException:
            with contextlib.suppress(OSError):  # of a full disk, it holds the last bytes
                beside.unlink()
            raise


def make_way(there: Path) -> None:
    """Remove what has another kind than what is to come in its place."""
    if stat.S_ISDIR(_mode(there)):
        remove(there)
    else:
        there.unlink(missing_ok=True)


def _mode(path: Path) -> int:
    """Return a file's mode, without following links; 0 where there is none."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _same(info: os.stat_result, there: Path) -> bool:
    try:
        other = there.lstat()
    except FileNotFoundError:
        return False
    return (
        stat.S_ISREG(other.st_mode)
        and info.st_size == other.st_size
        and info.st_mtime_ns == other.st_mtime_ns
    )
