"""One channel of several runs, on average: a curve, and the interval around it."""

__all__ = ["Band"]

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.statistics import describe

_POINTS = 200  # of a curve over the time, of which no two runs take records at the same


@dataclass(frozen=True)
class Band:
    """The mean of a channel over runs that differ in their seeds alone.

    Attributes
    ----------
    x
        Where the runs have records, increasing.
    mean
        The mean there of the runs that have a finite number.
    low, high
        The mean's 95 % interval, see `describe`; NaN where a single run is left.
    runs
        How many runs there are.
    nan
        How many of them have NaN or infinity in a record in which another run has a number.
    """

    x: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]
    runs: int
    nan: int

    @classmethod
    def of(cls, runs: Sequence[tuple[Sequence[float], Sequence[float]]], along: str) -> "Band":
        """Return what runs' records are on average.

        Parameters
        ----------
        runs
            Where each run has its records, and their values.
        along
            What the records are counted in. ``seconds`` differ from run to run: there the values
            between a run's records are interpolated, from its first to its last.
        """
        # A row may tell other channels: what is not there in any run is no record of this one.
        told = [
            any(map(math.isfinite, row))
            for row in zip_longest(*(y for _, y in runs), fillvalue=math.nan)
        ]
        nan = sum(
            any(there and not math.isfinite(value) for value, there in zip(y, told, strict=False))
            for _, y in runs
        )
        pairs = [
            dict(pair for pair in zip(x, y, strict=True) if all(map(math.isfinite, pair)))
            for x, y in runs
        ]
        points = sorted({at for values in pairs for at in values})
        if along == "seconds" and len(runs) > 1 and points:
            points = np.linspace(points[0], points[-1], _POINTS).tolist()
            pairs = [_interpolated(values, points) for values in pairs if values]
        found = describe([values.get(at) for values in pairs] for at in points)
        mean, low, high = (
            [math.nan if (value := getattr(one, end)) is None else value for one in found]
            for end in ("mean", "low", "high")
        )
        return cls(points, mean, low, high, len(runs), nan)

    @property
    def label(self) -> str:
        """How many runs there are, in words, and how many of them diverged."""
        return f"{self.runs} {plural(self.runs, 'run')}" + f", {self.nan} with NaN" * bool(self.nan)


def _interpolated(values: dict[float, float], points: Sequence[float]) -> dict[float, float]:
    at = sorted(values)
    inside = [point for point in points if at[0] <= point <= at[-1]]
    between = np.interp(inside, at, [values[one] for one in at])
    return dict(zip(inside, between.tolist(), strict=True))
