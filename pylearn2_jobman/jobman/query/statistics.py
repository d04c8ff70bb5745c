"""What the numbers of several runs are on average, and how far that can be relied upon."""

__all__ = ["Statistics", "as_number", "describe"]

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.errors import UsageError

_CONFIDENCE = 0.95
_RESAMPLES = 1000
_AT_ONCE = 1_000_000  # numbers that are drawn together: 8 MB


@dataclass(frozen=True)
class Statistics:
    """The numbers of some runs.

    Attributes
    ----------
    n
        How many runs have a finite number; what follows is of these.
    mean
        Their mean; None if there are none.
    std
        Their standard deviation, that of a sample (over n - 1); None of a single one.
    low, high
        The ends of the mean's 95 % interval; None of a single one.
    nan
        How many runs have a number that is NaN or infinite.
    missing
        How many have no number at all.
    """

    n: int
    mean: float | None
    std: float | None
    low: float | None
    high: float | None
    nan: int
    missing: int


def describe(samples: Iterable[Sequence[Any]]) -> list[Statistics]:
    """Return the statistics of samples.

    The interval is that of SciPy's bootstrap: of 1,000 resamples' means the middle 95 %. The draws
    are always the same, so that it depends on nothing but the sample's numbers. With fewer than
    about five runs it is narrower than it ought to be, as every bootstrap's is.

    Parameters
    ----------
    samples
        The values that runs have; whatever is no number counts as missing.

    Raises
    ------
    UsageError
        If SciPy is not installed.
    """
    samples = list(samples)
    numbers = [[n for n in map(as_number, sample) if n is not None] for sample in samples]
    # In one order, so that the draws are.
    finite = [sorted(filter(math.isfinite, some)) for some in numbers]
    of_size: dict[int, list[int]] = {}
    for place, some in enumerate(finite):
        of_size.setdefault(len(some), []).append(place)
    found: dict[int, tuple[float | None, ...]] = dict.fromkeys(of_size.pop(0, ()), (None,) * 4)
    for size, places in of_size.items():
        figures = _figures([finite[place] for place in places], size)
        found.update(zip(places, figures, strict=True))
    described = []
    for place, (sample, some) in enumerate(zip(samples, numbers, strict=True)):
        n, (mean, std, low, high) = len(finite[place]), found[place]
        nan, missing = len(some) - n, len(sample) - len(some)
        described.append(Statistics(n, mean, std, low, high, nan, missing))
    return described


def as_number(value: Any) -> float | None:
    """Return a number as a float, and None for anything else, such as a text or a boolean."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _figures(rows: list[list[float]], size: int) -> list[tuple[float | None, ...]]:
    """Return mean, deviation and interval of samples of one size."""
    if size == 1:
        return [(row[0], None, None, None) for row in rows]
    try:
        import numpy as np
        import scipy.stats  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise UsageError(
            "averages over runs need SciPy: pip install 'pylearn2_jobman[analysis]'"
        ) from error

    def interval(part: Any) -> Any:
        return scipy.stats.bootstrap(
            (part,),
            np.mean,
            axis=-1,
            n_resamples=_RESAMPLES,
            batch=max(1, _AT_ONCE // part.size),
            confidence_level=_CONFIDENCE,
            method="percentile",
            random_state=0,  # for every sample of a size the same draws
        ).confidence_interval

    numbers = np.array(rows)
    step = max(1, _AT_ONCE // _RESAMPLES // size)
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest float
        middle = numbers.mean(axis=1), numbers.std(axis=1, ddof=1)
        ends = [interval(numbers[at : at + step]) for at in range(0, len(rows), step)]
    columns = [*middle, *np.concatenate(ends, axis=1)]
    return list(zip(*(column.tolist() for column in columns), strict=True))
