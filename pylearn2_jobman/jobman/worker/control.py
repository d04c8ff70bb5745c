"""Requests to a worker: stop, stop at once, or leave after the present jobs."""

__all__ = ["Control"]

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pylearn2_jobman.signals import handled, on_nothing


class Control:
    """Signals and time limits, turned into flags that the worker's threads look at.

    The first SIGTERM or SIGINT sets `stop`: jobs are asked to stop, none is begun. A second one, or
    the end of the grace period, sets `kill`. SIGUSR1 and SIGUSR2 set `drain`: present jobs are
    finished, none is begun. Handlers only note the signal; `poll` acts on it.

    Parameters
    ----------
    grace_seconds
        From `stop` to `kill`.
    time_limit_seconds
        When to set `stop`, from now.
    stop_signal
        One of SIGUSR1 and SIGUSR2 that sets `stop` instead, a batch system's warning that the end
        is near. A second one changes nothing.
    ends_at
        When a batch system will end everything, in seconds since 1970; only `seconds_left` heeds
        it.
    with_parent
        Whether to set `stop` once the process that started this one is gone.
    """

    def __init__(
        self,
        grace_seconds: float,
        time_limit_seconds: float | None = None,
        *,
        stop_signal: signal.Signals | None = None,
        ends_at: float | None = None,
        with_parent: bool = False,
    ) -> None:
        self.stop = threading.Event()
        self.kill = threading.Event()
        self.drain = threading.Event()
        self.reason = ""
        self.signal: signal.Signals | None = None
        self._grace_seconds = grace_seconds
        now = time.monotonic()  # from here on: the machine's clock may be set
        self._time_limit_at = None if time_limit_seconds is None else now + time_limit_seconds
        self._stop_signal = stop_signal
        self._ends_at = None if ends_at is None else now + ends_at - time.time()
        self._parent = os.getppid() if with_parent else None
        self._stopped_at = 0.0
        self._noted: list[int] = []
        self._polling = threading.Lock()

    @property
    def ending(self) -> bool:
        """Whether no further job should begin."""
        return self.stop.is_set() or self.drain.is_set()

    def seconds_left(self) -> float:
        """Return how much time this worker has; without a limit, infinity."""
        limits = [math.inf]
        if self._time_limit_at is not None:
            limits.append(self._time_limit_at - time.monotonic())
        if self._ends_at is not None:
            limits.append(self._ends_at - time.monotonic())
        return min(limits)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Note signals inside the ``with`` block; only the main thread can."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
        # SIGHUP: the terminal was closed, which costs no job.
        with handled({**dict.fromkeys(numbers, self._note), signal.SIGHUP: on_nothing}):
            yield

    def poll(self) -> None:
        """Act on what has been noted and on the time; to be called often, by any thread."""
        with self._polling:
            self._poll()

    def _poll(self) -> None:
        while self._noted:
            number = signal.Signals(self._noted.pop(0))
            if number == self._stop_signal:
                if not self.stop.is_set():
                    self.signal = number
                    self._ask_to_stop(f"the worker got {number.name}")
            elif number in (signal.SIGUSR1, signal.SIGUSR2):
                self.drain.set()
            elif self.stop.is_set():
                self.kill.set()
            else:
                self.signal = number
                self._ask_to_stop(f"the worker got {number.name}")
        now = time.monotonic()
        if self._time_limit_at is not None and now >= self._time_limit_at:
            self._time_limit_at = None
            if not self.stop.is_set():
                self._ask_to_stop("the worker's time limit was reached")
        if self._parent is not None and os.getppid() != self._parent:
            self._parent = None
            self.abandon("the process that started the worker is gone")
        if self.stop.is_set() and now >= self._stopped_at + self._grace_seconds:
            self.kill.set()

    def abandon(self, reason: str) -> None:
        """Stop because this worker cannot continue."""
        if not self.stop.is_set():
            self._ask_to_stop(reason)

    def _ask_to_stop(self, reason: str) -> None:
        self.reason = reason
        self._stopped_at = time.monotonic()
        self.stop.set()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted.append(number)
