"""The scheduler's own keys in a job's state: their names, types and defaults, parsed in one place.

A row may hold anything: another program, a person or the experiment wrote it. `Bookkeeping.read`
takes what has the right type and the default for the rest: whoever needs a count has a number.
"""

__all__ = [
    "Bookkeeping",
    "as_text",
    "expand_running",
    "experiment_keys",
    "flatten_running",
    "is_reserved",
    "merge",
    "scheduler_keys",
    "without_conflicts",
]

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from pylearn2_jobman.jobman.limits import RETRIES, TIME_LIMIT
from pylearn2_jobman.jobman.state import DD, expand, flatten

ID = "jobman.id"
EXPERIMENT = "jobman.experiment"
HASH = "jobman.hash"
STATUS = "jobman.status"
ERROR = "jobman.error"
START_TIME = "jobman.start_time"
END_TIME = "jobman.end_time"
RUN_TIME = "jobman.run_time"
PRIORITY = "jobman.sql.priority"
HOST_NAME = "jobman.sql.host_name"
HOST_PID = "jobman.sql.host_pid"
HOST_WORKDIR = "jobman.sql.host_workdir"
FILES = "jobman.sql.files"
CLAIM_TIME = "jobman.sql.start_time"
ATTEMPTS = "jobman.sql.attempts"
RESTARTS = "jobman.sql.restarts"
REASONS = "jobman.sql.reasons"
STALLS = "jobman.sql.stalls"
INTERRUPTED = "jobman.sql.interrupted"
SEARCH_NAME = "jobman.search.name"
SEARCH_NUMBER = "jobman.search.number"
PRUNED = "jobman.pruned"
LIVE = "jobman.live"  # a row that is no part of the state: see `pylearn2_jobman.jobman.live`

_MOST = 10**4000  # near it Python writes no more numbers
_GROUPS = frozenset({"jobman.sql", "jobman.provenance", "jobman.search", PRUNED})
_RESERVED = _GROUPS | {
    *(ID, EXPERIMENT, HASH, STATUS, ERROR, START_TIME, END_TIME, RUN_TIME),
    *(LIVE, TIME_LIMIT, RETRIES),
}


@dataclass(frozen=True)
class Bookkeeping:
    """What the scheduler itself keeps about a job.

    Attributes
    ----------
    priority
        Jobs of higher priority run first.
    attempts
        How often the job was begun.
    restarts
        How often it began again for what was not its experiment's fault: its worker gave no sign of
        life, its process was killed, it had reached its time limit.
    retries
        How often it began again after an error of its experiment.
    reasons
        Why it began again, the latest last.
    stalls
        How often in a row its experiment returned INCOMPLETE without having changed anything.
    interrupted
        Why its last worker put it back before its end.
    host_name, host_pid, workdir
        Where it was begun last.
    files
        Where its files are kept: a directory, or ``ssh://host:directory``.
    error
        What went wrong.
    """

    priority: float = 1.0
    attempts: int = 0
    restarts: int = 0
    retries: int = 0
    reasons: tuple[str, ...] = ()
    stalls: int = 0
    interrupted: str | None = None
    host_name: str | None = None
    host_pid: int | None = None
    workdir: Path | None = None
    files: str | None = None
    error: str | None = None

    @classmethod
    def read(cls, flat: Mapping[str, Any]) -> Self:
        """Return what a flat state says; a value that cannot be meant is the default."""
        found: dict[str, Any] = {}
        for name, (key, parse) in _KEYS.items():
            value = parse(flat.get(key))
            if value is not None:
                found[name] = value
        return cls(**found)

    def into(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return a flat state that says this: a key is left out where it has its default."""
        kept = {key: value for key, value in flat.items() if not _is_within(key, _OWN_KEYS)}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "priority" or value != field.default:
                kept[_KEYS[field.name][0]] = _stored(value)
        return kept


def as_text(text: str) -> str:
    """Return a text with what no database takes as text spelt out."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


def is_reserved(key: str) -> bool:
    """Return whether a key belongs to the scheduler, or would hide one of its keys."""
    return key == "jobman" or _is_within(key, _RESERVED)


def expand_running(flat: Mapping[str, Any]) -> DD:
    """Return the state that an experiment gets.

    The job's number is there twice: as ``state.jobman.id``, and as ``state['jobman.id']``, where
    experiments of LISA's time look for it.
    """
    state: DD = expand(flat)
    if ID in flat:
        state[ID] = flat[ID]
    return state


def flatten_running(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat form of the state that an experiment has; errors are those of `flatten`."""
    state = dict(state)
    state.pop(ID, None)
    return flatten(state)


def experiment_keys(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a flat state that belongs to the experiment."""
    return {key: value for key, value in flat.items() if not is_reserved(key)}


def scheduler_keys(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a flat state that belongs to the scheduler."""
    return {key: value for key, value in flat.items() if is_reserved(key)}


def without_conflicts(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat state without keys that cannot stand beside the scheduler's own.

    An experiment may have written None to ``state.jobman.sql``, or a dictionary to one of our keys.
    """
    single = (_RESERVED | _OWN_KEYS) - _GROUPS
    return {
        key: value
        for key, value in flat.items()
        if key != "jobman" and key not in _GROUPS and not _is_within(key.rpartition(".")[0], single)
    }


def merge(experiment: Mapping[str, Any], scheduler: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state that an experiment left, with the scheduler's own keys as they really are.

    Whatever an experiment does to ``state.jobman``, this is what is stored.
    """
    return experiment_keys(experiment) | scheduler_keys(scheduler)


def _is_within(key: str, keys: frozenset[str]) -> bool:
    """Return whether a key is one of some, or below one of them."""
    while key.startswith("jobman."):
        if key in keys:
            return True
        key = key.rpartition(".")[0]
    return False


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _MOST else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    return as_text(value) if isinstance(value, str) else None


def _path(value: Any) -> Path | None:
    if not isinstance(value, str) or as_text(value) != value:
        return None
    path = Path(value)
    return path if path.is_absolute() else None


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(as_text(text) for text in value if isinstance(text, str))


def _stored(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


_KEYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "priority": (PRIORITY, _number),
    "attempts": (ATTEMPTS, _count),
    "restarts": (RESTARTS, _count),
    "retries": ("jobman.sql.retries", _count),
    "reasons": (REASONS, _texts),
    "stalls": (STALLS, _count),
    "interrupted": (INTERRUPTED, _text),
    "host_name": (HOST_NAME, _text),
    "host_pid": (HOST_PID, _count),
    "workdir": (HOST_WORKDIR, _path),
    "files": (FILES, _text),
    "error": (ERROR, _text),
}
_OWN_KEYS = frozenset(key for key, _ in _KEYS.values())
