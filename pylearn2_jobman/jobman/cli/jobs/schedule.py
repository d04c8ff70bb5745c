"""``jobman sqlschedule`` and ``jobman sqlschedules``: putting jobs into a table."""

__all__ = ["sqlschedule", "sqlschedules"]

from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.parameters.grid import expand_grid
from pylearn2_jobman.jobman.parameters.parsers import parser
from pylearn2_jobman.jobman.table.schedule import EXPERIMENT, check_experiment, job_state

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable

_MANY = 100  # more jobs than one reads a line about each of

_experiment = click.argument("experiment")
_parameters = click.argument("parameters", nargs=-1)
_force = click.option("-f", "--force", is_flag=True, help="Add even if the table has an equal job.")
_no_check = click.option(
    "--no-check", is_flag=True, help="Do not import the experiment here, to see that it is there."
)
_parser = click.option(
    "-p", "--parser", "parser_name", default="filemerge", show_default=True, metavar="NAME",
    help="How parameters are read: filemerge, standard, raw, raw_filemerge, or module.function.",
)  # fmt: skip
_priority = click.option(
    "--priority", type=float, default=1.0, show_default=True, help="Higher ones run first."
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print only how many were added.")


@command(
    "jobman sqlschedule 'sqlite:///jobs.db?table=mlp' \\\n"
    "    pylearn2_jobman.experiment.train_experiment mlp.conf hyper_parameters.nhid=500"
)
@table_argument
@_experiment
@_parameters
@_force
@_priority
@_no_check
@_parser
def sqlschedule(
    table: str,
    experiment: str,
    parameters: tuple[str, ...],
    force: bool,
    priority: float,
    no_check: bool,
    parser_name: str,
) -> None:
    """Put one job into a table.

    EXPERIMENT is the dotted name of a function f(state, channel); `jobman help parameters` explains
    PARAMETERS.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not no_check:
        check_experiment(experiment)
    state = job_state(experiment, parser(parser_name)(*parameters))
    with open_table(table) as jobs:
        added = jobs.insert(state, priority=priority, force=force)
    _report(state, added)


@command(
    "jobman sqlschedules 'sqlite:///jobs.db?table=mlp' \\\n"
    "    pylearn2_jobman.experiment.train_experiment mlp.conf \\\n"
    "    'hyper_parameters.learning_rate={{0.1,0.01}}' 'hyper_parameters.nhid={{50,100}}'"
)
@table_argument
@_experiment
@_parameters
@_force
@click.option(
    "-r", "--repeat", default=1, show_default=True, type=click.IntRange(min=1), metavar="N",
    help="Add every job N times; random draws in the parameters are made anew.",
)  # fmt: skip
@_priority
@_no_check
@_parser
@_quiet
def sqlschedules(
    table: str,
    experiment: str,
    parameters: tuple[str, ...],
    force: bool,
    repeat: int,
    priority: float,
    no_check: bool,
    parser_name: str,
    quiet: bool,
) -> None:
    """Put a grid of jobs into a table.

    Every {{a,b}} in PARAMETERS stands for several values, and all combinations are added. A random
    draw (key:=@numpy.random.uniform(0, 1), also in a .conf file) is made once for every job.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not no_check:
        check_experiment(experiment)
    lines = expand_grid(parameters)
    # Everything is read before anything is written: a mistake in one line adds no job at all.
    parse = parser(parser_name)
    states = [[job_state(experiment, parse(*line)) for _ in range(repeat)] for line in lines]
    total = len(lines) * repeat
    with open_table(table) as jobs:
        if repeat == 1 and (quiet or total > _MANY):
            every = (repetitions[0] for repetitions in states)
            added = len(jobs.insert_many(every, priority=priority, force=force).ids)
        else:
            added = sum(_insert(jobs, group, priority, force, quiet) for group in states)
    skipped = f"; {total - added} were there already (--force adds them)" if added < total else ""
    click.echo(f"Added {added} on {total} jobs{skipped}")


def _insert(
    jobs: "JobTable", repetitions: list[dict[str, Any]], priority: float, force: bool, quiet: bool
) -> int:
    """Insert a job and its repetitions; return how many were added."""
    for number, state in enumerate(repetitions):
        job_id = jobs.insert(state, priority=priority, force=force or number > 0)
        if not quiet:
            _report(state, job_id)
        if job_id is None:
            return number  # an equal job was there before: it is not repeated either
    return len(repetitions)


def _report(state: dict[str, Any], job_id: int | None) -> None:
    shown = " ".join(f"{key}={shorten(value)}" for key, value in state.items() if key != EXPERIMENT)
    if job_id is None:
        click.echo(f"SKIPPING {shown}: an equal job is in the table (--force adds it)")
    else:
        click.echo(f"ADDING   job {job_id}: {shown}")
