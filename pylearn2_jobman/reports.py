"""`report`: what any code says about how far its training is.

Records go to ``monitor.csv`` in the job's directory, where the worker, the page and everybody else
read them, and to TensorBoard's event files where these are wanted.
"""

__all__ = ["Reports", "flush", "go_on", "report", "reporting"]

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.record_file import FILE, POSITIONS, RecordFile
from pylearn2_jobman.tensorboard import TensorBoard

_MOST_CHANNELS = 1000
_LONGEST = 200  # characters of a channel's name
_AT_ONCE, _A_SECOND = 20, 20  # writings; what is reported more often than that waits for the next
_MOST_WAITING = 10_000
_EXACT = 2**53

_logger = logging.getLogger(__name__)


class Reports:
    """Takes records, from any thread, and writes them into a directory.

    A training that begins again at an epoch that is recorded, because it was stopped or is done
    anew, replaces the records from there on.

    Parameters
    ----------
    directory
        Where ``monitor.csv`` is, or will be.

    Attributes
    ----------
    goes_on
        Whether the training goes on where it was: reports that only count go on counting.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._file = RecordFile(self._directory / FILE)
        self._board: TensorBoard | None = None
        self._channels: set[str] = set()
        self._waiting: list[dict[str, float]] = []
        self._begun = self.goes_on = False
        self._count: float = 0
        self._writings, self._credit_at = float(_AT_ONCE), time.monotonic()
        self._began = self._credit_at
        self._has_warned = False
        self._lock = threading.RLock()
        self._process = os.getpid()

    def report(self, values: Mapping[str, Any]) -> None:
        """Take a record; see the function `report`."""
        row = _row(values)
        if self._process != os.getpid():  # forked: what waits is the other one's
            self._process, self._lock, self._waiting = os.getpid(), threading.RLock(), []
            _at_exit(self.flush)
        with self._lock:
            if not row.keys() <= self._channels:
                self._admit(row.keys() - self._channels)
            if not self._begun:
                self._begin(row)
            if "epoch" not in row and "batch" not in row:
                row["batch"] = self._count + 1
            self._count = row.get("batch", self._count)
            now = time.monotonic()
            if "seconds" not in row:
                row["seconds"] = round(now - self._began, 3)
            self._waiting.append(row)
            self._writings += (now - self._credit_at) * _A_SECOND
            self._credit_at = now
            if self._writings >= 1:
                self._writings = min(self._writings, _AT_ONCE) - 1
                self.flush()

    def flush(self) -> None:
        """Write what waits. What cannot be written now waits on: no training ends for it."""
        if self._process != os.getpid():
            return
        with self._lock:
            rows, self._waiting = self._waiting, []
            if not rows:
                return
            try:
                self._file.add(rows)
            except (OSError, UsageError) as error:  # the experiment may have put something there
                self._waiting = rows[-_MOST_WAITING:]
                if not self._has_warned:
                    self._has_warned = True
                    _logger.warning("reports cannot be written now: %s", error)
                return
            if self._board is not None:
                for row in rows:
                    step = row.get("epoch", row.get("batch", 0))
                    channels = {name: row[name] for name in row if name not in POSITIONS}
                    self._board.add(int(step), channels)

    def _begin(self, row: Mapping[str, float]) -> None:
        """Take up the records that are there, up to the place where this training begins."""
        if os.environ.get("JOBMAN_TENSORBOARD"):
            self._board = TensorBoard(self._directory / "tensorboard")
        name = next((name for name in POSITIONS[:3] if name in row), "batch")
        uncounted = math.inf if self.goes_on else 1
        last: Mapping[str, float] = {}
        with contextlib.suppress(OSError):  # who adds the record will tell
            last = self._file.keep_before(name, row.get(name, uncounted))
        self._count = int(last.get("batch", 0))
        self._began -= last.get("seconds", 0)
        self._begun = True

    def _admit(self, names: set[str]) -> None:
        for name in names:
            if not name or len(name) > _LONGEST or not name.isprintable():
                raise UsageError(
                    f"report({name!r:.99}=...): a channel's name has 1 to {_LONGEST} printable "
                    "characters"
                )
        if len(self._channels | names) > _MOST_CHANNELS:
            raise UsageError(
                f"report({min(names)}=...): there would be more than {_MOST_CHANNELS} channels; "
                "give the number of a step as epoch=... or step=..., not in the names"
            )
        self._channels |= names


_current: Reports | None = None
_making = threading.Lock()


def report(**values: Any) -> None:
    """Record how far a training is, and what it has achieved.

    ``report(epoch=3, valid_nll=0.2)``: the values become a row of ``monitor.csv`` in the job's
    directory, or, in a program that is no job, in the present one. The table shows them, thinned,
    with the worker's next heartbeat. Any thread may call it, as often as it likes.

    Parameters
    ----------
    values
        Channels, by name, and where the training is: ``epoch``; ``step``, also called ``batch``;
        ``example``; ``seconds``, by default since the first report. Without epoch and step, reports
        are counted. Numbers, and what NumPy and PyTorch have for one.

    Raises
    ------
    UsageError
        Naming the value that is no number, or the name that is none; nothing was recorded.
    """
    global _current
    if _current is None:
        with _making:
            if _current is None:
                _current = Reports(Path.cwd())
                _at_exit(flush)
    _current.report(values)


def go_on() -> None:
    """Take note that the training goes on where it was, before it reports."""
    if _current is not None:
        _current.goes_on = True


def flush() -> None:
    """Write now what was reported."""
    if _current is not None:
        _current.flush()


@contextlib.contextmanager
def reporting(directory: Path) -> Iterator[None]:
    """Let reports inside the ``with`` block go into a directory."""
    global _current
    before, _current = _current, Reports(directory)
    try:
        yield
    finally:
        flush()
        _current = before


def _at_exit(function: Callable[[], None]) -> None:
    """Let a function be called at the end of this process, be it one of ``multiprocessing``."""
    from multiprocessing.util import Finalize

    Finalize(None, function, exitpriority=0)


def _row(values: Mapping[str, Any]) -> dict[str, float]:
    if not values:
        raise UsageError("report() has nothing to record: report(epoch=3, valid_nll=0.2)")
    row = {
        name: value
        if type(value) is float or (type(value) is int and -_EXACT < value < _EXACT)
        else _number(name, value)
        for name, value in values.items()
    }
    if "step" in row:
        if "batch" in row:
            raise UsageError("report(step=..., batch=...): these are two names of one number")
        row = {"batch": row.pop("step")} | row
    for name in POSITIONS:
        if name in row and not math.isfinite(row[name]):
            raise UsageError(f"report({name}={row[name]!r}): that is no place in a training")
    return row


def _number(name: str, value: Any) -> float:
    item = getattr(value, "item", None)
    try:
        plain = item() if callable(item) else value  # of NumPy and PyTorch
        if not isinstance(plain, str | bytes | bytearray | complex):
            return float(plain)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        pass
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    shape = getattr(value, "shape", None)
    of = f" of shape {tuple(shape)}" if isinstance(shape, tuple) else ""
    shown = " ".join(repr(value).split())
    raise UsageError(f"report({name}={shown:.60}): that is not one number, but {kind}{of}")
