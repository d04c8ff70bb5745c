"""``jobman best``: the finished jobs with the best value of a result."""

__all__ = ["best"]

from typing import TYPE_CHECKING

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import print_table
from pylearn2_jobman.jobman.query.keys import choose_keys, is_hyper_parameter, short_names
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable


@command("jobman best --by results.valid_nll -n 5 'sqlite:///jobs.db?table=mlp'")
@table_argument
@click.option("--by", required=True, metavar="KEY", help="The result that decides; lowest first.")
@click.option("-n", "number", default=10, show_default=True, help="How many jobs.")
@click.option("--highest", is_flag=True, help="Highest first.")
@click.option("--where", metavar="COMPARISON", help="Only of jobs like 'results.epoch > 10'.")
@click.option(
    "--show",
    metavar="KEYS",
    help="Keys to show, with commas between; 'results.*' stands for all that begin so. By default "
    "the hyper-parameters that differ between the finished jobs, and all results.",
)
def best(
    table: str, by: str, number: int, highest: bool, where: str | None, show: str | None
) -> None:
    """Print the finished jobs with the lowest (or highest) value of a result."""
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        ranked = jobs.best(by, n=number, highest=highest, where=where)
        if not ranked:
            raise UsageError(f"no finished job {'like this ' * bool(where)}has a number as {by!r}")
        if show is not None:
            keys = choose_keys((key.strip() for key in show.split(",")), jobs.keys())
        else:
            keys = _default_keys(jobs, where)
    keys = [by, *(key for key in keys if key != by)]
    rows = ([job.id, *map(flatten(job.state).get, keys)] for job in ranked)
    print_table(["job", *short_names(keys)], rows)


def _default_keys(jobs: "JobTable", where: str | None) -> list[str]:
    """Return the hyper-parameters that differ between finished jobs, and the results."""
    known = jobs.keys()
    keys = list(filter(is_hyper_parameter, known))
    varying = jobs.columns(keys=keys, status=Status.DONE, where=where).varying()
    return varying + [key for key in known if key.startswith("results.")]
