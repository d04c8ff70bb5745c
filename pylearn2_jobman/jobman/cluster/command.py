"""The command line of a worker, and the shell that prepares its environment."""

__all__ = ["WorkerCommand"]

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pylearn2_jobman.jobman.database.address import Address


@dataclass(frozen=True)
class WorkerCommand:
    """How to start a worker on some machine.

    Attributes
    ----------
    url
        The address of the table.
    root
        The experiment root.
    options
        Options of ``jobman sql``; without ``-n`` a worker runs jobs until none is left.
    setup
        Shell commands that come first: modules to load, an environment to activate.
    python
        The Python that runs the worker.
    directory
        Where it works; relative paths and the experiments' modules are found from there.
    """

    url: str
    root: str
    options: Sequence[str] = ()
    setup: str = ""
    python: str = sys.executable
    directory: Path = field(default_factory=Path.cwd)

    @property
    def table(self) -> str:
        """The table's name."""
        return Address.parse(self.url).table

    @property
    def masked_url(self) -> str:
        """The address with the password masked."""
        return str(Address.parse(self.url))

    @property
    def shown_table(self) -> str:
        """The address for a person to type again: quoted for a shell, the password masked."""
        return shlex.quote(self.masked_url)

    def arguments(self, *more: str) -> list[str]:
        """Return the worker's command line, with options that an engine adds.

        What is allowed here is all that is allowed there, where the environment may be another.
        """
        allowed = os.environ.get("JOBMAN_ALLOW")
        allow = [] if allowed is None else ["--allow", allowed]
        return [
            *(self.python, "-m", "pylearn2_jobman.jobman", "sql", "-n0", "--no-progress"),
            *(*allow, *more, *self.options, self.url, self.root),
        ]

    def process(self, *more: str) -> list[str]:
        """Return the command to execute in `directory`: in a shell if there is a setup."""
        if not self.setup:
            return self.arguments(*more)
        return ["bash", "-c", f"{self.preparation()}\nexec {shlex.join(self.arguments(*more))}"]

    def preparation(self) -> str:
        """Return the setup as shell text that gives up when its last command fails."""
        return f"{{\n{self.setup}\n}} || exit" if self.setup else ""
