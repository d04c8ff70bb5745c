"""What the shell can complete besides commands and options: statuses, and the keys of a table."""

__all__ = ["KEY", "STATUS"]

import contextlib
import os
from typing import Any

import click
from click.shell_completion import CompletionItem

from pylearn2_jobman.jobman.cli.places import DB
from pylearn2_jobman.jobman.status import Status


class _StatusType(click.ParamType):  # type: ignore[type-arg]
    name = "status"

    def convert(self, value: Any, *_place: Any) -> Status:
        """Return the status that a name or number stands for."""
        return Status.parse(value)

    def shell_complete(
        self, _context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the statuses that begin so."""
        names = [status.name for status in Status]
        return [CompletionItem(name) for name in names if name.startswith(incomplete.upper())]


class _KeyType(click.ParamType):  # type: ignore[type-arg]
    """A key, or several with commas between; of ``key=value``, the key."""

    name = "key"

    def shell_complete(
        self, context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the keys that begin so, of the table that stands before or in JOBMAN_DB."""
        before, comma, begun = incomplete.rpartition(",")
        url = context.params.get("table") or os.environ.get(DB, "")
        with contextlib.suppress(Exception):
            from pylearn2_jobman.jobman.query.keys import TRIAL_COLUMNS, in_order
            from pylearn2_jobman.jobman.table import open_table

            with open_table(url, create=False) as jobs:
                keys = in_order([*jobs.keys(), *TRIAL_COLUMNS])
            return [CompletionItem(before + comma + key) for key in keys if key.startswith(begun)]
        return []


STATUS = _StatusType()
"""A status, by its name in any case or its number."""

KEY = _KeyType()
"""Text that is a key or begins with one."""
