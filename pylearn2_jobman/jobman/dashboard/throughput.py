"""How fast jobs end, and when the last one will."""

__all__ = ["Throughput", "measure"]

from dataclasses import dataclass
from datetime import timedelta

from pylearn2_jobman.jobman.query.keys import HEARTBEAT
from pylearn2_jobman.jobman.query.summary import ENDED, RECENT, rate
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable

_MOST_ENDS = 1000
# Shown is the first that holds an end: (its name, how long it is, how long its parts are).
_WINDOWS = (
    ("hour", timedelta(hours=1), timedelta(minutes=5)),
    ("day", timedelta(days=1), timedelta(hours=1)),
)


@dataclass(frozen=True)
class Throughput:
    """How fast jobs ended lately.

    Attributes
    ----------
    jobs_an_hour
        As `jobman summary` has it; None if too few have ended.
    window
        The time that ``parts`` are of: the last ``hour`` or ``day``.
    parts
        How many jobs ended in each equal part of it, oldest first; empty if none did.
    remaining
        How many jobs have not ended.
    running
        How many of them run.
    """

    jobs_an_hour: float | None
    window: str
    parts: list[int]
    remaining: int
    running: int

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None if nobody works, or it is not known."""
        if not self.remaining or not self.running or self.jobs_an_hour is None:
            return None
        return self.remaining / self.jobs_an_hour * 3600


def measure(table: JobTable, counts: dict[Status, int]) -> Throughput:
    """Measure how fast jobs end; a job's end is its worker's last sign of life.

    Parameters
    ----------
    table
        The jobs.
    counts
        How many there are of every status.
    """
    latest = table.columns(
        keys=[HEARTBEAT], status=ENDED, order_by=HEARTBEAT, descending=True, limit=_MOST_ENDS
    )
    ends = [end for end in latest.columns[HEARTBEAT] if end is not None]
    now = table.now()
    window, parts = "day", []
    for name, length, part in _WINDOWS:
        ages = [now - end for end in ends if now - end < length]
        if ages:
            window, parts = name, [0] * (length // part)
            for age in ages:
                parts[-1 - max(age // part, 0)] += 1
            break
    running = counts[Status.RUNNING]
    return Throughput(rate(ends[:RECENT]), window, parts, counts[Status.START] + running, running)
