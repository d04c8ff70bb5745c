"""``jobman findjob``: directories of jobs, found by what their current.conf holds."""

__all__ = ["findjob"]

import re
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command

_OR = re.compile(r":(?=[\w.]+=)")


@command(
    "jobman findjob experiments/jobs.db/mlp hyper_parameters.lr=0.1:hyper_parameters.lr=0.2\n"
    "jobman findjob --group experiments/jobs.db/mlp hyper_parameters.nhid"
)
@click.argument("directories", metavar="DIR... KEY=VALUE...", nargs=-1, required=True)
@click.option("--group", is_flag=True, help="Take keys instead, and group by their values.")
@click.option("--dont-sort", is_flag=True, help="With --group: groups in the order they are found.")
def findjob(directories: tuple[str, ...], group: bool, dont_sort: bool) -> None:
    """List the directories of jobs whose current.conf has these values. No database is needed.

    DIR is a table's directory below an experiment root, or further up. All KEY=VALUE must hold; of
    KEY=VALUE:KEY=VALUE, one.
    """
    from pylearn2_jobman.jobman.conf import read_conf
    from pylearn2_jobman.jobman.directories import conf_directories

    roots, rest = _split(directories, group)
    if group and not rest:
        raise click.UsageError("which keys? Name those to group by after the directories")
    tests = [] if group else [_alternatives(text) for text in rest]
    groups: dict[tuple[Any, ...], list[Path]] = {}
    for directory in (found for root in roots for found in conf_directories(root)):
        try:
            flat = read_conf(directory / "current.conf")
        except UsageError as error:
            click.echo(f"jobman: skipped: {error}", err=True)
            continue
        if group:
            groups.setdefault(tuple(flat.get(key) for key in rest), []).append(directory)
        elif all(any(flat.get(key, ...) == value for key, value in test) for test in tests):
            click.echo(str(directory))
    if group:
        click.echo(f"Keys: {tuple(rest)}")
    for values in groups if dont_sort else sorted(groups, key=_by_value):
        click.echo(f"Keys = {values}")
        for directory in groups[values]:
            click.echo(str(directory))


def _split(arguments: tuple[str, ...], group: bool) -> tuple[list[Path], list[str]]:
    """Return the directories, and what comes after them."""
    count = next(
        (
            place
            for place, text in enumerate(arguments)
            if not Path(text).is_dir() and (group or "=" in text)
        ),
        len(arguments),
    )
    if count == 0:
        raise click.UsageError(f"there is no directory {arguments[0]!r}")
    return [Path(text) for text in arguments[:count]], list(arguments[count:])


def _alternatives(text: str) -> list[tuple[str, Any]]:
    from pylearn2_jobman.jobman.params import standard

    return [pair for part in _OR.split(text) for pair in standard(part).items()]


def _by_value(values: tuple[Any, ...]) -> list[tuple[int, float, str]]:
    """Return what sorts groups: numbers first, by size, then the rest, by text."""
    return [
        (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, repr(value))
        for value in values
    ]
