"""The keys that a query may name: those of the states, and those of the trial table's columns."""

__all__ = [
    "CLAIMED",
    "CREATED",
    "EXPERIMENT",
    "GROUP",
    "HASH",
    "HEARTBEAT",
    "ID",
    "IDS",
    "NOTE",
    "PRIORITY",
    "STATUS",
    "TAGS",
    "TRIAL_COLUMNS",
    "choose_keys",
    "differences",
    "in_order",
    "is_hyper_parameter",
    "is_parameter",
    "short_names",
    "to_come",
    "unknown_key",
    "varying_keys",
]

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from pylearn2_jobman.errors import UnknownKeyError
from pylearn2_jobman.jobman.bookkeeping import (
    END_TIME,
    ERROR,
    EXPERIMENT,
    HASH,
    ID,
    INTERRUPTED,
    PRIORITY,
    PRUNED,
    RESTARTS,
    RUN_TIME,
    SEARCH_NAME,
    SEARCH_NUMBER,
    STALLS,
    START_TIME,
    STATUS,
)
from pylearn2_jobman.values import format_literal

TAGS = "jobman.tags"
NOTE = "jobman.note"
CREATED = "jobman.created"
CLAIMED = "jobman.claimed"
HEARTBEAT = "jobman.heartbeat"

# What groups of jobs have: a number, and the jobs' ids.
GROUP, IDS = "jobman.group", "jobman.ids"

TRIAL_COLUMNS = {
    ID: "id",
    STATUS: "status",
    PRIORITY: "priority",
    CREATED: "create",
    CLAIMED: "read",
    HEARTBEAT: "write",
}
"""The keys that stand for a column of the trial table, which is what counts, and its name there."""


# What a job gets by being run, or from a person: under these names, or below these.
_LATER = frozenset(
    {ERROR, START_TIME, END_TIME, RUN_TIME, RESTARTS, STALLS, INTERRUPTED, TAGS, NOTE}
    | {EXPERIMENT, SEARCH_NAME, SEARCH_NUMBER}
)
_LATER_GROUPS = (
    "results.", "jobman.progress.", "jobman.provenance.", "jobman.sql.", "jobman.search.",
    f"{PRUNED}.",
)  # fmt: skip


def in_order(keys: Iterable[str]) -> list[str]:
    """Return keys as a reader wants them: the status, the experiment's own, jobman's."""
    return sorted(set(keys), key=lambda key: (key != STATUS, key.startswith("jobman."), key))


def choose_keys(patterns: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the keys that patterns name, in the order in which they are asked for.

    A key that is only `to_come` is among them.

    Parameters
    ----------
    patterns
        Keys; a ``*`` in one stands for any characters.
    known
        The keys that jobs have.

    Raises
    ------
    UnknownKeyError
        If a pattern names no key; near ones are suggested.
    """
    every = in_order([*known, *TRIAL_COLUMNS])
    chosen: dict[str, None] = {}
    for pattern in patterns:
        parts = pattern.split("*")
        found = [key for key in every if _matches(key, parts)]
        if not found and not to_come(pattern, known):
            raise unknown_key(pattern, every)
        if not found and len(parts) == 1:
            found = [pattern]
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def to_come(key: str, known: Collection[str]) -> bool:
    """Return whether a key that no job has is only not there yet: jobs get it by being run.

    Parameters
    ----------
    key
        A key, or a pattern.
    known
        The keys that jobs have. Where these are none, every key is to come; where there are
        results, others are not.
    """
    if not known or key in _LATER:
        return True
    others = set(known) - TRIAL_COLUMNS.keys()
    return any(
        key.startswith(group) and not any(other.startswith(group) for other in others)
        for group in _LATER_GROUPS
    )


def unknown_key(key: str, known: Iterable[str]) -> UnknownKeyError:
    """Return the error for a key that no job has, with the nearest of the known ones."""
    every = in_order([*known, *TRIAL_COLUMNS, *_LATER])
    by_last = {one.rpartition(".")[2]: one for one in reversed(every)}
    last = key.rpartition(".")[2]
    near = difflib.get_close_matches(key, every, n=1)
    if last in by_last or not near:
        near = [by_last[one] for one in difflib.get_close_matches(last, by_last, n=1)]
    suggested = f"; did you mean {near[0]!r}?" if near else ""
    return UnknownKeyError(f"no job has the key {key!r}{suggested}{_some(every)}", key)


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


def differences(
    flats: Sequence[Mapping[str, Any]], *, everything: bool = False
) -> dict[str, list[Any]]:
    """Return the keys in which jobs differ, and each job's value; None where it has no such key.

    Parameters
    ----------
    flats
        The jobs' states, flat.
    everything
        Also what jobman itself noted.
    """
    keys = in_order(key for flat in flats for key in flat)
    columns = {key: [flat.get(key) for flat in flats] for key in keys}
    differing = varying_keys(columns, lambda key: everything or not key.startswith("jobman."))
    return {key: columns[key] for key in differing}
