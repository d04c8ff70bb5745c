"""What every part of the page knows: the table, the options, and which keys the jobs have."""

__all__ = ["Page", "Profile", "Settings"]

import threading
import time
from dataclasses import dataclass, field

from pylearn2_jobman.jobman.answer import Answer
from pylearn2_jobman.jobman.files import Root
from pylearn2_jobman.jobman.keys import CLAIMED, CREATED, HEARTBEAT, ID, PRIORITY, STATUS, in_order
from pylearn2_jobman.jobman.table import JobTable

_PROFILE_SECONDS = 20.0
_PROFILE_JOBS = 1000
_PROGRESS = "jobman.progress."


@dataclass(frozen=True)
class Settings:
    """The options of ``jobman dashboard``.

    Attributes
    ----------
    root
        Where the workers store the jobs' files; None: unknown.
    host, token
        See `pylearn2_jobman.jobman.dashboard.security.Access`.
    allow_actions
        Whether the page may change jobs.
    refresh_seconds
        How often the page asks what is new.
    """

    root: Root | None = None
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
    def of(cls, keys: list[str], sample: Answer) -> "Profile":
        """Judge keys by the values that some jobs have."""
        times = (CREATED, CLAIMED, HEARTBEAT)
        every = in_order({*keys, PRIORITY, STATUS, *times} - {ID})
        numbers = {key for key, values in sample.columns.items() if _are_numbers(values)}
        varying = [key for key in sample.varying() if key.startswith("hyper_parameters.")]
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


def _how_decisive(key: str) -> tuple[bool, bool, str]:
    loss = any(word in key for word in ("nll", "loss", "objective", "error", "misclass"))
    return "valid" not in key, not loss, key


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
                # The latest jobs: their keys are those of the experiment as it is now.
                sample = self.table.columns(order_by=ID, descending=True, limit=_PROFILE_JOBS)
                self._profile = Profile.of(self.table.keys(), sample)
                self._profiled_at = time.monotonic()
            return self._profile

    def scope(self, where: str | None, selected: list[int]) -> dict[str, object]:
        """Return which jobs an evaluation is of, as arguments of the table's reading methods.

        Those that are selected, or else all that match.
        """
        return {"ids": selected} if selected else {"where": where or None}
