"""``jobman best``: the finished jobs, or groups of them, with the best value of a result."""

__all__ = ["best"]

from typing import TYPE_CHECKING

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.completion import KEY
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import over_option, print_result, result_format_option
from pylearn2_jobman.jobman.query.front import Objective
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS, choose_keys, is_hyper_parameter
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable


@command("jobman best --by results.valid_nll -n 5 'sqlite:///jobs.db?table=mlp'")
@table_argument
@click.option(
    "--by", required=True, multiple=True, metavar="KEY", type=KEY,
    help="The result that decides; lowest first. Of several, KEY:max is wanted high.",
)  # fmt: skip
@click.option("-n", "number", default=10, show_default=True, help="How many jobs.")
@click.option("--highest", is_flag=True, help="Highest first.")
@click.option("--where", metavar="COMPARISON", help="Only of jobs like 'results.epoch > 10'.")
@click.option(
    "--show",
    metavar="KEYS",
    type=KEY,
    help="Keys to show, with commas between; 'results.*' stands for all that begin so. By default "
    "the hyper-parameters that differ between the finished jobs, all results, tags and notes.",
)
@over_option
@click.option(
    "--rank-by", type=click.Choice(["mean", "bound"]), default="mean", show_default=True,
    help="What decides between lines of --over: the mean, or the worse end of its interval.",
)  # fmt: skip
@result_format_option
def best(
    table: str,
    by: tuple[str, ...],
    number: int,
    highest: bool,
    where: str | None,
    show: str | None,
    over: str | None,
    rank_by: str,
    form: str,
) -> None:
    """Print the finished jobs with the lowest (or highest) value of a result.

    With --by given several times: those that no other job beats in all of them, the Pareto front.
    With --over, failed and missing runs are counted, and lines with a NaN come behind the others.
    """
    from pylearn2_jobman.jobman.query.groups import as_keys, ranked_by
    from pylearn2_jobman.jobman.table import open_table

    if over is not None and len(by) > 1:
        raise click.UsageError("--over takes --by once")
    key, highest_of_one = Objective.parse(by[0], highest)
    results = [Objective.parse(text).key for text in by]
    with open_table(table, create=False) as jobs:
        if show is not None:
            keys = choose_keys(as_keys(show), jobs.keys())
        else:
            keys = _default_keys(jobs, where) if over is None else []
        keys = [*results, *(key for key in keys if key not in results)]
        if over is None:
            ranked = (
                jobs.front(by, highest=highest, where=where)
                if len(by) > 1
                else jobs.best(key, n=number, highest=highest_of_one, where=where)
            )
            flats = [flatten(job.state) for job in ranked]
            columns = {key: [flat.get(key) for flat in flats] for key in keys}
            found = QueryResult([job.id for job in ranked], columns)
        else:
            order = ranked_by(key, rank_by, highest=highest_of_one)
            found = jobs.columns(
                keys=keys, over=over, where=where, order_by=order.key,
                descending=order.descending, limit=number,
            )  # fmt: skip
    if not (found.ids if over is None else any(found.columns.get(f"{key}.n", []))):
        wanted = " and ".join(map(repr, results))
        raise UsageError(f"no finished job {'like this ' * bool(where)}has a number as {wanted}")
    print_result(found, form)


def _default_keys(jobs: "JobTable", where: str | None) -> list[str]:
    """Return the hyper-parameters that differ between finished jobs, results, tags and notes."""
    known = jobs.keys()
    keys = list(filter(is_hyper_parameter, known))
    varying = jobs.columns(keys=keys, status=Status.DONE, where=where).varying()
    results = [key for key in known if key.startswith("results.")]
    return varying + results + [key for key in (TAGS, NOTE) if key in known]
