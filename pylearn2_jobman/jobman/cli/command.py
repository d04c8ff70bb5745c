"""Commands whose help ends with an example, set as it is."""

__all__ = ["command"]

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.errors import UsageError


class _Command(click.Command):
    def __init__(self, *arguments: Any, example: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.example = example

    def invoke(self, context: click.Context) -> Any:
        """Run the command, from a directory that is there."""
        try:
            Path.cwd()
        except FileNotFoundError:
            raise UsageError(
                "the current directory has been deleted: go to one that exists (cd ~)"
            ) from None
        return super().invoke(context)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"  {line}\n")


def command(example: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a command, with an example for its help, and with click's settings."""
    return click.command(cls=_Command, example=example, **settings)
