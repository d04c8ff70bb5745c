"""``jobman export``: jobs as a file that other programs read."""

__all__ = ["export"]

from pathlib import Path

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.completion import KEY, STATUS
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import print_result
from pylearn2_jobman.jobman.status import Status


@command("jobman export --status DONE 'sqlite:///jobs.db?table=mlp' jobs.csv")
@table_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True))
@click.option(
    "--keys", metavar="KEYS", type=KEY, help="Only these: 'hyper_parameters.*,results.valid_nll'."
)
@click.option(
    "--status", "statuses", multiple=True, type=STATUS, help="Jobs with this status; repeatable."
)
@click.option("--where", metavar="COMPARISON", help="Jobs like 'results.nll < 0.1'.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True,
    help="The format on standard output.",
)  # fmt: skip
def export(
    table: str,
    file: Path,
    keys: str | None,
    statuses: tuple[Status, ...],
    where: str | None,
    form: str,
) -> None:
    """Write jobs to FILE, which ends in .csv, .json or .parquet: a row a job, a column a key.

    FILE may be -, which is standard output.
    """
    from pylearn2_jobman.jobman.query.export import export as write
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        answer = jobs.columns(
            keys=[key.strip() for key in keys.split(",")] if keys else None,
            status=statuses or None,
            where=where,
        )
    if str(file) == "-":
        print_result(answer, form)
        return
    write(answer, file)
    click.echo(f"Wrote {len(answer)} jobs with {len(answer.keys)} keys to {file}")
