"""Which keys the jobs of a table have, and which of them a reader looks at first."""

__all__ = ["Profile"]

from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.jobman.live import PROGRESS
from pylearn2_jobman.jobman.query.keys import (
    CLAIMED,
    CREATED,
    HEARTBEAT,
    ID,
    NOTE,
    PRIORITY,
    STATUS,
    TAGS,
    in_order,
    is_hyper_parameter,
    varying_keys,
)
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.main_channel import importance


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
        values: dict[str, list[Any]] = {}
        for sample in samples:
            for key, some in sample.columns.items():
                values.setdefault(key, []).extend(some)
        numbers = {key for key, some in values.items() if _are_numbers(some)}
        return cls(
            in_order({*keys, PRIORITY, STATUS, CREATED, CLAIMED, HEARTBEAT} - {ID}),
            frozenset(numbers | {PRIORITY}),
            in_order(varying_keys(values, is_hyper_parameter)),
        )

    @property
    def results(self) -> list[str]:
        """The numbers that an experiment ended with, or, before any has, its progress."""
        numbers = [key for key in self.keys if key in self.numbers]
        found = [key for key in numbers if key.startswith("results.")]
        return found or [key for key in numbers if key.startswith(f"{PROGRESS}channels.")]

    @property
    def result(self) -> str | None:
        """The result that most likely decides: one on held-out data, a loss first."""
        return min(self.results, key=importance, default=None)

    @property
    def shown(self) -> list[str]:
        """The columns to begin with."""
        progress = [f"{PROGRESS}epoch"] if f"{PROGRESS}epoch" in self.keys else []
        results = sorted(self.results, key=importance)
        marks = [key for key in (TAGS, NOTE) if key in self.keys]
        return [STATUS, *results[:5], *self.varying[:10], *marks, *progress, "jobman.run_time"]


def _are_numbers(values: list[object]) -> bool:
    kinds = {type(value) for value in values} - {type(None)}
    return bool(kinds) and kinds <= {int, float}
