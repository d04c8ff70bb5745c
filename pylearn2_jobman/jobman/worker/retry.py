"""Trying again while a database or an experiment root is away, with growing, jittered pauses."""

__all__ = ["RetryPolicy", "retrying"]

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from pylearn2_jobman.errors import PermanentFileError

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class RetryPolicy:
    """How long to try again.

    Attributes
    ----------
    seconds
        From the first failure.
    give_up
        Once set, there is no next try.
    notice
        Called with a message about the first failure, and about the success after it.
    poll
        Called often while it waits: what may set ``give_up``; None: another thread does.
    """

    seconds: float
    give_up: Event
    notice: Callable[[str], None]
    poll: Callable[[], None] | None = None

    def wait(self, seconds: float) -> bool:
        """Wait for some time; return whether to give up."""
        if self.poll is None:
            return self.give_up.wait(max(seconds, 0))
        until = time.monotonic() + seconds
        while not self.give_up.is_set():
            left = until - time.monotonic()
            if left <= 0:
                return False
            self.give_up.wait(min(left, _POLL_SECONDS))
            self.poll()
        return True


def retrying(
    task: str,
    operation: Callable[[], T],
    errors: type[Exception] | tuple[type[Exception], ...],
    policy: RetryPolicy,
) -> T:
    """Return what ``operation`` returns, trying again after ``errors`` as long as the policy says.

    A PermanentFileError is raised at once.

    Parameters
    ----------
    task
        What is done, for the notices: ``'job 3: writing the result to the table'``.

    Raises
    ------
    Exception
        The last error, when there is no next try.
    """
    try:
        return operation()
    except PermanentFileError:
        raise
    except errors as error:
        policy.notice(f"{task} failed, trying again: {error}")
    began = time.monotonic()
    pause = _FIRST_PAUSE_SECONDS
    while True:
        left = began + policy.seconds - time.monotonic()
        # Jitter, so that the workers of a whole cluster do not come back in the same moment.
        given_up = policy.wait(min(pause * random.uniform(0.5, 1.5), left))  # noqa: S311
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        try:
            result = operation()
        except PermanentFileError:
            raise
        except errors:
            if given_up or time.monotonic() >= began + policy.seconds:
                raise
        else:
            policy.notice(f"{task} worked after {time.monotonic() - began:.0f} s")
            return result
