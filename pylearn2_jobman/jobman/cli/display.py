"""How a worker's jobs are shown: a live display on a terminal, a line a job elsewhere."""

__all__ = ["LineDisplay", "TerminalDisplay", "open_display"]

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.jobman.formatting import duration, shorten, shorten_error
from pylearn2_jobman.jobman.query.keys import short_names
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.tracebacks import summary

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


@contextlib.contextmanager
def open_display(plain: bool = False) -> "Iterator[LineDisplay | TerminalDisplay]":
    """Show on the terminal, if standard output is one, otherwise a line a job."""
    if plain or not sys.stdout.isatty():
        yield LineDisplay()
        return
    from rich.console import Console
    from rich.live import Live

    display = TerminalDisplay(Console())
    live = Live(
        get_renderable=display.render, console=display.console, refresh_per_second=4, transient=True
    )
    with live:
        yield display


class LineDisplay:
    """One line for every job that ended."""

    wants_counts = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parameters: dict[int, str] = {}

    def started(self, job_id: int, parameters: dict[str, Any]) -> None:
        """Remember the parameters for the line at the end."""
        self._parameters[job_id] = _describe(parameters)

    def message(self, job_id: int, text: str) -> None:
        """Keep quiet: a log file wants no progress."""

    def ended(self, job_id: int, status: Status | None, seconds: float, error: str | None) -> None:
        """Print the line."""
        text = _end(job_id, status, seconds, self._parameters.pop(job_id, ""), error)
        with self._lock:
            click.echo(f"{time.strftime('%H:%M:%S')} {text}")

    def counts(self, counts: dict[Status, int]) -> None:
        """Keep quiet."""

    def notice(self, text: str) -> None:
        """Print it among the errors."""
        with self._lock:
            click.echo(f"jobman: {text}", err=True)


class TerminalDisplay:
    """A bar, the counts, and a table of the running jobs, redrawn in place."""

    wants_counts = True

    def __init__(self, console: "Console") -> None:
        self.console = console
        self._lock = threading.Lock()
        self._running: dict[int, tuple[float, str, str]] = {}
        self._counts: dict[Status, int] = {}
        self._began = time.monotonic()
        self._ended = 0

    def started(self, job_id: int, parameters: dict[str, Any]) -> None:
        """Add the job to the table."""
        with self._lock:
            self._running[job_id] = (time.monotonic(), _describe(parameters), "")

    def message(self, job_id: int, text: str) -> None:
        """Show the message beside the job."""
        with self._lock:
            if job_id in self._running:
                began, parameters, _ = self._running[job_id]
                self._running[job_id] = (began, parameters, shorten(text, 60))

    def ended(self, job_id: int, status: Status | None, seconds: float, error: str | None) -> None:
        """Take the job out of the table; a failed one leaves a line."""
        with self._lock:
            _, parameters, _ = self._running.pop(job_id, (0.0, "", ""))
            self._ended += 1
        if status is not Status.DONE:
            self.console.print(_end(job_id, status, seconds, parameters, error), markup=False)

    def counts(self, counts: dict[Status, int]) -> None:
        """Show how the table stands."""
        with self._lock:
            self._counts = dict(counts)

    def notice(self, text: str) -> None:
        """Print it above the display."""
        self.console.print(f"jobman: {text}", markup=False)

    def render(self) -> "RenderableType":
        """Draw everything."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            running = sorted(self._running.items())
            counts = dict(self._counts)
            ended = self._ended
        now = time.monotonic()
        left = counts.get(Status.START, 0) + counts.get(Status.RUNNING, 0)
        total = sum(counts.values()) - counts.get(Status.CANCELED, 0)
        line = Table.grid(padding=(0, 2))
        rate = ended / (now - self._began) if ended else 0.0
        words = [f"{total - left} of {total} jobs"]
        words += [f"{counts[s]} {s.name}" for s in Status if counts.get(s) and s is not Status.DONE]
        if rate:
            words.append(f"{rate * 60:.1f} a minute")
            words.append(f"about {duration(left / rate)} left")
        line.add_row(
            ProgressBar(total=max(total, 1), completed=total - left, width=30),
            Text(", ".join(words), style="red" if any(counts.get(s) for s in FAILED) else ""),
        )
        table = Table(box=None, pad_edge=False, header_style="dim")
        for header in ("job", "running for", "hyper-parameters", "progress"):
            table.add_column(header, no_wrap=True)
        for job_id, (began, parameters, message) in running:
            table.add_row(str(job_id), duration(now - began), Text(parameters), Text(message))
        return Group(line, table) if running else line


def _describe(parameters: dict[str, Any]) -> str:
    """Return ``lr=0.1 nhid=50``."""
    names = short_names(parameters)
    return " ".join(
        f"{name}={shorten(value, 24)}"
        for name, value in zip(names, parameters.values(), strict=True)
    )


def _end(
    job_id: int, status: Status | None, seconds: float, parameters: str, error: str | None
) -> str:
    if status is None:
        outcome = "another worker has it now"
    elif status is Status.START:
        outcome = "back in the table"
    else:
        outcome = status.name
    text = f"job {job_id} {outcome} after {duration(seconds)}  {parameters}".rstrip()
    if error and status in FAILED:
        text += f"\n    {shorten_error(summary(error), 200)}"
    return text
