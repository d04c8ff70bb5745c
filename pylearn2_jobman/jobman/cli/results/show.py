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
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.listing import MOST_FILES, JobFiles
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS
from pylearn2_jobman.jobman.state import flatten
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


@command("jobman show 'sqlite:///jobs.db?table=mlp' 7 --exproot experiments")
@table_argument
@click.argument("job_id", metavar="ID", type=int)
@exproot_option("Where the jobs' files are, to list this one's.")
@click.option(
    "--lines", default=20, show_default=True, metavar="N",
    help="How many lines to show of the end of its output.",
)  # fmt: skip
@format_option
def show(table: str, job_id: int, exproot: Path | None, lines: int, form: str) -> None:
    """Print a job's state, its YAML with the hyper-parameters filled in, its error and its files.

    A running job's progress is among its state; where it runs on this machine, its files are those
    in its working directory.
    """
    from rich.console import Console

    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        job = jobs.get(job_id)
        directory = job_directory(jobs, job, exproot)
    if form == "json":
        print_json(_facts(job, directory, lines))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]Job {job.id}[/]: {job.status.name}, priority {job.priority:g}")
    times = {"created": job.created, "claimed": job.claimed, "last sign of life": job.heartbeat}
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
    _print_yaml(console, job)
    if flat.get("jobman.error"):
        _section(console, "Error")
        _plain(console, str(flat["jobman.error"]))
    if directory is not None:
        _print_files(console, JobFiles(directory), lines)
    elif exproot is not None:
        _section(console, f"No files of this job below {exproot}")


def _facts(job: "Job", directory: Path | None, lines: int) -> dict[str, Any]:
    """Return all that is printed, for JSON."""
    from pylearn2_jobman.jobman.query.export import job_facts

    facts: dict[str, Any] = {"job": job_facts(job), "yaml": None, "directory": directory}
    with contextlib.suppress(TemplateError):
        facts["yaml"] = _yaml(job)
    if directory is not None:
        files = JobFiles(directory)
        facts["files"] = [{"name": Path(one.name), "size": one.size} for one in files.listing()]
        for name in ("stdout", "stderr") if lines > 0 else ():
            facts[name] = tail(files.tail(name), lines=lines)
    return facts


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


def _print_files(console: "Console", files: JobFiles, lines: int) -> None:
    from rich.filesize import decimal

    listing = files.listing()
    more = f" (the first {MOST_FILES:,})" if len(listing) == MOST_FILES else ""
    _section(console, f"Files in {files.path}{more}")
    for file in listing:
        _plain(console, f"{decimal(file.size):>10}  {file.name}")
    for name in ("stdout", "stderr"):
        text = files.tail(name)
        if text.strip() and lines > 0:
            _section(console, f"The end of {name}")
            _plain(console, tail(text, lines=lines))


def _section(console: "Console", title: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(printable(title), style="bold"))


def _plain(console: "Console", text: Any) -> None:
    from rich.text import Text

    console.print(Text(printable(text)))
