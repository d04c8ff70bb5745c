"""``jobman best``: the finished jobs with the best value of a result."""

__all__ = ["best"]

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.display import shorten
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable


@command("jobman best --by results.valid_nll -n 5 'sqlite:///jobs.db?table=mlp'")
@click.argument("table", metavar="DB")
@click.option("--by", required=True, metavar="KEY", help="The result that decides; lowest first.")
@click.option("-n", "number", default=10, show_default=True, help="How many jobs.")
@click.option("--highest", is_flag=True, help="Highest first.")
@click.option(
    "--show",
    metavar="KEYS",
    help="Keys to show, with commas between; by default the hyper-parameters that differ between "
    "the finished jobs, and all results.",
)
def best(table: str, by: str, number: int, highest: bool, show: str | None) -> None:
    """Print the finished jobs with the lowest (or highest) value of a result."""
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        ranked = jobs.jobs(
            status=Status.DONE,
            where=f"{by} <= inf",  # has a number there, and not nan
            order_by=by,
            descending=highest,
            limit=number,
        )
        found = [(job.id, flatten(job.state)) for job in ranked]
        if not found:
            raise _nothing(jobs, by)
        keys = [key.strip() for key in show.split(",")] if show else _telling_keys(jobs)
    keys = [by, *(key for key in keys if key != by)]
    _print_table(["job", *_headings(keys)], ([i, *map(flat.get, keys)] for i, flat in found))


def _telling_keys(jobs: "JobTable") -> list[str]:
    """Return the hyper-parameters that differ between finished jobs, and the results."""
    first: dict[str, Any] = {}
    differing: set[str] = set()
    results: set[str] = set()
    for number, job in enumerate(jobs.jobs(status=Status.DONE)):
        flat = flatten(job.state)
        results.update(key for key in flat if key.startswith("results."))
        given = {key: value for key, value in flat.items() if key.startswith("hyper_parameters.")}
        if number == 0:
            first = given
        differing.update(
            key for key in first.keys() | given.keys() if first.get(key) != given.get(key)
        )
    return [*sorted(differing), *sorted(results)]


def _nothing(jobs: "JobTable", by: str) -> UsageError:
    keys = jobs.keys()
    if by in keys:
        return UsageError(f"no finished job has a number as {by!r}")
    results = [key for key in keys if key.startswith("results.")]
    there = f" (results: {', '.join(results)})" if results else " (no job has results yet)"
    return UsageError(f"no job has the key {by!r}{suggest(by, keys)}{there}")


def _headings(keys: list[str]) -> list[str]:
    """Return the last parts of dotted keys, where these tell them apart."""
    last = [key.rpartition(".")[2] for key in keys]
    return [short if last.count(short) == 1 else key for short, key in zip(last, keys, strict=True)]


def _print_table(headings: list[str], rows: Iterable[list[Any]]) -> None:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*("-" if value is None else _shown(value) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:  # a file or a pipe takes lines of any length
        console.width = Measurement.get(
            console, console.options.update(width=10_000), table
        ).maximum
    console.print(table)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else shorten(value)
