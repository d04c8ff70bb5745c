"""Trying again while a database or an experiment root is away, with growing, jittered pauses."""

__all__ = ["RetryPolicy", "retrying"]

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0


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
    """

    seconds: float
    give_up: Event
    notice: Callable[[str], None]


def retrying(
    task: str,
    operation: Callable[[], T],
    errors: type[Exception] | tuple[type[Exception], ...],
    policy: RetryPolicy,
) -> T:
    """Return what ``operation`` returns, trying again after ``errors`` as long as the policy says.

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
    except errors as error:
        policy.notice(f"{task} failed, trying again: {error}")
    began = time.monotonic()
    pause = _FIRST_PAUSE_SECONDS
    while True:
        left = began + policy.seconds - time.monotonic()
        # Jitter, so that the workers of a whole cluster do not come back in the same moment.
        given_up = policy.give_up.wait(max(min(pause * random.uniform(0.5, 1.5), left), 0))  # noqa: S311
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        try:
            result = operation()
        except errors:
            if given_up or time.monotonic() >= began + policy.seconds:
                raise
        else:
            policy.notice(f"{task} worked after {time.monotonic() - began:.0f} s")
            return result
