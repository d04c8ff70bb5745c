"""How a table of experiments stands: counts, speed, the time that is left, and what failed."""

__all__ = ["ENDED", "RECENT", "Failure", "Summary", "rate", "summarize"]

import re
import statistics
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pylearn2_jobman.jobman.query.keys import HEARTBEAT, STATUS
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.query.readable import ReadableTable

ENDED = (Status.DONE, *FAILED)
RECENT = 100  # jobs from which the present rate is taken
_ERROR, _RUN_TIME = "jobman.error", "jobman.run_time"
# What differs between two errors that are the same to a person: numbers, addresses.
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Failure:
    """An error, and the jobs that ended with it: differences in numbers do not count."""

    error: str
    """The first of these jobs' error, on one line."""
    ids: list[int]


@dataclass(frozen=True)
class Summary:
    """How a table stands at one moment."""

    counts: dict[Status, int]
    jobs_an_hour: float | None
    """How many have ended an hour, over the last hundred; None if fewer than two have."""
    seconds_left: float | None
    """Until the waiting and running jobs have ended, at that rate; None if unknown or none runs."""
    median_seconds: float | None
    """What half of the jobs that ended took at most."""
    failures: list[Failure]
    """The most frequent first."""


def summarize(table: "ReadableTable") -> Summary:
    """Return how a table stands.

    A job's end is the last sign of life of its worker. Jobs that the original's workers ran, or
    whose status was set by hand, have none, and do not count for the rate.
    """
    counts = table.counts()
    known = table.keys()
    ended = table.columns(keys=[HEARTBEAT, *_present(_RUN_TIME, known)], status=ENDED)
    spans = [
        float(span) for span in ended.columns.get(_RUN_TIME, ()) if isinstance(span, int | float)
    ]
    speed = rate([end for end in ended.columns[HEARTBEAT] if end is not None])
    left = counts[Status.START] + counts[Status.RUNNING]
    return Summary(
        counts=counts,
        jobs_an_hour=speed,
        seconds_left=left / speed * 3600 if speed and counts[Status.RUNNING] else None,
        median_seconds=statistics.median(spans) if spans else None,
        failures=_failures(table, known) if any(counts[status] for status in FAILED) else [],
    )


def _present(key: str, known: list[str]) -> list[str]:
    return [key] if key in known else []


def rate(ends: list[datetime]) -> float | None:
    """Return how many jobs end an hour: the gaps between the last ones."""
    recent = sorted(ends)[-RECENT:]
    if len(recent) < 2 or recent[-1] == recent[0]:
        return None
    return (len(recent) - 1) / (recent[-1] - recent[0]).total_seconds() * 3600


def _failures(table: "ReadableTable", known: list[str]) -> list[Failure]:
    failed = table.columns(keys=[STATUS, *_present(_ERROR, known)], status=FAILED)
    errors = failed.columns.get(_ERROR, [None] * len(failed))
    groups: dict[str, Failure] = {}
    for job_id, status, error in zip(failed.ids, failed.columns[STATUS], errors, strict=True):
        text = f"{status.name}: {summary(str(error)) if error else 'no error was noted'}"
        kind = _NUMBER.sub("#", text)
        if kind not in groups:
            groups[kind] = Failure(text, [])
        groups[kind].ids.append(job_id)
    return sorted(groups.values(), key=lambda failure: (-len(failure.ids), failure.ids))
