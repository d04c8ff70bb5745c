"""How fast jobs end, and when the last one will."""

__all__ = ["Throughput", "measure"]

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pylearn2_jobman.jobman.keys import CLAIMED, HEARTBEAT
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable

_ENDED = (Status.DONE, Status.ERR_START, Status.ERR_SYNC, Status.ERR_RUN)
# Looked at in turn until one holds an end: (its name, how long it is, how long its parts are).
_WINDOWS = (
    ("hour", timedelta(hours=1), timedelta(minutes=5)),
    ("day", timedelta(days=1), timedelta(hours=1)),
)


@dataclass(frozen=True)
class Throughput:
    """How fast jobs ended lately.

    Attributes
    ----------
    ended
        How many ended in the window.
    window
        Its name: the last ``hour`` or ``day``.
    per_second
        Of the part of the window in which somebody worked.
    parts
        How many ended in each equal part of it, oldest first.
    remaining
        How many jobs have not ended, the running ones counted as half done.
    running
        How many run.
    """

    ended: int
    window: str
    per_second: float
    parts: list[int]
    remaining: float
    running: int

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None if nobody works, or none has ended yet."""
        if not self.remaining or not self.running or not self.per_second:
            return None
        return self.remaining / self.per_second


def measure(table: JobTable, counts: dict[Status, int]) -> Throughput:
    """Measure how fast jobs end; a job's end is its last sign of life.

    Parameters
    ----------
    table
        The jobs.
    counts
        How many there are of every status.
    """
    running = counts[Status.RUNNING]
    remaining = counts[Status.START] + running / 2
    now = datetime.now(UTC)
    for name, length, part in _WINDOWS:
        since = now - length
        lately = f"{HEARTBEAT} > '{since:%Y-%m-%d %H:%M:%S}'"
        found = table.columns(keys=[CLAIMED, HEARTBEAT], status=_ENDED, where=lately)
        if not len(found):
            continue
        parts = [0] * (length // part)
        for end in found.columns[HEARTBEAT]:
            parts[min(max((end - since) // part, 0), len(parts) - 1)] += 1
        began = min(start for start in [*found.columns[CLAIMED], now] if start is not None)
        seconds = (now - max(began, since)).total_seconds()
        return Throughput(
            len(found), name, len(found) / max(seconds, 1.0), parts, remaining, running
        )
    return Throughput(0, _WINDOWS[-1][0], 0.0, [], remaining, running)
