"""The next job of a slot, claimed in the transaction that ends the job before it."""

__all__ = ["Relay"]

from collections.abc import Callable
from typing import TYPE_CHECKING

from pylearn2_jobman.jobman.worker.heartbeat import ClaimMonitor, HeartbeatThread

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Claim, Wanted


class Relay:
    """What one slot of a worker hands from job to job.

    Parameters
    ----------
    heartbeats
        Keep a claim alive from the moment that it is made.
    begin
        Says which job may be begun next, which counts as begun; None if none may.
    not_begun
        Takes that back: there was none.
    """

    def __init__(
        self,
        heartbeats: HeartbeatThread,
        begin: Callable[[], "Wanted | None"],
        not_begun: Callable[[], None],
    ) -> None:
        self._heartbeats = heartbeats
        self._begin = begin
        self._not_begun = not_begun
        self._wanted: Wanted | None = None
        self._next: ClaimMonitor | None = None

    def wanted(self) -> "Wanted | None":
        """Return which job to claim as this one ends; the same until `next`, however often."""
        self._wanted = self._wanted or self._begin()
        return self._wanted

    def take(self, claim: "Claim | None") -> None:
        """Hold the next claim, if there is one."""
        if claim is not None:
            self._next = self._heartbeats.add(claim)

    def next(self) -> ClaimMonitor | None:
        """Return the next claim, which is held no more; None if there is none."""
        monitor, wanted = self._next, self._wanted
        self._next = self._wanted = None
        if wanted is not None and monitor is None:
            self._not_begun()
        return monitor
