"""Engines: ways to start workers that exist anyway, each with its options of `jobman launch`."""

__all__ = ["BATCH_OPTIONS", "Engine", "Options"]

import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import click

from pylearn2_jobman.jobman.cluster.request import WARNING_SECONDS, Request, Say

Options = Mapping[str, Mapping[str, Any]]
"""Options of a command: their flags, and how `click.option` takes each."""

BATCH_OPTIONS: Options = {
    "--queue": {"metavar": "NAME", "help": "the queue or partition."},
    "--project": {"metavar": "NAME", "help": "the account."},
    "--time": {"metavar": "[DAYS-]H:M:S", "help": "the time limit."},
    "--warning": {
        "type": click.IntRange(min=1), "default": WARNING_SECONDS, "show_default": True,
        "metavar": "SECONDS",
        "help": "stop the jobs, to be continued later, so long before the time limit.",
    },
    "--min-time": {
        "type": click.FloatRange(min=0), "default": 0, "metavar": "SECONDS",
        "help": "begin no job when less time than this is left before that.",
    },
}  # fmt: skip
"""The options that become part of a `Request`, for engines that heed them."""


class Engine(ABC):
    """A way to start workers.

    An engine is a dataclass. The value of the option that chooses it is its first field, unless
    that is a flag; the other fields are its own further options, by their names.

    Attributes
    ----------
    place
        The place of its workers, for a person: ``Slurm``, ``this machine``.
    choice
        How `click.option` takes the option that chooses it.
    options
        Its further options.
    """

    place: ClassVar[str]
    choice: ClassVar[Mapping[str, Any]]
    options: ClassVar[Options] = {}

    @property
    def is_one_host(self) -> bool:
        """Whether all workers will be on this machine."""
        return False

    def describe(self, request: Request) -> str:
        """Return the command that `launch` would run, for a person to read."""
        command = request.command
        return (
            f"{request.counted} on {self.place}, in {command.directory}:\n"
            f"{shlex.join(command.process())}\n"
        )

    @abstractmethod
    def launch(self, request: Request, say: Say) -> int:
        """Start workers, and report on them through ``say``.

        Returns
        -------
        int
            An exit code: where the workers are waited for, the gravest of theirs.

        Raises
        ------
        UsageError
            If the engine is not here, or refuses, in its own words.
        """
