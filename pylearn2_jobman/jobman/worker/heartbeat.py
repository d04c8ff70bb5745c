"""The heartbeats of the jobs that this worker holds, and what the table says in return."""

__all__ = ["ClaimMonitor", "HeartbeatThread"]

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import ClaimLostError, TableError
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Claim
    from pylearn2_jobman.jobman.table import JobTable


class ClaimMonitor:
    """What the heartbeats of one claim have found out."""

    def __init__(self, claim: "Claim") -> None:
        self.claim = claim
        self.cancelled = False
        self.lost = False


_RETURN_SECONDS = 2.0  # how often to try while the table is away: whose lease ended is in danger


class HeartbeatThread:
    """A thread that writes the heartbeat of every claim while its job runs.

    An unreachable table is no reason to stop: the token of the claim decides, when the result is
    written, whether the job was still ours.

    Attributes
    ----------
    away_at
        When a heartbeat last failed because the table was away, on the monotonic clock.
    """

    def __init__(self, table: "JobTable", interval_seconds: float) -> None:
        self.away_at = -math.inf
        self._table = table
        self._interval_seconds = interval_seconds
        self._pulses: set[ClaimMonitor] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="jobman-heart")

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()
        self._thread.join(timeout=5)

    @contextmanager
    def beating(self, claim: "Claim") -> Iterator[ClaimMonitor]:
        """Keep a claim alive inside the ``with`` block."""
        pulse = ClaimMonitor(claim)
        with self._lock:
            self._pulses.add(pulse)
        try:
            yield pulse
        finally:
            with self._lock:
                self._pulses.discard(pulse)

    def _run(self) -> None:
        pause = self._interval_seconds
        while not self._stopped.wait(pause):
            with self._lock:
                pulses = list(self._pulses)
            reached = [self._beat(pulse) for pulse in pulses]
            pause = self._interval_seconds
            if not all(reached):
                pause = min(pause, _RETURN_SECONDS)

    def _beat(self, pulse: ClaimMonitor) -> bool:
        """Write one heartbeat; return whether the table could be reached."""
        claim = pulse.claim
        try:
            status = self._table.heartbeat(claim)
        except ClaimLostError:
            with self._lock:  # the job may have ended, or been claimed again, meanwhile
                pulse.lost = pulse in self._pulses and pulse.claim is claim
        except TableError:
            self.away_at = time.monotonic()
            return False
        else:
            pulse.cancelled = status is Status.CANCELED
        return True
