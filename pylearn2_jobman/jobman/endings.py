"""What becomes of a job when an attempt at it ends: `settle`, whose table is in workers.rst."""

__all__ = ["LAST_WORDS", "Ending", "Fate", "How", "settle"]

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from pylearn2_jobman.jobman.bookkeeping import Bookkeeping, as_text
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

MOST_STALLS = 3
MOST_REASONS = 10
LAST_WORDS = "; its last words:\n"  # of a job's process, which may be about anything
LONGEST_REASON = 300
RETRY_PAUSES_SECONDS = (10.0, 60.0, 300.0)
SHORTEST_ROUND_SECONDS = 1.0  # an experiment that returns INCOMPLETE at once is not a busy loop
INTERRUPTED_PRIORITY = 2.0  # what was begun is finished before anything else is begun


class How(StrEnum):
    """How an attempt at a job ended."""

    COMPLETE = "returned COMPLETE"
    INCOMPLETE = "returned INCOMPLETE"
    CANCELLED = "returned CANCELED"
    RAISED = "raised an error"
    WRONG = "has an error in its YAML, a name or a value"
    NOT_BEGUN = "could not be begun"
    DIED = "its process died"
    KILLED = "its process was killed from outside"
    TIMED_OUT = "reached its time limit"
    NOT_FETCHED = "its files could not be fetched"
    NOT_STORED = "its files could not be stored"
    LEASE_ENDED = "its worker gave no sign of life"
    FAULT = "the worker made a mistake"

    @property
    def status(self) -> Status:
        """The status that a job gets when nothing else is known."""
        return _STATUSES[self]


@dataclass(frozen=True)
class Ending:
    """The end of an attempt at a job.

    Attributes
    ----------
    how
        What happened.
    error
        What went wrong, for ``jobman.error``.
    changed
        Whether the attempt changed the job's state or wrote a file.
    cancelled
        Whether somebody cancelled the job meanwhile.
    stopping
        Why the worker was stopping by then; None if it was not.
    seconds
        How long the attempt took.
    retries
        How often an error like this one is tried again.
    requeue
        Whether a job that has reached its time limit is to go on later.
    proposes
        Whether the job proposes trials, and so makes way for them whatever happens.
    """

    how: How
    error: str | None = None
    changed: bool = True
    cancelled: bool = False
    stopping: str | None = None
    seconds: float = 0.0
    retries: int = 0
    requeue: bool = False
    proposes: bool = False


class Fate(NamedTuple):
    """What becomes of a job: its status, its bookkeeping, and how long nobody is to claim it."""

    status: Status
    row: Bookkeeping
    pause_seconds: float = 0.0


_UNFINISHED = (How.INCOMPLETE, How.DIED, How.KILLED, How.NOT_FETCHED)
_STATUSES = {
    How.COMPLETE: Status.DONE,
    How.INCOMPLETE: Status.START,
    How.CANCELLED: Status.CANCELED,
    How.RAISED: Status.ERR_RUN,
    How.WRONG: Status.ERR_RUN,
    How.NOT_BEGUN: Status.ERR_START,
    How.DIED: Status.ERR_RUN,
    How.KILLED: Status.START,
    How.TIMED_OUT: Status.ERR_RUN,
    How.NOT_FETCHED: Status.ERR_RUN,
    How.NOT_STORED: Status.ERR_SYNC,
    How.LEASE_ENDED: Status.START,
    How.FAULT: Status.ERR_RUN,
}


def settle(ending: Ending, row: Bookkeeping, max_restarts: int = 0) -> Fate:
    """Return what becomes of a job.

    Parameters
    ----------
    ending
        How the attempt ended.
    row
        What the job's row said when the attempt began.
    max_restarts
        How often a job may begin again that its worker or its process was lost to, or that was too
        slow.
    """
    row = replace(row, error=None if ending.error is None else as_text(ending.error))
    if ending.cancelled:
        return Fate(Status.CANCELED, row)
    stopped = ending.stopping is not None and ending.how in _UNFINISHED
    if ending.proposes and (stopped or ending.how is How.INCOMPLETE):
        return Fate(Status.START, replace(row, error=None))
    if stopped:
        row = replace(
            row,
            interrupted=ending.stopping,
            priority=max(row.priority, INTERRUPTED_PRIORITY),
            error=None,
        )
        return Fate(Status.START, row)
    is_lost = ending.how in (How.LEASE_ENDED, How.KILLED)
    if is_lost or (ending.how is How.TIMED_OUT and ending.requeue):
        return _restarted(row, max_restarts)
    if ending.how in (How.RAISED, How.DIED) and row.retries < ending.retries:
        pause = RETRY_PAUSES_SECONDS[min(row.retries, len(RETRY_PAUSES_SECONDS) - 1)]
        return Fate(Status.START, replace(_put_back(row), retries=row.retries + 1), pause)
    if ending.how is not How.INCOMPLETE:
        return Fate(ending.how.status, replace(row, stalls=0))
    row = replace(row, stalls=0 if ending.changed else row.stalls + 1)
    if row.stalls < MOST_STALLS:
        return Fate(Status.START, row, max(SHORTEST_ROUND_SECONDS - ending.seconds, 0.0))
    error = (
        f"the experiment returned INCOMPLETE {row.stalls} times in a row without having changed "
        "its state or written a file"
    )
    return Fate(Status.ERR_RUN, replace(row, error=error))


def _restarted(row: Bookkeeping, max_restarts: int) -> Fate:
    if row.restarts < max_restarts:
        return Fate(Status.START, replace(_put_back(row), restarts=row.restarts + 1))
    error = row.error or ""
    separator = "\n" if "\n" in error else "; "
    limit = f"restarted {row.restarts} times, which is the limit"
    return Fate(Status.ERR_RUN, replace(row, error=f"{error}{separator}{limit}"))


def _put_back(row: Bookkeeping) -> Bookkeeping:
    """Return the row of a job that is tried again, with the error among the reasons for that."""
    error, _, _ = (row.error or "").partition(LAST_WORDS)
    reason = f"attempt {row.attempts}: {summary(error)}"[:LONGEST_REASON]
    return replace(row, error=None, reasons=(*row.reasons, reason)[-MOST_REASONS:])
