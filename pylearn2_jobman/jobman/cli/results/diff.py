"""``jobman diff``: the keys in which jobs differ."""

__all__ = ["diff"]

import difflib
from typing import Any

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json, print_table, printable
from pylearn2_jobman.jobman.query.keys import differences
from pylearn2_jobman.jobman.state import flatten


@command("jobman diff 'sqlite:///jobs.db?table=mlp' 3 7")
@table_argument
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@click.option("--all", "everything", is_flag=True, help="Also what jobman itself noted.")
@format_option
def diff(table: str, ids: tuple[int, ...], everything: bool, form: str) -> None:
    """Print the keys in which jobs differ, and their values: a dash where a job has none.

    Of two jobs, texts of several lines are compared line by line.
    """
    from pylearn2_jobman.jobman.table import open_table

    if len(set(ids)) < 2:
        raise click.UsageError("give the ids of two jobs or more")
    with open_table(table, create=False) as jobs:
        flats = [flatten(jobs.get(job_id).state) for job_id in ids]
    short: list[list[Any]] = []
    long: list[str] = []
    differing = differences(flats, everything=everything)
    if form == "json":
        pairs = [(str(job_id), flat) for job_id, flat in zip(ids, flats, strict=True)]
        print_json({key: {name: flat[key] for name, flat in pairs if key in flat}
                    for key in differing})  # fmt: skip
        return
    for key, values in differing.items():
        if len(ids) == 2 and any("\n" in str(value) for value in values):
            long += [key, *_lines(ids, [str(value) for value in values])]
        else:
            short.append([key, *values])
    if not short and not long:
        click.echo("They do not differ" + " (--all compares jobman's own keys)" * (not everything))
    if short:
        print_table(["key", *(f"job {job_id}" for job_id in ids)], short, left=[0])
    for line in long:
        click.echo(printable(line))


def _lines(ids: tuple[int, ...], texts: list[str]) -> list[str]:
    before, after = (text.splitlines() for text in texts)
    names = [f"job {job_id}" for job_id in ids]
    return list(difflib.unified_diff(before, after, names[0], names[1], lineterm="", n=1))
