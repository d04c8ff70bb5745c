"""The files in a job's directory: their list and the ends of them, without ever leaving it."""

__all__ = ["MOST_FILES", "TAIL_BYTES", "JobFile", "JobFiles"]

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_FILES = 1000
TAIL_BYTES = 64 * 1024


@dataclass(frozen=True)
class JobFile:
    """A regular file in a job's directory: its path there, bytes, and seconds since 1970."""

    name: str
    size: int
    modified: float


@dataclass(frozen=True)
class JobFiles:
    """A job's directory, which the page and the command line show.

    Links are not followed, and the worker's own files (``.no_sync``) are not listed. Files may come
    and go meanwhile.
    """

    path: Path

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    def listing(self) -> list[JobFile]:
        """Return the regular files, at most `MOST_FILES` of them, by name."""
        found = []
        for name, info in self._walk():
            found.append(JobFile(name, info.st_size, info.st_mtime))
            if len(found) == MOST_FILES:
                break
        return sorted(found, key=lambda file: file.name)

    def _walk(self) -> Iterator[tuple[str, os.stat_result]]:
        if self.path.is_symlink():
            return
        for directory, folders, names in os.walk(self.path):
            folders.sort()
            for name in sorted(names):
                path = Path(directory, name)
                with contextlib.suppress(OSError):
                    info = path.lstat()
                    if stat.S_ISREG(info.st_mode) and not name.endswith(".no_sync"):
                        yield path.relative_to(self.path).as_posix(), info

    def open(self, name: str) -> IO[bytes]:
        """Open one of the files that `listing` names.

        Every part of the path is opened in the directory before it and without following links,
        so that no name and no race leads anywhere else.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        """
        parts = self.check(name)
        try:
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise FileNotFoundError(name) from error
        try:
            for part in parts[:-1]:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            # A pipe would keep the reader waiting for a writer.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            file = os.open(parts[-1], flags, dir_fd=folder)
        except OSError as error:
            raise FileNotFoundError(name) from error
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise FileNotFoundError(name)
        return os.fdopen(file, "rb")

    @staticmethod
    def check(name: str) -> list[str]:
        """Return the parts of a path; raise FileNotFoundError if it may lead elsewhere."""
        parts = name.split("/")
        if not all(parts) or {".", ".."} & set(parts) or "\0" in name:
            raise FileNotFoundError(name)
        return parts

    def modified(self, name: str) -> float:
        """Return when a file was written last, in seconds since 1970; 0 if there is none."""
        try:
            with self.open(name) as file:
                return os.fstat(file.fileno()).st_mtime
        except OSError:
            return 0.0

    def tail(self, name: str) -> str:
        """Return the end of a text file, at most `TAIL_BYTES`; empty if there is none."""
        try:
            with self.open(name) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL_BYTES))
                text = file.read(TAIL_BYTES).decode(errors="replace")
        except OSError:
            return ""
        return text if size <= TAIL_BYTES else text.partition("\n")[2]
