"""`RemoteFiles`: a job's directory on another machine, copied here as far as it is asked for."""

__all__ = ["RemoteFiles"]

import hashlib
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pylearn2_jobman.jobman.files.listing import MOST_FILES, JobFile, JobFiles
from pylearn2_jobman.jobman.files.roots import SshRoot

_FRESH_SECONDS = 15.0  # how long what was asked for counts as new, an error too
_LISTED = re.compile(r"-\S+ +([\d,.]+) (\d+/\d\d/\d\d \d\d:\d\d:\d\d) (.+)")  # links are left out

_asked: dict[tuple[str, str], tuple[float, OSError | str]] = {}
_turn = threading.Lock()


@dataclass(frozen=True)
class RemoteFiles(JobFiles):
    """The files of a job in an experiment root at ``ssh://``.

    Copies are kept in ``~/.cache/pylearn2_jobman`` (``XDG_CACHE_HOME``), and asked for anew when
    they are some seconds old: ``rsync`` sends what has changed.

    Attributes
    ----------
    root
        The experiment root.
    job
        ``<database>/<table>/<id>``.
    """

    root: SshRoot
    job: str

    @classmethod
    def of(cls, root: SshRoot, job: str) -> "RemoteFiles":
        """Return the files of a job, none of which is looked at yet."""
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        name = hashlib.sha1(root.describe(job).encode(), usedforsecurity=False).hexdigest()
        return cls(Path(cache).expanduser() / "pylearn2_jobman" / "files" / name, root, job)

    @property
    def address(self) -> str:
        """Where they are, for people."""
        return self.root.describe(self.job)

    def listing(self) -> list[JobFile]:
        """Return the regular files, at most `MOST_FILES` of them, by name.

        Raises
        ------
        OSError
            If the other machine does not tell.
        """
        found = []
        for line in self._ask("").splitlines():
            if match := _LISTED.fullmatch(line):
                size = int(re.sub(r"\D", "", match[1]))
                modified = time.mktime(time.strptime(match[2], "%Y/%m/%d %H:%M:%S"))
                found.append(JobFile(match[3], size, modified))
        return sorted(found, key=lambda file: file.name)[:MOST_FILES]

    def open(self, name: str) -> IO[bytes]:
        """Open a copy of one of the files that `listing` names; errors are as for `listing`."""
        self.check(name)
        target = self.path / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ask(name, target)
        return super().open(name)

    def _ask(self, name: str, target: Path | None = None) -> str:
        """Let the other machine send a file, or, without a target, the list of them."""
        key = str(self.path), name
        with _turn:
            at, answer = _asked.get(key, (0.0, ""))
            if not at or time.monotonic() > at + _FRESH_SECONDS:
                try:
                    answer = self.root.read(self.job, name, target)
                except OSError as error:
                    answer = error
                _asked[key] = time.monotonic(), answer
        if isinstance(answer, OSError):
            raise answer
        return answer
