"""``jobman edit``: other values for keys of jobs that wait or have ended, or new jobs with them."""

__all__ = ["edit"]

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.completion import KEY
from pylearn2_jobman.jobman.cli.jobs.selection import choose, confirm, listed, selection_options
from pylearn2_jobman.jobman.cli.places import table_argument
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.parameters.sweep import one_job
from pylearn2_jobman.jobman.query.keys import PRIORITY
from pylearn2_jobman.jobman.status import Status

_EDITED = tuple(status for status in Status if status is not Status.RUNNING)


@command(
    "jobman edit 'sqlite:///jobs.db?table=mlp' 3 4 hyper_parameters.learning_rate=0.01\n"
    "jobman edit 'sqlite:///jobs.db?table=mlp' --where 'results.valid_nll < 0.1' "
    "jobman.tags='good paper'\n"
    "jobman edit 'sqlite:///jobs.db?table=mlp' 3 --copy hyper_parameters.nhid=500"
)
@table_argument
@click.argument("words", metavar="[ID]... [KEY=VALUE]...", nargs=-1, type=KEY)
@selection_options
@click.option("--all", "everything", is_flag=True, help="All jobs, running ones left out.")
@click.option("--priority", type=float, help="Their priority: higher ones run first.")
@click.option(
    "--remove", multiple=True, metavar="KEY", type=KEY, help="Remove this key; repeatable."
)
@click.option("--add", is_flag=True, help="Allow keys that the jobs do not have yet.")
@click.option("--copy", is_flag=True, help="Leave the jobs as they are, and add new ones.")
@click.option("-f", "--force", is_flag=True, help="Even if they become the same as other jobs.")
def edit(
    table: str,
    words: tuple[str, ...],
    statuses: tuple[Status, ...],
    where: str | None,
    dry_run: bool,
    yes: bool,
    everything: bool,
    priority: float | None,
    remove: tuple[str, ...],
    add: bool,
    copy: bool,
    force: bool,
) -> None:
    """Give keys of jobs that wait or have ended other values.

    All selections must hold. KEY=VALUE is as `jobman help parameters` explains: a hyper-parameter,
    or jobman.tags and jobman.note, which are yours. A job that a worker takes meanwhile is left
    alone; either all others change or, after an error, none. --copy makes new jobs instead, that
    wait, without the results.
    """
    from pylearn2_jobman.jobman.table import open_table

    ids = [int(word) for word in words if word.isdecimal()]
    values = one_job("filemerge", [word for word in words if not word.isdecimal()])
    if priority is not None:
        values[PRIORITY] = priority
    if not (values or remove):
        raise click.UsageError("which keys? Give KEY=VALUE, --priority or --remove")
    if not (ids or statuses or where or everything):
        raise click.UsageError("which jobs? Give ids, --status, --where or --all")
    among = tuple(Status) if copy else _EDITED
    with open_table(table, create=False) as jobs:
        chosen = choose(jobs, ids, statuses, where, among)
        what = "copied" if copy else "changed"
        if dry_run:
            click.echo(f"{len(chosen)} jobs would be {what}{listed(chosen)}")
            return
        confirm("Copy" if copy else "Change", chosen, yes)
        if copy:
            made = jobs.copy(chosen, values, remove=remove, add=add, force=force)
            skipped = f"; {made.duplicates} were there already (--force adds them)"
            click.echo(
                f"Added {len(made.ids)} {plural(len(made.ids), 'job')}{listed(made.ids)}"
                + skipped * bool(made.duplicates)
            )
            return
        changed = jobs.edit(
            chosen, values, remove=remove, among=statuses or among, add=add, force=force
        )
    left = len(chosen) - len(changed)
    taken = f"; {left} left alone, which are run or gone now" * bool(left)
    click.echo(f"Changed {len(changed)} {plural(len(changed), 'job')}{listed(changed)}{taken}")
    if ids and left:
        raise UsageError("not all of these jobs were changed")
