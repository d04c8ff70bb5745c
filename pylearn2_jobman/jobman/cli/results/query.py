"""``jobman query``: keys of jobs, chosen and sorted by a query."""

__all__ = ["query"]

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.cli.tables import over_option, print_result, result_format_option


@command(
    "jobman query 'sqlite:///jobs.db?table=mlp' 'select hyper_parameters.lr, results.valid_nll "
    "where jobman.status = DONE order by results.valid_nll limit 10'"
)
@table_argument
@click.argument("text", metavar="QUERY")
@over_option
@result_format_option
def query(table: str, text: str, over: str | None, form: str) -> None:
    """Print keys of the jobs that a query chooses.

    \b
    select KEYS           keys with commas between; results.* are all that begin so
    where CONDITION       results.valid_nll < 0.1 and not (hyper_parameters.nhid in (50, 100)
                          or jobman.error like '%memory%'); also is null, is not null
    order by KEYS [desc]
    limit N offset N

    Every part may be left out. A job without a key matches neither a comparison with it nor the
    opposite. jobman.id, jobman.status, jobman.created, jobman.claimed and jobman.heartbeat are keys
    too. With --over, jobs are chosen first; order and limit are those of the lines, and a result in
    them is its mean: order by results.valid_nll, or results.valid_nll.high.
    """  # noqa: D301
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        answer = jobs.query(text, over=over)
    print_result(answer, form)
