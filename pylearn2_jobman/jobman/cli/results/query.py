"""``jobman query``: keys of jobs, chosen and sorted by a query."""

__all__ = ["query"]

import sys

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import print_table
from pylearn2_jobman.jobman.query.keys import short_names


@command(
    "jobman query 'sqlite:///jobs.db?table=mlp' 'select hyper_parameters.lr, results.valid_nll "
    "where jobman.status = DONE order by results.valid_nll limit 10'"
)
@table_argument
@click.argument("text", metavar="QUERY")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True, help="How to print; csv and json have all digits.",
)  # fmt: skip
def query(table: str, text: str, form: str) -> None:
    """Print keys of the jobs that a query chooses.

    \b
    select KEYS           keys with commas between; results.* are all that begin so
    where CONDITION       results.valid_nll < 0.1 and not (hyper_parameters.nhid in (50, 100)
                          or jobman.error like '%memory%'); also is null, is not null
    order by KEYS [desc]
    limit N offset N

    Every part may be left out. A job without a key matches neither a comparison with it nor the
    opposite. jobman.id, jobman.status, jobman.created, jobman.claimed and jobman.heartbeat are keys
    too.
    """  # noqa: D301
    from pylearn2_jobman.jobman.query.export import write_csv, write_json
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        answer = jobs.query(text)
    if form == "csv":
        write_csv(answer, sys.stdout)
    elif form == "json":
        write_json(answer, sys.stdout)
    else:
        rows = ([job_id, *row] for job_id, row in zip(answer.ids, answer, strict=True))
        print_table(["job", *short_names(answer.keys)], rows)
