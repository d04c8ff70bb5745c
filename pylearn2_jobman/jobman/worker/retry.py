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
    """How long to go on trying.

    Attributes
    ----------
    seconds
        From the first failure.
    give_up
        Once set, there is no next try.
    notice
        Told of the first failure, and of the success after it.
    """

    seconds: float
    give_up: Event
    notice: Callable[[str], None]


def retrying(
    what: str,
    operation: Callable[[], T],
    errors: type[Exception] | tuple[type[Exception], ...],
    patience: RetryPolicy,
) -> T:
    """Return what ``operation`` returns, trying again after ``errors`` until patience ends.

    Parameters
    ----------
    what
        What is being done, for the notices: ``'job 3: writing the result to the table'``.

    Raises
    ------
    Exception
        The last error, when patience has ended.
    """
    try:
        return operation()
    except errors as error:
        patience.notice(f"{what} failed, trying again: {error}")
    began = time.monotonic()
    pause = _FIRST_PAUSE_SECONDS
    while True:
        left = began + patience.seconds - time.monotonic()
        # Jitter, so that the workers of a whole cluster do not come back in the same moment.
        given_up = patience.give_up.wait(max(min(pause * random.uniform(0.5, 1.5), left), 0))  # noqa: S311
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        try:
            result = operation()
        except errors:
            if given_up or time.monotonic() >= began + patience.seconds:
                raise
        else:
            patience.notice(f"{what} worked after {time.monotonic() - began:.0f} s")
            return result
