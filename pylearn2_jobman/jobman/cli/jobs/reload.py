"""``jobman sqlreload`` and ``jobman sync``: files back into the table and the experiment root."""

__all__ = ["sqlreload", "sync"]

import os
import tempfile
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import (
    EXPROOT,
    directory_argument,
    exproot_argument,
    table_argument,
)

_lease = click.option(
    "--lease", type=float, default=300, show_default=True, metavar="SECONDS",
    help="Leave jobs alone that have given a sign of life within this time.",
)  # fmt: skip


@command("jobman sqlreload --all 'sqlite:///jobs.db?table=mlp' experiments/jobs.db/mlp")
@table_argument
@directory_argument
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every numbered directory.")
@_lease
def sqlreload(
    table: str, directory: Path | None, ids: tuple[str, ...], everything: bool, lease: float
) -> int:
    """Put what current.conf files hold back into the table.

    Jobs that are not in the table are inserted under their old numbers. Damaged files are refused
    by name, and the others go on; the exit code is then 1.
    """
    from pylearn2_jobman.jobman.database.address import Address
    from pylearn2_jobman.jobman.files.reload import reload_job
    from pylearn2_jobman.jobman.files.roots import path_below
    from pylearn2_jobman.jobman.table import open_table

    if directory is None:
        if EXPROOT not in os.environ:
            raise click.UsageError(f"missing EXPROOT/DATABASE/TABLE (or the variable {EXPROOT})")
        address = Address.parse(table)
        root = Path(os.environ[EXPROOT]).expanduser()
        directory = path_below(root, f"{address.database}/{address.table}")
    if not directory.is_dir():
        raise UsageError(f"there is no directory {str(directory)!r}")
    if everything == bool(ids):
        raise click.UsageError("give either the numbers of jobs or --all")
    names = [path.name for path in directory.iterdir() if path.name.isdecimal()]
    for name in ids:
        if name not in names:
            raise UsageError(f"there is no directory {str(directory / name)!r}")
    refused = 0
    with open_table(table) as jobs:
        if directory.resolve().name != jobs.name:
            raise UsageError(
                f"{str(directory)!r} does not belong to the table {jobs.name!r}: its files are in "
                f"EXPROOT/{jobs.database}/{jobs.name}"
            )
        for name in sorted(names if everything else ids, key=int):
            try:
                click.echo(reload_job(jobs, directory / name, int(name), lease))
            except UsageError as error:
                refused += 1
                click.echo(f"jobman: {error}", err=True)
    return 1 if refused else 0


@command("jobman sync 'sqlite:///jobs.db?table=mlp' experiments")
@table_argument
@exproot_argument
@click.argument("directories", nargs=-1, type=click.Path(path_type=Path), metavar="[WORKDIR]...")
@click.option(
    "--workdir-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where working directories are  [default: the system's temporary directory].",
)
@_lease
def sync(
    table: str,
    exproot: str,
    directories: tuple[Path, ...],
    workdir_dir: Path | None,
    lease: float,
) -> int:
    """Store what is left in working directories whose worker could not store it.

    Without WORKDIR, all working directories of this table's jobs on this machine. What has been
    stored is removed. The exit code is 1 if something could not be stored.
    """
    from pylearn2_jobman.jobman.files.reload import sync_workdir
    from pylearn2_jobman.jobman.files.roots import open_root
    from pylearn2_jobman.jobman.files.workdir import remove_given_up
    from pylearn2_jobman.jobman.table import open_table

    root = open_root(exproot)
    root.prepare()
    failed = 0
    with open_table(table, create=False) as jobs:
        parent = workdir_dir or Path(tempfile.gettempdir())
        remove_given_up(parent)
        found = sorted(parent.glob(f"jobman-{jobs.name}-*"))
        for path in directories or found:
            try:
                done = sync_workdir(jobs, root, path.absolute(), lease)
            except (UsageError, OSError) as error:
                failed += 1
                click.echo(f"jobman: {path}: {error}", err=True)
                continue
            if done is not None:
                click.echo(done)
            elif directories:
                failed += 1
                click.echo(f"jobman: {path} is no working directory of {jobs.url}", err=True)
    return 1 if failed else 0
