"""The heartbeats of the jobs that this worker holds, and the table's answers."""

__all__ = ["ClaimMonitor", "HeartbeatThread"]

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import TableUnreachableError
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Claim
    from pylearn2_jobman.jobman.table import JobTable


_logger = logging.getLogger(__name__)


class ClaimMonitor:
    """One claim, and whether it has been cancelled or lost as far as its heartbeats show.

    Attributes
    ----------
    live
        Gives what the heartbeat is to write to the job's live row.
    """

    def __init__(self, claim: "Claim") -> None:
        self.claim = claim
        self.live: Callable[[], AbstractContextManager[str | None]] = nullcontext
        self.cancelled = False
        self.lost = False
        self._lock = threading.Lock()

    def lose(self, claim: "Claim") -> None:
        """Note that a claim is lost, if it is still the one."""
        with self._lock:
            self.lost = self.lost or self.claim is claim

    def replace(self, claim: "Claim") -> None:
        """Watch over another claim on the job."""
        with self._lock:
            self.claim, self.lost = claim, False


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
        self._monitors: set[ClaimMonitor] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="jobman-heartbeat")

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def add(self, claim: "Claim") -> ClaimMonitor:
        """Keep a claim alive from now on."""
        monitor = ClaimMonitor(claim)
        with self._lock:
            self._monitors.add(monitor)
        return monitor

    def discard(self, monitor: ClaimMonitor) -> None:
        """Keep a claim alive no more."""
        with self._lock:
            self._monitors.discard(monitor)

    @contextmanager
    def beating(self, claim: "Claim") -> Iterator[ClaimMonitor]:
        """Keep a claim alive inside the ``with`` block."""
        monitor = self.add(claim)
        try:
            yield monitor
        finally:
            self.discard(monitor)

    def _run(self) -> None:
        pause = self._interval_seconds
        while not self._stopped.wait(pause):
            with self._lock:
                monitors = list(self._monitors)
            pause = self._interval_seconds
            if monitors and not self._beat(monitors):
                pause = min(pause, _RETURN_SECONDS)

    def _beat(self, monitors: list[ClaimMonitor]) -> bool:
        """Give heartbeats; return whether the table could be reached."""
        claims = [monitor.claim for monitor in monitors]
        try:
            with ExitStack() as stack:
                lives = [stack.enter_context(monitor.live()) for monitor in monitors]
                statuses = self._table.heartbeats(list(zip(claims, lives, strict=True)))
        except Exception as error:  # the next one may work; without the thread every claim is lost
            if len(monitors) > 1 and not isinstance(error, TableUnreachableError):
                alone = [self._beat([monitor]) for monitor in monitors]  # one may be at fault
                return all(alone)
            self.away_at = time.monotonic()
            _logger.debug("no heartbeat of jobs %s: %s", [one.job_id for one in claims], error)
            return False
        for monitor, claim, status in zip(monitors, claims, statuses, strict=True):
            if status is not None:
                monitor.cancelled = status is Status.CANCELED
                continue
            with self._lock:
                if monitor in self._monitors:  # else the job has ended meanwhile
                    monitor.lose(claim)
        return True
