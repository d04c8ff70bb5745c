"""`LiveRow`: what the worker shows of a running job, read in its directory and of its process."""

__all__ = ["LiveRow"]

import contextlib
import csv
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.listing import JobFiles
from pylearn2_jobman.jobman.live import Curves, Live
from pylearn2_jobman.record_file import FILE, column_names
from pylearn2_jobman.whole_file import decoded

_LOOK_SECONDS = 1.0
_AT_ONCE = 8 * 2**20  # bytes of records that are read at a time
_RECOGNISED = 200  # bytes
_SHOWN = 4096  # characters of output that are looked at


class LiveRow:
    """The live row of one attempt at a job. Any thread may ask for it.

    Nothing that the experiment does to its files stops the worker: what cannot be read is not
    shown.

    Parameters
    ----------
    workdir
        The job's working directory.
    show
        Called with a line on how far the job is, when that has changed.
    named
        Channels that the row is to have, if there are any.
    """

    def __init__(
        self, workdir: Path, show: Callable[[str], None], named: Sequence[str] = ()
    ) -> None:
        self._files = JobFiles(workdir)
        self._show = show
        progress = os.environ.get("JOBMAN_PROGRESS", "").split(",")
        self._named = [*named, *(one.strip() for one in progress)]
        self._since = time.time()
        self._records = _Records(self._files)
        self._message = ""
        self._memory: int | None = None
        self._look_at = 0.0
        self._look_seconds = 0.0 if named else _LOOK_SECONDS
        self._shown = ""
        self._output = ""
        self._written: str | None = None
        self._lock = threading.Lock()

    def say(self, message: str) -> None:
        """Take note of what the experiment says."""
        self._message = message

    def look(self, process: int) -> None:
        """Look how far the job is: once a second, or whenever asked if a channel is watched.

        Parameters
        ----------
        process
            The number of the process that it runs in.
        """
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + self._look_seconds
        self._memory = _memory(process) or self._memory  # of one that has ended, as it was
        with self._lock:
            if not self._records.update():
                return
            curves = self._records.curves
            shown = Live(at=curves.at, curves=curves.points()).describe()
        if shown != self._shown and not self._message:
            self._shown = shown
            self._show(shown)

    def curve(self, channel: str) -> list[tuple[float, float]]:
        """Return the steps and values of a channel, as far as was looked."""
        with self._lock:
            return self._records.curves.points().get(channel, [])

    @contextlib.contextmanager
    def writing(self) -> Iterator[str | None]:
        """Give what is to be written to the row, in the ``with`` block; None if it stands there."""
        with self._lock:
            self._records.update()
            self._output = self._end_of_output() or self._output
            curves = self._records.curves
            live = Live(
                self._since, dict(curves.at), curves.points(), self._output, self._message,
                self._memory,
            )  # fmt: skip
            text = live.text(self._named)
        yield None if text == self._written else text
        self._written = text

    def _end_of_output(self) -> str:
        """Return the end of the output that was written last; of a progress bar, how it looks."""
        newest = max(("stdout", "stderr"), key=self._files.modified)
        lines = self._files.tail(newest)[-_SHOWN:].replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines).rstrip()


class _Records:
    """The records in a directory's ``monitor.csv``, of which only what is new is read."""

    def __init__(self, files: JobFiles) -> None:
        self.curves = Curves()
        self._files = files
        self._names: list[str] | None = None
        self._read = 0
        self._last = b""  # what was read last: the file may be another one under its name

    def update(self) -> bool:
        """Read what has been added; return whether there was anything."""
        before = self._read, self._last
        with contextlib.suppress(OSError, UsageError, ValueError, csv.Error):
            for record in self._new():
                self.curves.add(record)
        return (self._read, self._last) != before

    def _new(self) -> Iterator[dict[str, float]]:
        with self._files.open(FILE) as file:
            file.seek(self._read - len(self._last))
            if file.read(len(self._last)) != self._last:
                self.curves, self._names = Curves(), None
                self._read, self._last = file.seek(0), b""
            data = file.read(_AT_ONCE)
        whole = data.rfind(b"\n") + 1 or len(data) // _AT_ONCE * _AT_ONCE
        if whole == 0:
            return
        self._read += whole
        self._last = data[max(whole - _RECOGNISED, 0) : whole]
        if self._names == []:  # of something else there is nothing to read
            return
        lines = decoded(data[:whole], FILE).splitlines()
        if self._names is None and lines:
            self._names = []
            self._names = column_names(next(csv.reader([lines.pop(0)])), FILE)
        for line in lines:
            with contextlib.suppress(ValueError):  # one row of garbage costs itself alone
                cells = zip(self._names or (), line.split(","), strict=True)
                yield {name: float(cell) for name, cell in cells if cell}


def _memory(process: int) -> int | None:
    """Return how many bytes of memory a process has; None where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None
