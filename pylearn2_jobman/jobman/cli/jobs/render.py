"""``jobman render``: a job's YAML, with its hyper-parameters filled in."""

__all__ = ["final_yaml", "render"]

import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.options import draws_option, parser_option, seed_option
from pylearn2_jobman.jobman.cli.places import DB, is_address
from pylearn2_jobman.jobman.cli.tables import printable
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.parameters.sweep import Sweep
from pylearn2_jobman.jobman.state import expand, flatten


@command(
    "jobman render mlp.conf hyper_parameters.nhid=500\n"
    "jobman render 'sqlite:///jobs.db?table=mlp' 7"
)
@click.argument("parameters", nargs=-1, required=True, metavar="PARAMETERS... | DB ID")
@click.option(
    "-n", "--number", default=1, show_default=True, type=click.IntRange(min=1), metavar="N",
    help="Which job, where the parameters stand for several.",
)  # fmt: skip
@draws_option
@seed_option
@parser_option
def render(
    parameters: tuple[str, ...], number: int, draws: int | None, seed: int | None, parser_name: str
) -> None:
    """Print the YAML of a job that parameters describe, or that a table has.

    It is what the job trains: the template with the hyper-parameters filled in.
    """
    if len(parameters) == 1 and parameters[0].isdecimal() and DB in os.environ:
        parameters = (os.environ[DB], *parameters)
    if is_address(parameters[0]):
        text = final_yaml(_stored(parameters))
    else:
        states = list(Sweep(parameters, parser_name, draws, seed))
        if number > len(states):
            raise click.UsageError(f"there are {len(states)} {plural(len(states), 'job')} only")
        if len(states) > 1:
            click.echo(f"jobman: job {number} of {len(states)} (--number shows others)", err=True)
        text = final_yaml(states[number - 1])
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=not text.endswith("\n"))


def _stored(arguments: tuple[str, ...]) -> Mapping[str, Any]:
    from pylearn2_jobman.jobman.table import open_table

    table, *ids = arguments
    if len(ids) != 1 or not ids[0].isdecimal():
        raise click.UsageError("behind a table there is the number of one job: jobman render DB 7")
    with open_table(table, create=False) as jobs:
        return jobs.get(int(ids[0])).state


def final_yaml(state: Mapping[str, Any]) -> str:
    """Return the YAML that `train_experiment` loads for a state, nested or flat.

    Raises
    ------
    UsageError
        If the state has no template.
    TemplateError
        If it cannot be rendered.
    """
    from pylearn2_jobman.rendering import template

    nested = expand(flatten(state), dict_type=dict)
    if not isinstance(nested.get("yaml_template"), str):
        raise UsageError("there is no yaml_template, and so no YAML")
    return template.render(nested["yaml_template"], nested.get("hyper_parameters", {}))
