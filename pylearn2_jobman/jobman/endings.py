"""What becomes of a job when an attempt at it ends: `settle`, whose table is in workers.rst."""

__all__ = ["Ending", "How", "settle"]

from dataclasses import dataclass, replace
from enum import StrEnum

from pylearn2_jobman.jobman.bookkeeping import Bookkeeping, as_text
from pylearn2_jobman.jobman.status import Status

MOST_STALLS = 3
INTERRUPTED_PRIORITY = 2.0  # what was begun is finished before anything else is begun


class How(StrEnum):
    """How an attempt at a job ended."""

    COMPLETE = "returned COMPLETE"
    INCOMPLETE = "returned INCOMPLETE"
    CANCELLED = "returned CANCELED"
    RAISED = "raised an error"
    NOT_BEGUN = "could not be begun"
    DIED = "its process died"
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
    proposes
        Whether the job proposes trials, and so makes way for them whatever happens.
    """

    how: How
    error: str | None = None
    changed: bool = True
    cancelled: bool = False
    stopping: str | None = None
    proposes: bool = False


_UNFINISHED = (How.INCOMPLETE, How.DIED, How.NOT_FETCHED)
_STATUSES = {
    How.COMPLETE: Status.DONE,
    How.INCOMPLETE: Status.START,
    How.CANCELLED: Status.CANCELED,
    How.RAISED: Status.ERR_RUN,
    How.NOT_BEGUN: Status.ERR_START,
    How.DIED: Status.ERR_RUN,
    How.NOT_FETCHED: Status.ERR_RUN,
    How.NOT_STORED: Status.ERR_SYNC,
    How.LEASE_ENDED: Status.START,
    How.FAULT: Status.ERR_RUN,
}


def settle(ending: Ending, row: Bookkeeping, max_restarts: int = 0) -> tuple[Status, Bookkeeping]:
    """Return the status that a job gets, and its bookkeeping.

    Parameters
    ----------
    ending
        How the attempt ended.
    row
        What the job's row said when the attempt began.
    max_restarts
        How often a job may be taken back from workers that are gone.
    """
    row = replace(row, error=None if ending.error is None else as_text(ending.error))
    if ending.how is How.LEASE_ENDED:
        if row.restarts < max_restarts:
            return Status.START, replace(row, restarts=row.restarts + 1, error=None)
        times = f"; restarted {row.restarts} times, which is the limit"
        return Status.ERR_RUN, replace(row, error=f"{row.error}{times}")
    if ending.cancelled:
        return Status.CANCELED, row
    stopped = ending.stopping is not None and ending.how in _UNFINISHED
    if ending.proposes and (stopped or ending.how is How.INCOMPLETE):
        return Status.START, replace(row, error=None)
    if stopped:
        return Status.START, replace(
            row,
            interrupted=ending.stopping,
            priority=max(row.priority, INTERRUPTED_PRIORITY),
            error=None,
        )
    if ending.how is not How.INCOMPLETE or ending.changed:
        return ending.how.status, replace(row, stalls=0)
    row = replace(row, stalls=row.stalls + 1)
    if row.stalls < MOST_STALLS:
        return Status.START, row
    error = (
        f"the experiment returned INCOMPLETE {row.stalls} times in a row without having changed "
        "its state or written a file"
    )
    return Status.ERR_RUN, replace(row, error=error)
