"""``jobman retry``: jobs that failed, to be run once more."""

__all__ = ["retry"]

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.selection import choose, confirm, listed, selection_options
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.status import FAILED, Status

_RETRIED = (*FAILED, Status.CANCELED)
_AT_WORK = (Status.START, Status.RUNNING)


@command("jobman retry --status ERR_RUN --where \"jobman.error like '%memory%'\" "
         "'sqlite:///jobs.db?table=mlp'")  # fmt: skip
@table_argument
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@selection_options
def retry(
    table: str,
    ids: tuple[int, ...],
    statuses: tuple[Status, ...],
    where: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Put jobs back to START, so that workers run them once more.

    All selections must hold. Without --status it is the jobs that failed or were cancelled; jobs
    that wait or run are never put back.
    """
    from pylearn2_jobman.jobman.table import open_table

    if set(statuses).intersection(_AT_WORK):
        raise click.UsageError("jobs that wait or run need no retry; jobman check finds dead ones")
    wanted = list(statuses) or list(_RETRIED)
    with open_table(table, create=False) as jobs:
        chosen = choose(jobs, ids, statuses, where, wanted)
        if not (ids or statuses or where or dry_run):
            confirm("Put back to START", chosen, yes)
        # Whoever else puts them back meanwhile may have had them claimed already.
        number = len(chosen) if dry_run else jobs.set_status(chosen, Status.START, among=wanted)
    what = "would be" if dry_run else "are"
    click.echo(f"{number} jobs {what} put back to START{listed(chosen)}")
