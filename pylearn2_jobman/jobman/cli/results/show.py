"""``jobman show``: one job, with all that is known of it."""

__all__ = ["show"]

import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import RenderWarning, TemplateError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import exproot_option, table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json, printable
from pylearn2_jobman.jobman.files.job_view import JobView
from pylearn2_jobman.jobman.files.listing import MOST_FILES, JobFiles
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.tracebacks import tail
from pylearn2_jobman.values import format_literal

if TYPE_CHECKING:
    from rich.console import Console

    from pylearn2_jobman.jobman.database.job import Job

_ELSEWHERE = {
    "yaml_template",
    "jobman.error",
    TAGS,
    NOTE,
}  # keys that are shown in a section of their own


@command(
    "jobman show 'sqlite:///jobs.db?table=mlp' 7 --exproot experiments\n"
    "jobman show postgres://ml.lab.org/jobs?table=mlp 7 --follow"
)
@table_argument
@click.argument("job_id", metavar="ID", type=int)
@exproot_option("Where the jobs' files are, to list this one's.", remote=True)
@click.option(
    "--lines", default=20, show_default=True, metavar="N",
    help="How many lines to show of the end of its output.",
)  # fmt: skip
@click.option(
    "-f", "--follow", "following", is_flag=True,
    help="Print its output and its progress as they come, until it ends.",
)  # fmt: skip
@format_option
def show(
    table: str, job_id: int, exproot: Path | str | None, lines: int, following: bool, form: str
) -> int:
    """Print a job's state, its YAML with the hyper-parameters filled in, its error and its files.

    A running job's progress, the end of its output and its memory come from the table, as they were
    at its last sign of life; where it runs on this machine, its files are those in its working
    directory.

    With --follow, the exit code is 1 if the job fails.
    """
    from rich.console import Console

    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        if following:
            from pylearn2_jobman.jobman.cli.results.follow import follow

            with contextlib.suppress(KeyboardInterrupt):  # that is how one stops to look
                status = follow(lambda: JobView.of(jobs, jobs.get(job_id), exproot), lines)
                return 1 if status in FAILED else 0
            return 0
        job = jobs.get(job_id)
        view = JobView.of(jobs, job, exproot)
    if form == "json":
        print_json(_facts(view, lines))
        return 0
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Job {job.id}[/]: {job.status.name}, priority {job.priority:g}")
    heartbeat = "not run before" if job.status is Status.START else "last sign of life"
    times = {"created": job.created, "claimed": job.claimed, heartbeat: job.heartbeat}
    for name, when in times.items():
        if when is not None:
            console.print(f"{name} {when:%Y-%m-%d %H:%M:%S} UTC")
    flat = flatten(job.state)
    for key in (TAGS, NOTE):
        if key in flat:
            _plain(console, f"{key.removeprefix('jobman.')}: {flat[key]}")
    _section(console, "State")
    for key, value in sorted(flat.items()):
        if key not in _ELSEWHERE:
            _plain(console, f"{key} = {format_literal(value)}")
    _print_live(console, view)
    _print_yaml(console, job)
    if flat.get("jobman.error"):
        _section(console, "Error")
        _plain(console, str(flat["jobman.error"]))
    if view.files is not None:
        _print_files(console, view.files)
    elif exproot is not None:
        _section(console, f"No files of this job below {exproot}")
    for name, text in view.output().items() if lines > 0 else ():
        if text.strip():
            _section(console, f"The end of {'its output' if name == 'output' else name}")
            _plain(console, tail(text, lines=lines))
    return 0


def _facts(view: JobView, lines: int) -> dict[str, Any]:
    """Return all that is printed, for JSON."""
    from pylearn2_jobman.jobman.query.export import job_facts

    facts: dict[str, Any] = {"job": job_facts(view.job), "yaml": None, "directory": None}
    with contextlib.suppress(TemplateError):
        facts["yaml"] = _yaml(view.job)
    if view.live != Live():
        latest = view.live.latest()
        facts["live"] = {
            **view.live.at, **latest, "message": view.live.message, "memory": view.live.memory
        }  # fmt: skip
    if view.files is not None:
        address = view.files.address
        facts["directory"] = address if address.startswith("ssh:") else Path(address)
        with contextlib.suppress(OSError):
            listing = view.files.listing()
            facts["files"] = [{"name": Path(one.name), "size": one.size} for one in listing]
    for name, text in view.output().items() if lines > 0 else ():
        facts[name] = tail(text, lines=lines)
    return facts


def _print_live(console: "Console", view: JobView) -> None:
    """Print how far the job is."""
    from rich.filesize import decimal

    live = view.live
    told = {**live.at, **live.latest()}
    if not told and not live.message:
        return
    _section(console, "Progress")
    if live.message:
        _plain(console, live.message)
    for name, value in told.items():
        _plain(console, f"{name} = {value:.10g}")
    if live.memory is not None:
        _plain(console, f"memory = {decimal(live.memory)}")


def _yaml(job: "Job") -> str | None:
    """Return a job's YAML text; None if it has no template."""
    from pylearn2_jobman.rendering.template import render

    template = job.state.get("yaml_template")
    if not isinstance(template, str):
        return None
    with warnings.catch_warnings():  # the worker warned
        warnings.simplefilter("ignore", RenderWarning)
        return render(template, job.state.get("hyper_parameters", {}))


def _print_yaml(console: "Console", job: "Job") -> None:
    from rich.syntax import Syntax

    try:
        text = _yaml(job)
    except TemplateError as error:
        _section(console, "YAML")
        _plain(console, f"cannot be rendered: {error}")
        return
    if text is None:
        return
    _section(console, "YAML")
    console.print(
        Syntax(printable(text.strip("\n")), "yaml", theme="ansi_dark", background_color="default")
    )


def _print_files(console: "Console", files: JobFiles) -> None:
    from rich.filesize import decimal

    try:
        listing = files.listing()
    except OSError as error:
        _section(console, f"Files in {files.address} cannot be read: {error}")
        return
    more = f" (the first {MOST_FILES:,})" if len(listing) == MOST_FILES else ""
    _section(console, f"Files in {files.address}{more}")
    for file in listing:
        _plain(console, f"{decimal(file.size):>10}  {file.name}")


def _section(console: "Console", title: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(printable(title), style="bold"))


def _plain(console: "Console", text: Any) -> None:
    from rich.text import Text

    console.print(Text(printable(text)))
