"""Whose a directory is: what a row or a root names is used only if it is this user's own.

Whoever can write to the table can name any directory of the machine in it, and whoever can write to
a shared root can put a link where a job's directory should be.
"""

__all__ = ["check_own", "check_own_below", "is_own"]

import errno
import os
import stat
from pathlib import Path


def check_own(path: Path) -> None:
    """Refuse what is not a directory of the effective user; a link to one is not one.

    Raises
    ------
    NotADirectoryError
        If it is a link or a file.
    PermissionError
        If it belongs to somebody else.
    OSError
        If it is not there or cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = os.fstat(descriptor).st_uid
    finally:
        os.close(descriptor)
    if owner != os.geteuid():
        raise PermissionError(
            errno.EPERM,
            f"it belongs to user {owner}, and this is user {os.geteuid()}: the directory of a job "
            "has to be the user's own",
            str(path),
        )


def is_own(path: Path) -> bool:
    """Return whether a path leads to the effective user's own directory, that nobody else fills."""
    try:
        check_own(path)
        return not path.lstat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    except OSError:
        return False


def check_own_below(root: Path, directory: Path) -> Path | None:
    """Return a directory below a root; None if it is not there.

    Raises
    ------
    OSError
        If it is not the effective user's own, or there is a link on the way from the root.
    """
    path = root
    for part in directory.relative_to(root).parts:
        path = path / part
        if not os.path.lexists(path):
            return None
        if path.is_symlink():
            raise NotADirectoryError(
                errno.ENOTDIR, "it is a link, which is not followed", str(path)
            )
    check_own(path)
    return path
