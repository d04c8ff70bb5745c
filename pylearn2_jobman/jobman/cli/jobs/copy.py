"""``jobman sqlcopy``: a table into another database."""

__all__ = ["sqlcopy"]

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.status import print_counts


@command("jobman sqlcopy 'sqlite:///jobs.db?table=mlp' 'postgres://user@host/lab?table=mlp'")
@click.argument("source", metavar="FROM_DB")
@click.argument("target", metavar="TO_DB")
@click.option(
    "--lease", type=float, default=300, show_default=True, metavar="SECONDS",
    help="Workers that have given a sign of life within this time are alive.",
)  # fmt: skip
def sqlcopy(source: str, target: str, lease: float) -> None:
    """Copy a table into another database, as it is.

    Ids, statuses, priorities, times, hashes and values stay. TO_DB is made if it is not there. An
    interrupted copy is completed by the same command; a job that is there already is never
    changed. Workers of FROM_DB have to be stopped first.
    """
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.jobman.table.copying import copy_table

    copied = copy_table(source, target, lease)
    there = f" ({copied.present} were there already)" if copied.present else ""
    with open_table(source, create=False) as old, open_table(target, create=False) as new:
        click.echo(f"Copied {copied.jobs} jobs to {new.url}{there}")
        print_counts(new)
        before, after = (f"EXPROOT/{table.database}/{table.name}" for table in (old, new))
    if before != after:
        click.echo(f"Their files are looked for in another directory now: mv {before} {after}")
