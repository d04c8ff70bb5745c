"""``jobman summary``: how a table stands."""

__all__ = ["summary"]

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json, print_table
from pylearn2_jobman.jobman.formatting import duration, shorten_error
from pylearn2_jobman.jobman.status import Status

_IDS_SHOWN = 8
_WIDTH = 100


@command("jobman summary 'sqlite:///jobs.db?table=mlp'")
@table_argument
@format_option
def summary(table: str, form: str) -> None:
    """Print how many jobs there are of each status, how fast they end, and what failed.

    Failed jobs are grouped by their error: those whose errors differ in numbers only are one group.
    """
    from pylearn2_jobman.jobman.query.summary import summarize
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        found = summarize(jobs)
    if form == "json":
        counts = {status.name: count for status, count in found.counts.items()}
        print_json({**vars(found), "counts": counts})
        return
    total = sum(found.counts.values())
    parts = [f"{found.counts[one]} {one.name}" for one in Status if found.counts[one]]
    click.echo(f"{total} jobs" + (f": {', '.join(parts)}" if parts else ""))
    if found.median_seconds is not None:
        click.echo(f"half of the jobs took at most {duration(found.median_seconds)}")
    if found.jobs_an_hour is not None:
        left = found.seconds_left
        click.echo(
            f"{found.jobs_an_hour:,.{0 if found.jobs_an_hour >= 100 else 1}f} jobs end an hour"
            + (f"; about {duration(left)} left" if left is not None else "")
        )
    if found.failures:
        click.echo()
        print_table(
            ["jobs", "error", "ids"],
            (
                [len(failure.ids), shorten_error(failure.error, _WIDTH), _ids(failure.ids)]
                for failure in found.failures
            ),
            left=[1, 2],
            wrapped=[1],
            width=10_000,  # the errors are as short as they can be
        )


def _ids(ids: list[int]) -> str:
    return " ".join(map(str, ids[:_IDS_SHOWN])) + " ..." * (len(ids) > _IDS_SHOWN)
