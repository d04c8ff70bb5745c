"""DB and EXPROOT: arguments for which environment variables stand where they are left out.

An argument is DB if it is an address, ``scheme://...``, and not one of ssh. Where the argument in
its place is none, and ``JOBMAN_DB`` is set, that is taken, and the arguments move up by one.
EXPROOT is whatever stands in its place; ``JOBMAN_EXPROOT`` is taken where nothing does.
"""

__all__ = [
    "DB",
    "EXPROOT",
    "directory_argument",
    "exproot_argument",
    "exproot_option",
    "is_address",
    "table_argument",
]

import os
import re
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.shell_completion import CompletionItem

DB, EXPROOT = "JOBMAN_DB", "JOBMAN_EXPROOT"
F = TypeVar("F", bound=Callable[..., Any])

_ADDRESS = re.compile(r"(?!ssh:)[\w+.-]+://")


class _Place(click.Argument):
    """An argument that a variable stands for where the text in its place is none of its kind."""

    def __init__(
        self, declarations: Any, variable: str, fits: Callable[[str], Any], **settings: Any
    ) -> None:
        super().__init__(declarations, **settings)
        self._variable = variable
        self._fits = fits

    def get_error_hint(self, *context: Any) -> str:
        """Return what the message calls it that says that it is missing."""
        return f"{super().get_error_hint(*context)} (or the variable {self._variable})"

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Take the value, or leave it to the arguments behind this one."""
        given = opts.get(str(self.name))
        if ctx.resilient_parsing and not isinstance(given, str):
            # A shell completes the value of an option: no argument has its value yet.
            words = (word for word in args if is_address(word) and self._fits(word))
            cast("MutableMapping[str, Any]", opts).update({str(self.name): next(words, None)})
        if isinstance(given, str) and os.environ.get(self._variable) and not self._fits(given):
            self._leave_out(ctx, cast("MutableMapping[str, Any]", opts))
        return super().handle_parse_result(ctx, opts, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may stand here, or behind it where the variable stands for it."""
        if os.environ.get(self._variable):
            arguments = [one for one in ctx.command.params if isinstance(one, click.Argument)]
            for argument in arguments[arguments.index(self) + 1 :]:
                if argument.nargs == -1 or ctx.params.get(str(argument.name)) is None:
                    return argument.shell_complete(ctx, incomplete)
        return super().shell_complete(ctx, incomplete)

    def _leave_out(self, context: click.Context, values: MutableMapping[str, Any]) -> None:
        arguments = [one for one in context.command.params if isinstance(one, click.Argument)]
        behind = arguments[arguments.index(self) :]
        words: list[str] = []
        for argument in behind:
            value = values.pop(str(argument.name), None)
            words += (
                [value] if isinstance(value, str) else value if isinstance(value, tuple) else ()
            )
        for argument in behind[1:]:
            if argument.nargs == -1:
                values[str(argument.name)], words = tuple(words), []
            elif words:
                values[str(argument.name)] = words.pop(0)
        if words and not context.resilient_parsing:
            raise click.UsageError(f"Got unexpected extra argument ({' '.join(words)})", context)


def is_address(text: str) -> bool:
    """Return whether an argument is DB."""
    return _ADDRESS.match(text) is not None


def table_argument(function: F) -> F:
    """Give a command the argument ``table``: DB, the address of a job table."""
    return click.argument(
        "table", cls=_Place, metavar="DB", envvar=DB, variable=DB, fits=is_address
    )(function)


def exproot_argument(function: F, *, required: bool = True) -> F:
    """Give a command the argument ``exproot``: EXPROOT, where the files of jobs are kept."""
    return click.argument(
        "exproot", cls=_Place, envvar=EXPROOT, variable=EXPROOT, required=required,
        fits=lambda text: not text.startswith("-"),
    )(function)  # fmt: skip


def directory_argument(function: F) -> F:
    """Give a command the argument ``directory``: that of a table below an experiment root.

    It may be left out before the numbers of jobs; it is None then.
    """
    return click.argument(
        "directory", cls=_Place, type=click.Path(path_type=Path), required=False,
        metavar="EXPROOT/DATABASE/TABLE", variable=EXPROOT,
        fits=lambda text: not text.isdecimal() or Path(text).is_dir(),
    )(function)  # fmt: skip


def exproot_option(help: str, *, remote: bool = False) -> Callable[[F], F]:
    """Give a command the option ``--exproot``: a directory of this machine, as a `Path`.

    Parameters
    ----------
    help
        What it is for.
    remote
        Whether ``ssh://host:path`` will do, which is given as text; else that counts as none.
    """

    def place(
        context: click.Context, option: click.Parameter, text: str | None
    ) -> Path | str | None:
        if text is None:
            return None
        if text.startswith("ssh://"):
            from pylearn2_jobman.jobman.files.roots import open_root

            open_root(text)
            return text if remote else None
        kind = click.Path(file_okay=False, readable=False, path_type=Path)
        return kind.convert(text, option, context)

    return click.option(
        "--exproot", metavar="EXPROOT" if remote else "DIR", envvar=EXPROOT, show_envvar=True,
        help=help, callback=place,
    )  # fmt: skip
