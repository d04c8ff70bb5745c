"""Values on a terminal: in tables, on one line, with nothing that it would obey; and as JSON."""

__all__ = [
    "format_option",
    "over_option",
    "print_json",
    "print_result",
    "print_table",
    "printable",
    "result_format_option",
    "shown",
]

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click

from pylearn2_jobman.jobman.cli.completion import KEY
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.query.keys import ID, short_names
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.status import Status

_NOTHING_WRONG = (".failed", ".nan", ".missing")  # columns of groups that only then are shown

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to print; json is for programs, and has all digits.",
)  # fmt: skip
over_option = click.option(
    "--over", metavar="KEYS", type=KEY,
    help="Jobs that differ in nothing but these keys, such as hyper_parameters.seed, are one line, "
    "with the mean, the standard deviation and a 95 % interval of their results. Several have "
    "commas between.",
)  # fmt: skip
result_format_option = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True, help="How to print; csv and json have all digits.",
)  # fmt: skip


def print_json(facts: Any) -> None:
    """Print facts as JSON."""
    from pylearn2_jobman.jobman.query.export import json_text

    click.echo(json_text(facts))


def print_result(result: QueryResult, form: str) -> None:
    """Print jobs, a row each, in a format of `result_format_option`."""
    from pylearn2_jobman.jobman.query.export import write_csv, write_json

    if form == "csv":
        write_csv(result, sys.stdout)
    elif form == "json":
        write_json(result, sys.stdout)
    else:
        columns = {
            key: values
            for key, values in result.columns.items()
            if result.index == ID or any(values) or not key.endswith(_NOTHING_WRONG)
        }
        name = "job" if result.index == ID else "group"
        print_table([name, *short_names(columns)], zip(result.ids, *columns.values(), strict=True))


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    left: Sequence[int] = (),
    wrapped: Sequence[int] = (),
    width: int = 40,
) -> None:
    """Print rows of values below headings; a file or a pipe takes lines of any length.

    Parameters
    ----------
    headings
        The columns' names.
    rows
        Values; None is shown as a dash.
    left
        The numbers of the columns that are aligned to the left, as text is.
    wrapped
        The numbers of the columns that go over several lines on a narrow terminal.
    width
        How many characters of a text are shown.
    """
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(
            Text(printable(heading)),
            justify="left" if number in left else "right",
            no_wrap=number not in wrapped,
            overflow="fold" if number in wrapped else "ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(shown(value, width)) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = Measurement.get(
            console, console.options.update(width=10_000), table
        ).maximum
    console.print(table)


def shown(value: Any, width: int = 40) -> str:
    """Return a value as a cell shows it: floats with 4 digits, long text cut."""
    if value is None:
        return "-"
    if isinstance(value, Status):
        return value.name
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return f"{value:.4g}" if isinstance(value, float) else printable(shorten(value, width))


def printable(text: str) -> str:
    r"""Return a text in which control characters other than line ends and tabs are spelt out.

    >>> printable("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(
        character if character.isprintable() or character in "\n\t" else repr(character)[1:-1]
        for character in text
    )
