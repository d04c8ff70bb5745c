"""What every part of the page knows: the table, the options, and which keys the jobs have."""

__all__ = ["PAUSED", "Page", "Profile", "Settings"]

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dash import Output

from pylearn2_jobman.jobman.query.keys import (
    CLAIMED,
    CREATED,
    HEARTBEAT,
    ID,
    PRIORITY,
    STATUS,
    in_order,
)
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable

# What waits for the clock stops it meanwhile: of two calls under way Dash forgets the first, and
# if a call takes longer than the clock, none would ever be answered.
PAUSED = [(Output("tick", "disabled"), True, False)]

_PROFILE_SECONDS = 20.0
_PROFILE_JOBS = 500
_PROGRESS = "jobman.progress."
_LOSSES = ("nll", "objective", "loss", "cost", "error", "misclass", "accuracy")


@dataclass(frozen=True)
class Settings:
    """The options of ``jobman dashboard``.

    Attributes
    ----------
    exproot
        Where the workers store the jobs' files; None: unknown.
    host, token
        See `pylearn2_jobman.jobman.dashboard.security.Access`.
    allow_actions
        Whether the page may change jobs.
    refresh_seconds
        How often the page asks what is new.
    """

    exproot: Path | None = None
    host: str = "127.0.0.1"
    token: str | None = None
    allow_actions: bool = False
    refresh_seconds: float = 2.0


@dataclass(frozen=True)
class Profile:
    """The keys that jobs have.

    Attributes
    ----------
    keys
        All, in a reader's order.
    numbers
        Those whose values are numbers.
    varying
        The hyper-parameters in which jobs differ.
    """

    keys: list[str]
    numbers: frozenset[str]
    varying: list[str]

    @classmethod
    def of(cls, keys: list[str], *samples: QueryResult) -> "Profile":
        """Judge keys by the values that some jobs have."""
        times = (CREATED, CLAIMED, HEARTBEAT)
        every = in_order({*keys, PRIORITY, STATUS, *times} - {ID})
        values: dict[str, list[Any]] = {}
        for sample in samples:
            for key, some in sample.columns.items():
                values.setdefault(key, []).extend(some)
        numbers = {key for key, some in values.items() if _are_numbers(some)}
        varying = [
            key
            for key in every
            if key.startswith("hyper_parameters.")
            and len({repr(v) for v in values.get(key, [])}) > 1
        ]
        return cls(every, frozenset(numbers | {PRIORITY}), varying)

    @property
    def results(self) -> list[str]:
        """The numbers that an experiment ended with, or, before any has, its progress."""
        found = [key for key in self.keys if key in self.numbers and key.startswith("results.")]
        return found or [
            key
            for key in self.keys
            if key in self.numbers and key.startswith(f"{_PROGRESS}channels.")
        ]

    @property
    def result(self) -> str | None:
        """The result that most likely decides: one on held-out data, a loss first."""
        return min(self.results, key=_how_decisive, default=None)

    @property
    def shown(self) -> list[str]:
        """The columns to begin with."""
        progress = [f"{_PROGRESS}epoch"] if f"{_PROGRESS}epoch" in self.keys else []
        results = sorted(self.results, key=_how_decisive)
        return [STATUS, *results[:5], *self.varying[:10], *progress, "jobman.run_time"]


def _are_numbers(values: list[object]) -> bool:
    kinds = {type(value) for value in values} - {type(None)}
    return bool(kinds) and kinds <= {int, float}


def _how_decisive(key: str) -> tuple[bool, int, str]:
    """Rank a result: on held-out data first, then by what it is, as far as its name says that."""
    place = next((place for place, word in enumerate(_LOSSES) if word in key), len(_LOSSES))
    return "valid" not in key, place, key


@dataclass
class Page:
    """A page over one table; its parts share it."""

    table: JobTable
    settings: Settings
    _profile: Profile | None = None
    _profiled_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def profile(self) -> Profile:
        """Return which keys jobs have, as it was at most some seconds ago."""
        with self._turn:
            if self._profile is None or time.monotonic() > self._profiled_at + _PROFILE_SECONDS:
                # The latest jobs are like those to come; those that are done have results.
                latest, done = (
                    self.table.columns(
                        status=status, order_by=ID, descending=True, limit=_PROFILE_JOBS
                    )
                    for status in (None, Status.DONE)
                )
                self._profile = Profile.of(self.table.keys(), latest, done)
                self._profiled_at = time.monotonic()
            return self._profile
