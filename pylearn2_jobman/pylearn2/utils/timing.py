"""How long things take, in a log."""

__all__ = ["log_timing", "total_seconds"]

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta


@contextmanager
def log_timing(
    logger: logging.Logger,
    task: str | None,
    level: int = logging.INFO,
    final_msg: str | None = None,
    callbacks: Iterable[Callable[[float], None]] | None = None,
) -> Iterator[None]:
    """Log that a task begins, and, when the block ends, how long it took.

    Parameters
    ----------
    logger, level
        Where to.
    task
        What is done; None says nothing at the beginning.
    final_msg
        Said at the end, before the duration, in place of the task.
    callbacks
        Called with the seconds that it took.
    """
    if task is not None:
        logger.log(level, "%s...", task)
    begin = time.monotonic()
    yield
    seconds = time.monotonic() - begin
    took = f"{seconds:f} seconds" if seconds < 60 else str(timedelta(seconds=seconds))
    logger.log(level, "%s %s", final_msg or f"{task} done. Time elapsed:", took)
    for callback in callbacks or ():
        callback(seconds)


def total_seconds(delta: timedelta) -> float:
    """Return a duration in seconds."""
    return delta.total_seconds()
