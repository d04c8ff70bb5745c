"""``jobman findjob``: directories of jobs, found by the values in their current.conf."""

__all__ = ["findjob"]

import os
import re
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import EXPROOT
from pylearn2_jobman.jobman.cli.tables import format_option, print_json
from pylearn2_jobman.jobman.query.keys import to_come, unknown_key
from pylearn2_jobman.values import format_literal

_OR = re.compile(r":(?=[\w.]+=)")


@command(
    "jobman findjob experiments/jobs.db/mlp hyper_parameters.lr=0.1:hyper_parameters.lr=0.2\n"
    "jobman findjob --group experiments/jobs.db/mlp hyper_parameters.nhid"
)
@click.argument("directories", metavar="[DIR]... KEY=VALUE...", nargs=-1, required=True)
@click.option("--group", is_flag=True, help="Take keys instead, and group by their values.")
@click.option("--dont-sort", is_flag=True, help="With --group: groups in the order they are found.")
@format_option
def findjob(directories: tuple[str, ...], group: bool, dont_sort: bool, form: str) -> None:
    """List the directories of jobs whose current.conf has these values. No database is needed.

    DIR is a table's directory below an experiment root, or further up; left out, it is what
    JOBMAN_EXPROOT says. All KEY=VALUE must hold; of KEY=VALUE:KEY=VALUE, one.
    """
    from pylearn2_jobman.jobman.files.directories import conf_states

    roots, rest = _split(directories, group)
    if group and not rest:
        raise click.UsageError("which keys? Name those to group by after the directories")
    tests = [] if group else [_alternatives(text) for text in rest]
    found: list[Path] = []
    groups: dict[str, tuple[list[Any], list[Path]]] = {}
    known: set[str] = set()
    for directory, flat in (pair for root in roots for pair in conf_states(root)):
        known.update(flat)
        if group:
            values = [flat.get(key) for key in rest]
            groups.setdefault(format_literal(values), (values, []))[1].append(directory)
        elif all(any(flat.get(key, ...) == value for key, value in test) for test in tests):
            found.append(directory)
            if form == "text":
                click.echo(str(directory))
    for key in rest if group else (key for test in tests for key, _ in test):
        if key not in known and not to_come(key, known):
            raise unknown_key(key, known)
    ordered = list(groups.values()) if dont_sort else sorted(groups.values(), key=_by_value)
    if form == "json":
        print_json(
            [{"keys": dict(zip(rest, values, strict=True)), "directories": members}
             for values, members in ordered]
            if group else found
        )  # fmt: skip
        return
    if group:
        click.echo(f"Keys: {tuple(rest)}")
    for values, members in ordered:
        click.echo(f"Keys = {format_literal(tuple(values))}")
        for directory in members:
            click.echo(str(directory))


def _split(arguments: tuple[str, ...], group: bool) -> tuple[list[Path], list[str]]:
    """Return the directories, and the arguments after them."""
    count = next(
        (
            place
            for place, text in enumerate(arguments)
            if not Path(text).is_dir() and (group or "=" in text)
        ),
        len(arguments),
    )
    if count == 0 and os.environ.get(EXPROOT):
        return [Path(os.environ[EXPROOT]).expanduser()], list(arguments)
    if count == 0:
        raise click.UsageError(f"there is no directory {arguments[0]!r}")
    return [Path(text) for text in arguments[:count]], list(arguments[count:])


def _alternatives(text: str) -> list[tuple[str, Any]]:
    from pylearn2_jobman.jobman.parameters.parsers import standard

    return [pair for part in _OR.split(text) for pair in standard(part).items()]


def _by_value(group: tuple[list[Any], list[Path]]) -> list[tuple[int, float, str]]:
    """Return the key that sorts groups: numbers first, by size, then the rest, by text."""
    return [
        (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, repr(value))
        for value in group[0]
    ]
