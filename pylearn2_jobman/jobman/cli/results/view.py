"""``jobman sqlview``: a view with one row a job and one column a key."""

__all__ = ["sqlview"]

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import table_argument


@command("jobman sqlview 'sqlite:///jobs.db?table=mlp' mlp_view")
@table_argument
@click.argument("view")
@click.option("-d", "--drop", is_flag=True, help="Drop the view instead of making it.")
@click.option("-q", "--quiet", is_flag=True, help="Do not print the SQL.")
@click.option(
    "--readable",
    is_flag=True,
    help="Name the columns as the keys are (hyper_parameters.lr), not as LISA's jobman did.",
)
@click.option("--key", "keys", multiple=True, help="Only this key; may be given several times.")
def sqlview(
    table: str, view: str, drop: bool, quiet: bool, readable: bool, keys: tuple[str, ...]
) -> None:
    """Make or drop a view with one row a job and one column a key.

    A view that is there already is made anew, with the columns for the keys that there are now.
    """
    from pylearn2_jobman.jobman.table import open_table

    with open_table(table, create=False) as jobs:
        if drop:
            done, sql = "Deleting", jobs.drop_view(view)
        else:
            done, sql = "Creating", jobs.create_view(view, readable=readable, keys=keys or None)
    if not quiet:
        click.echo(f"{done} sql view with command:\n{sql}")
