"""``jobman sqlschedule`` and ``jobman sqlschedules``: putting jobs into a table."""

__all__ = ["sqlschedule", "sqlschedules"]

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.dry_run import report
from pylearn2_jobman.jobman.cli.jobs.options import draws_option, parser_option, seed_option
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.database.hashing import distinct
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.parameters.sweep import Sweep, one_job
from pylearn2_jobman.jobman.query.keys import is_hyper_parameter, varying_keys
from pylearn2_jobman.jobman.table.schedule import EXPERIMENT, check_experiment, job_state

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable

_MANY = 100  # more jobs than one reads a line about each of

_experiment = click.argument("experiment")
_parameters = click.argument("parameters", nargs=-1)
_force = click.option("-f", "--force", is_flag=True, help="Add even if the table has an equal job.")
_no_check = click.option(
    "--no-check", is_flag=True,
    help="Import nothing here, and add the jobs whatever is wrong with them.",
)  # fmt: skip
_priority = click.option(
    "--priority", type=float, default=1.0, show_default=True, help="Higher ones run first."
)
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print only how many were added.")
_dry_run = click.option(
    "--dry-run", is_flag=True,
    help="Add nothing; print how many jobs there would be, how many of them new, what varies, the "
    "YAML of the first, and how long they would take.",
)  # fmt: skip


@command(
    "jobman sqlschedule 'sqlite:///jobs.db?table=mlp' \\\n"
    "    pylearn2_jobman.experiment.train_experiment mlp.conf hyper_parameters.nhid=500"
)
@table_argument
@_experiment
@_parameters
@_force
@_priority
@seed_option
@_no_check
@parser_option
@_dry_run
@_quiet
def sqlschedule(
    table: str,
    experiment: str,
    parameters: tuple[str, ...],
    force: bool,
    priority: float,
    seed: int | None,
    no_check: bool,
    parser_name: str,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Put one job into a table.

    EXPERIMENT is the dotted name of a function f(state, channel); `jobman help parameters` explains
    PARAMETERS.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not no_check:
        check_experiment(experiment)
    state = job_state(experiment, one_job(parser_name, parameters, seed, grids_are_text=no_check))
    if not no_check:
        _check([state])
    if dry_run:
        report(table, [state], {}, force=force)
        return
    with open_table(table) as jobs:
        added = jobs.insert(state, priority=priority, force=force, check=False)
    if quiet:
        click.echo(_added([state], int(added is not None)))
    else:
        _report(state, added, [])


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
    help="Add every job N times; expressions with random draws are computed anew.",
)  # fmt: skip
@draws_option
@seed_option
@_priority
@_no_check
@parser_option
@_dry_run
@_quiet
def sqlschedules(
    table: str,
    experiment: str,
    parameters: tuple[str, ...],
    force: bool,
    repeat: int,
    draws: int | None,
    seed: int | None,
    priority: float,
    no_check: bool,
    parser_name: str,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Put a sweep of jobs into a table.

    PARAMETERS that stand for several values, here or in a .conf file, make all combinations:
    {{a,b}}, ranges {{1..10}}, and key ~ loguniform(1e-4, 1), which draws a value. `jobman help
    sweeps` has every form.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not no_check:
        check_experiment(experiment)
    sweep = Sweep(parameters, parser_name, draws, seed)
    # Everything is read before anything is written: a mistake in one line adds no job at all.
    groups = [[job_state(experiment, one) for one in same] for same in sweep.repeated(repeat)]
    states = [group[0] for group in groups]
    if not no_check:
        _check([state for group in groups for state in group])
    if dry_run:
        report(table, states, sweep.drawn, force=force, repeat=repeat)
        return
    with open_table(table) as jobs:
        if repeat == 1 and (quiet or len(states) > _MANY):
            added = len(jobs.insert_many(states, priority=priority, force=force, check=False).ids)
        else:
            first = _varying(states)
            added = sum(_insert(jobs, group, priority, force, quiet, first) for group in groups)
    click.echo(_added(states, added, repeat))


def _check(states: Sequence[Mapping[str, Any]]) -> None:
    """Let the experiment say what is wrong with its jobs; nothing is added if anything is."""
    from pylearn2_jobman.jobman.table.checks import check_jobs

    try:
        check_jobs(states)
    except JobmanError as error:
        error.add_note("no job was added; --no-check adds them as they are")
        raise


def _insert(
    jobs: "JobTable",
    repetitions: Sequence[Mapping[str, Any]],
    priority: float,
    force: bool,
    quiet: bool,
    first: Collection[str],
) -> int:
    """Insert a job and its repetitions; return how many were added."""
    for number, state in enumerate(repetitions):
        job_id = jobs.insert(state, priority=priority, force=force or number > 0, check=False)
        if not quiet:
            _report(state, job_id, first)
        if job_id is None:
            return number  # an equal job was there before: it is not repeated either
    return len(repetitions)


def _varying(states: Sequence[Mapping[str, Any]]) -> list[str]:
    keys = dict.fromkeys(key for state in states for key in state)
    return varying_keys({key: [state.get(key) for state in states] for key in keys})


def _report(state: Mapping[str, Any], job_id: int | None, first: Collection[str]) -> None:
    """Print a job: what varies first, then what the YAML is rendered with."""
    keys = [key for key in state if key != EXPERIMENT]
    keys.sort(key=lambda key: (key not in first, not is_hyper_parameter(key)))
    shown = " ".join(f"{key}={shorten(state[key])}" for key in keys)
    if job_id is None:
        click.echo(f"SKIPPING {shown}: an equal job is in the table (--force adds it)")
    else:
        click.echo(f"ADDING   job {job_id}: {shown}")


def _added(states: Sequence[Mapping[str, Any]], added: int, repeat: int = 1) -> str:
    """Return how many were added, and why not all."""
    total = len(states) * repeat
    text = f"Added {added} on {total} jobs"
    if added == total:
        return text
    equal = repeat * (len(states) - distinct(states))
    there = total - added - equal
    reasons = [f"{there} were there already"] if there > 0 else []
    reasons += [f"{equal} are equal to others of them"] if equal else []
    return f"{text}; {', '.join(reasons)} (--force adds them)"
