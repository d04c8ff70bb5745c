"""A key as an axis: where its values lie, on which scale, and how they are written."""

__all__ = ["Variable"]

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from pylearn2_jobman.errors import UsageError

_MOST_CATEGORIES = 24
_FEW = 8  # so many different numbers are each marked on the axis
_CLOSEST = 0.07  # of the axis: closer marks would touch
_LONGEST = 24  # characters of a category's name


@dataclass(frozen=True)
class Variable:
    """The values of one key.

    Attributes
    ----------
    name
        The axis's label.
    positions
        A float for every job; NaN where it has no number. Of categories, their places 0, 1, ...
    categories
        The categories' names; None for numbers.
    log
        Whether the scale is logarithmic.
    """

    name: str
    positions: NDArray[np.float64]
    categories: list[str] | None
    log: bool

    @classmethod
    def of(cls, values: "pd.Series[Any]", name: str) -> "Variable":
        """Return how a column of a DataFrame is shown.

        Numbers above zero that span a decade or more, and lie more evenly on a logarithmic scale,
        get one. Text, booleans and all other values are categories, and so is None among these.

        Raises
        ------
        UsageError
            If there are too many categories to show.
        """
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.to_numpy(dtype="float64", na_value=np.nan)
            numbers = np.where(np.isfinite(numbers), numbers, np.nan)
            return cls(name, numbers, None, _spans_decades(numbers[~np.isnan(numbers)]))
        texts = ["None" if _missing(value) else str(value) for value in values]
        names = sorted(set(texts), key=lambda text: (text == "None", text))
        if len(names) > _MOST_CATEGORIES:
            raise UsageError(
                f"{name} has {len(names)} different texts; a plot shows {_MOST_CATEGORIES} at most"
            )
        places = {text: place for place, text in enumerate(names)}
        return cls(name, np.array([float(places[text]) for text in texts]), names, log=False)

    @property
    def known(self) -> NDArray[np.float64]:
        """The positions without NaN."""
        return self.positions[~np.isnan(self.positions)]

    @property
    def levels(self) -> NDArray[np.float64]:
        """The different positions, sorted."""
        return np.unique(self.known)

    def limits(self, margin: float = 0.05) -> tuple[float, float]:
        """Return where the axis begins and ends: a little outside the values."""
        if self.categories is not None:
            return -0.5, len(self.categories) - 0.5
        low, high = self.scaled(np.array([self.known.min(), self.known.max()]))
        pad = margin * (high - low) or (0.1 if self.log else max(abs(low), 1.0) * 0.1)
        low, high = low - pad, high + pad
        return (float(10**low), float(10**high)) if self.log else (float(low), float(high))

    def scaled(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return positions on the axis's scale: their decimal logarithms, if it is that."""
        return np.log10(positions) if self.log else positions

    def fractions(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where positions lie on the axis: 0 where it begins, 1 where it ends."""
        low, high = self.scaled(np.array(self.limits()))
        fractions: NDArray[np.float64] = (self.scaled(positions) - low) / (high - low)
        return fractions

    def ticks(self) -> list[tuple[float, str]]:
        """Return the positions to mark and the text there; none of them touch."""
        if self.categories is not None:
            cut = [_cut(text) for text in self.categories]
            texts = cut if len(set(cut)) == len(cut) else self.categories
            return [(float(place), text) for place, text in enumerate(texts)]
        low, high = self.limits()
        if len(self.levels) <= _FEW:
            edges = self.scaled(np.array([low, high]))
            gaps = np.diff(self.scaled(self.levels)) / (edges[1] - edges[0])
            if gaps.min(initial=1) >= _CLOSEST:
                return [(float(level), written(level)) for level in self.levels]
        found = (
            _log_ticks(low, high)
            if self.log
            else MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        )
        return [(float(tick), written(tick)) for tick in found if low <= tick <= high]

    def draw(self, axis: Axis) -> None:
        """Set an axis's scale, limits, marks and label."""
        axes, ticks = axis.axes, self.ticks()
        horizontal = axis is axes.xaxis
        if self.log:
            (axes.set_xscale if horizontal else axes.set_yscale)("log")
        (axes.set_xlim if horizontal else axes.set_ylim)(*self.limits())
        texts = dict(ticks)
        axis.set_major_locator(FixedLocator([tick for tick, _ in ticks]))
        axis.set_major_formatter(FuncFormatter(lambda tick, _: texts.get(tick, "")))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
        axis.set_label_text(self.name)
        if horizontal and max(map(len, texts.values()), default=0) * len(texts) > 60:
            axis.set_tick_params(labelrotation=30)
            for label in axis.get_ticklabels():
                label.set_horizontalalignment("right")


def written(number: float) -> str:
    """Return a number as an axis shows it: ``0.05``, ``2000``, ``1e-05``.

    >>> written(0.30000000000000004)
    '0.3'
    """
    return f"{number:.4g}".replace("e-0", "e-").replace("e+0", "e")


def _spans_decades(numbers: NDArray[np.float64]) -> bool:
    """Return whether numbers are best seen on a logarithmic scale."""
    if not numbers.size or numbers.min() <= 0 or numbers.max() < 10 * numbers.min():
        return False
    # Where the median lies between the ends: evenly spread numbers have it in the middle.
    low, middle, high = np.percentile(numbers, (0, 50, 100))
    plain = (middle - low) / (high - low)
    logarithmic = np.log(middle / low) / np.log(high / low)
    return bool(abs(logarithmic - 0.5) < abs(plain - 0.5))


def _cut(text: str) -> str:
    """Return a text without its middle if it is long: the ends of paths tell them apart."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 3]}…{text[-_LONGEST // 2 :]}"


def _log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 of every decade, or every decade, or every second..."""
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    decades = np.log10(high / low)
    digits = (1, 2, 5) if decades <= 2.2 else (1,)
    step = max(1, round(decades / 7))
    return [digit * 10.0**power for power in range(first, last + 1, step) for digit in digits]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
