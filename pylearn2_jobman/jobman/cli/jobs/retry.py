"""``jobman retry``: jobs that failed, to be run once more."""

__all__ = ["retry"]

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.status import FAILED, Status

_RETRIED = (*FAILED, Status.CANCELED)


@command("jobman retry --status ERR_RUN --where \"jobman.error like '%memory%'\" "
         "'sqlite:///jobs.db?table=mlp'")  # fmt: skip
@click.argument("table", metavar="DB")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@click.option("--status", "statuses", multiple=True, help="Jobs with this status; repeatable.")
@click.option("--where", metavar="COMPARISON", help="Jobs like 'hyper_parameters.lr > 0.1'.")
@click.option("-n", "--dry-run", is_flag=True, help="Only say which jobs that would be.")
def retry(
    table: str, ids: tuple[int, ...], statuses: tuple[str, ...], where: str | None, dry_run: bool
) -> None:
    """Put jobs back to START, so that workers run them once more.

    All selections must hold. Without --status it is the jobs that failed or were cancelled; jobs
    that wait or run are never put back.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not (ids or statuses or where):
        raise click.UsageError("which jobs? Give ids, --status or --where")
    wanted = [Status.parse(status) for status in statuses] or list(_RETRIED)
    if Status.RUNNING in wanted or Status.START in wanted:
        raise click.UsageError("jobs that wait or run need no retry; jobman check finds dead ones")
    with open_table(table, create=False) as jobs:
        chosen = jobs.columns(keys=(), ids=ids or None, status=wanted, where=where).ids
        left = sorted(set(ids) - set(chosen))
        if left:
            names = ", ".join(status.name for status in wanted)
            raise UsageError(
                f"{plural(len(left), 'job')} {', '.join(map(str, left))}: not in the table, not "
                f"selected, or not {names}; nothing was changed"
            )
        # Whoever else puts them back meanwhile may have had them claimed already.
        number = len(chosen) if dry_run else jobs.set_status(chosen, Status.START, among=wanted)
    what = "would be" if dry_run else "are"
    click.echo(f"{number} jobs {what} put back to START" + f": {_list(chosen)}" * bool(chosen))


def _list(ids: list[int]) -> str:
    return " ".join(map(str, ids[:20])) + " ..." * (len(ids) > 20)
