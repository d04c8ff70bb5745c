"""The keys that a query may name: those of the states, and those of the trial table's columns."""

__all__ = [
    "HEARTBEAT",
    "ID",
    "PRIORITY",
    "STATUS",
    "TRIAL_COLUMNS",
    "choose_keys",
    "in_order",
    "short_names",
]

import re
from collections.abc import Collection, Iterable

from pylearn2_jobman.errors import UsageError, suggest

ID = "jobman.id"
STATUS = "jobman.status"
PRIORITY = "jobman.sql.priority"
CREATED = "jobman.created"
CLAIMED = "jobman.claimed"
HEARTBEAT = "jobman.heartbeat"

TRIAL_COLUMNS = {
    ID: "id",
    STATUS: "status",
    PRIORITY: "priority",
    CREATED: "create",
    CLAIMED: "read",
    HEARTBEAT: "write",
}
"""The keys that stand for a column of the trial table, which is what counts, and its name there."""


def in_order(keys: Iterable[str]) -> list[str]:
    """Return keys as a reader wants them: the status, the experiment's own, jobman's."""
    return sorted(set(keys), key=lambda key: (key != STATUS, key.startswith("jobman."), key))


def choose_keys(patterns: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the keys that patterns name, in the order in which they are asked for.

    Parameters
    ----------
    patterns
        Keys; a ``*`` in one stands for any characters.
    known
        The keys that jobs have.

    Raises
    ------
    UsageError
        If a pattern names no key; near ones are suggested.
    """
    every = in_order([*known, *TRIAL_COLUMNS])
    chosen: dict[str, None] = {}
    for pattern in patterns:
        expression = ".*".join(re.escape(part) for part in pattern.split("*"))
        found = [key for key in every if re.fullmatch(expression, key, re.DOTALL)]
        if not found:
            raise UsageError(
                f"no job has the key {pattern!r}{suggest(pattern, every)}{_some(every)}"
            )
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def short_names(keys: Collection[str]) -> list[str]:
    """Return the last parts of dotted keys, where these tell them apart: what people call them.

    >>> short_names(["hyper_parameters.lr", "results.nll", "test.nll"])
    ['lr', 'results.nll', 'test.nll']
    """
    last = [key.rpartition(".")[2] for key in keys]
    return [short if last.count(short) == 1 else key for short, key in zip(last, keys, strict=True)]


def _some(keys: list[str]) -> str:
    results = [key for key in keys if key.startswith("results.")]
    return f" (results: {', '.join(results)})" if results else ""
