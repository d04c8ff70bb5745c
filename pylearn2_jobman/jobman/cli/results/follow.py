"""``jobman show --follow``: how far a job is, line by line until its end, from any machine."""

__all__ = ["follow"]

import time
from collections.abc import Callable, Iterable, Iterator

import click

from pylearn2_jobman.jobman.bookkeeping import Bookkeeping
from pylearn2_jobman.jobman.cli.tables import printable
from pylearn2_jobman.jobman.files.job_view import JobView
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

_LOOK_SECONDS = 1.0


def follow(look: Callable[[], JobView], lines: int) -> Status:
    """Print a job's output and progress as they come; return its status at the end.

    A job that waits, or goes back to the queue, is waited for.

    Parameters
    ----------
    look
        Returns the job as it is now.
    lines
        How many lines of what it printed before to show first.
    """
    said, before = "", dict[str, list[str]]()
    while True:
        view = look()
        printed = False
        output = {name: printable(text).splitlines() for name, text in view.output().items()}
        gone = [text for name, text in before.items() if name not in output]
        for name, now in output.items():
            new = _new(before[name], now) if name in before else _unseen(gone, now, lines)
            for line in new:
                printed = True
                click.echo(line)
        before = output or before
        state = f"job {view.job.id} {view.job.status.name}"
        progress = ", ".join(_progress(view))
        if (text := f"{state}: {progress}" if progress else state) != said or printed:
            click.echo(click.style(printable(text), bold=True))
            said = text
        if view.job.status not in (Status.START, Status.RUNNING):
            error = Bookkeeping.read(flatten(view.job.state)).error
            if error:
                click.echo(printable(summary(error)), err=True)
            return view.job.status
        time.sleep(_LOOK_SECONDS)


def _progress(view: JobView) -> Iterator[str]:
    """Yield how far a job is, its message, and its memory while it runs."""
    from rich.filesize import decimal

    said = dict.fromkeys((view.live.describe(), view.live.message))
    yield from (text for text in said if text)
    if view.live.memory is not None and view.job.status is Status.RUNNING:
        yield decimal(view.live.memory)


def _unseen(gone: Iterable[list[str]], now: list[str], lines: int) -> list[str]:
    """Return the lines to show of a text first seen: where others are gone, it may go on there."""
    for before in gone:
        if before and before[-1] in now:
            return now[len(now) - now[::-1].index(before[-1]) :]
    return now[max(len(now) - lines, 0) :]


def _new(before: list[str], now: list[str]) -> list[str]:
    """Return the lines at the end of a text that did not stand at the end of the one before."""
    for start in range(len(before)):
        if now[: len(before) - start] == before[start:]:
            return now[len(before) - start :]
    return now
