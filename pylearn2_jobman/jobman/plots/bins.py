"""A key cut into a few columns of a table: its values, or ranges of them."""

__all__ = ["Bins"]

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pylearn2_jobman.jobman.plots.variable import Variable, written

_MOST_LEVELS = 12
_MOST_RANGES, _FEWEST_RANGES = 8, 3


@dataclass(frozen=True)
class Bins:
    """Where every job of a variable belongs.

    Attributes
    ----------
    places
        The number of every job's bin; -1 for a job that has no value.
    names
        What each bin is called.
    """

    places: NDArray[np.int64]
    names: list[str]

    @classmethod
    def of(cls, variable: Variable) -> "Bins":
        """Return a bin for every value; of more than 12 numbers, for equal ranges of the scale."""
        positions, levels = variable.positions, variable.levels
        missing = np.isnan(positions)
        if variable.categories is not None:
            return cls(positions.astype(int), variable.categories)
        if len(levels) <= _MOST_LEVELS:
            places = np.searchsorted(levels, positions)
            return cls(np.where(missing, -1, places), [written(level) for level in levels])
        scaled = variable.scaled(positions)
        # The fewer jobs, the fewer ranges, so that most cells hold one.
        ranges = int(np.clip(round(np.sqrt(len(scaled))), _FEWEST_RANGES, _MOST_RANGES))
        edges = np.linspace(np.nanmin(scaled), np.nanmax(scaled), ranges + 1)
        places = np.clip(np.searchsorted(edges, scaled, side="right") - 1, 0, ranges - 1)
        shown = [f"{edge:.2g}" for edge in (10**edges if variable.log else edges)]
        names = [f"{low} to {high}" for low, high in pairwise(shown)]
        return cls(np.where(missing, -1, places), names)
