"""``jobman delete``: jobs that nobody needs any more, and their files."""

__all__ = ["delete"]

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.selection import choose, confirm, listed, selection_options
from pylearn2_jobman.jobman.cli.places import EXPROOT, table_argument
from pylearn2_jobman.jobman.files.roots import ExperimentRoot, LocalRoot, open_root
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.status import Status

_DELETED = tuple(status for status in Status if status is not Status.RUNNING)


@command(
    "jobman delete 'sqlite:///jobs.db?table=mlp' 3 4\n"
    "jobman delete 'sqlite:///jobs.db?table=mlp' --status CANCELED --files --exproot experiments"
)
@table_argument
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@selection_options
@click.option("--all", "everything", is_flag=True, help="All jobs, running ones left out.")
@click.option("--files", is_flag=True, help="Also their directories below EXPROOT.")
@click.option(
    "--exproot", metavar="EXPROOT", envvar=EXPROOT, show_envvar=True,
    help="Where the directories of jobs are.",
)  # fmt: skip
def delete(
    table: str,
    ids: tuple[int, ...],
    statuses: tuple[Status, ...],
    where: str | None,
    dry_run: bool,
    yes: bool,
    everything: bool,
    files: bool,
    exproot: str | None,
) -> int:
    """Remove jobs from a table for good, and with --files their directories.

    All selections must hold. A running job is never deleted, nor one that a worker takes meanwhile:
    cancel it first. The numbers of deleted jobs are not given again. The exit code is 1 if a
    directory could not be removed.
    """
    from pylearn2_jobman.jobman.table import open_table

    if not (ids or statuses or where or everything):
        raise click.UsageError("which jobs? Give ids, --status, --where or --all")
    if files and exproot is None:
        raise click.UsageError(f"where are the files? Give --exproot, or set {EXPROOT}")
    failed = 0
    with open_table(table, create=False) as jobs:
        chosen = choose(jobs, ids, statuses, where, _DELETED)
        with_files = " with their files" * files
        if dry_run:
            click.echo(f"{len(chosen)} jobs would be deleted{with_files}{listed(chosen)}")
            return 0
        root = _root(exproot) if files and exproot is not None else None
        confirm(f"Delete{with_files}", chosen, yes)
        number = jobs.delete(chosen, among=statuses or _DELETED)
        left = jobs.columns(keys=(), ids=chosen).ids if number < len(chosen) else []
        gone = sorted(set(chosen).difference(left))
        click.echo(f"Deleted {number} {plural(number, 'job')}{listed(gone)}")
        if left:
            click.echo(f"Left alone, as a worker runs them now{listed(left)}")
        if root is not None:
            failed = sum(_is_left(root, f"{jobs.database}/{jobs.name}/{one}") for one in gone)
    return 1 if failed else 0


def _root(exproot: str) -> ExperimentRoot:
    """Return the experiment root, which is there and can be written to."""
    root = open_root(exproot)
    if isinstance(root, LocalRoot) and not root.path.is_dir():
        raise UsageError(f"there is no directory {exproot!r}; nothing was deleted")
    root.prepare()
    return root


def _is_left(root: ExperimentRoot, job: str) -> bool:
    """Remove the directory of a job; say so, and return True, if that cannot be done."""
    try:
        root.remove(job)
    except OSError as error:
        click.echo(f"jobman: {root.describe(job)} is left: {error}", err=True)
        return True
    return False
