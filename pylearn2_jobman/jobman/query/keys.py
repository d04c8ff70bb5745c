"""The keys that a query may name: those of the states, and those of the trial table's columns."""

__all__ = [
    "CLAIMED",
    "CREATED",
    "EXPERIMENT",
    "HASH",
    "HEARTBEAT",
    "ID",
    "NOTE",
    "PRIORITY",
    "STATUS",
    "TAGS",
    "TRIAL_COLUMNS",
    "choose_keys",
    "in_order",
    "is_hyper_parameter",
    "is_parameter",
    "short_names",
    "varying_keys",
]

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.bookkeeping import EXPERIMENT, HASH, ID, PRIORITY, STATUS
from pylearn2_jobman.values import format_literal

TAGS = "jobman.tags"
NOTE = "jobman.note"
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
        parts = pattern.split("*")
        found = [key for key in every if _matches(key, parts)]
        if not found:
            raise UsageError(
                f"no job has the key {pattern!r}{suggest(pattern, every)}{_some(every)}"
            )
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def _matches(key: str, parts: list[str]) -> bool:
    """Return whether a key consists of these parts, with any characters between them."""
    first, *others = parts
    if not others:
        return key == first
    if not key.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:  # a regular expression would try all the places there are
        place = key.find(part, place) + len(part)
        if place < len(part):
            return False
    return len(key) - len(others[-1]) >= place and key.endswith(others[-1])


def short_names(keys: Collection[str]) -> list[str]:
    """Return the last parts of dotted keys, where these tell them apart: what people call them.

    >>> short_names(["hyper_parameters.lr", "results.nll", "test.nll"])
    ['lr', 'results.nll', 'test.nll']
    """
    last = [key.rpartition(".")[2] for key in keys]
    return [short if last.count(short) == 1 else key for short, key in zip(last, keys, strict=True)]


def is_hyper_parameter(key: str) -> bool:
    """Return whether a key is what `train_experiment` renders its YAML with."""
    return key.startswith("hyper_parameters.")


def is_parameter(key: str) -> bool:
    """Return whether a key is an input of any experiment: neither a result nor jobman's own."""
    return not key.startswith(("jobman.", "results."))


def varying_keys(
    columns: Mapping[str, Iterable[Any]], among: Callable[[str], bool] | None = None
) -> list[str]:
    """Return the keys in whose values jobs differ; to have none is a difference, too.

    Parameters
    ----------
    columns
        Key -> the jobs' values, None where a job has no such key: `QueryResult.columns`, or a
        DataFrame. Of a large table, a sample will do: ``table.columns(limit=500)``.
    among
        Which keys count, such as `is_hyper_parameter`; all, if None.
    """
    return [
        key
        for key, values in columns.items()
        if (among is None or among(key)) and len(set(map(format_literal, values))) > 1
    ]


def _some(keys: list[str]) -> str:
    results = [key for key in keys if key.startswith("results.")]
    return f" (results: {', '.join(results)})" if results else ""
