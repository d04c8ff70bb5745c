"""A result against one hyper-parameter: every job, and the medians."""

__all__ = ["result_against"]

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pylearn2_jobman.jobman.plots.data import check_keys, left_out, row_name, with_result
from pylearn2_jobman.jobman.plots.style import BLUE, ORANGE, new_figure, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable, written
from pylearn2_jobman.jobman.query.keys import short_names

_MOST_LEVELS = 12  # more different values are put into bins
_MOST_BINS, _JOBS_A_BIN = 8, 5


@styled
def result_against(
    frame: pd.DataFrame, result: str, parameter: str, *, highest: bool = False
) -> Figure:
    """Plot a result against one hyper-parameter.

    The line goes through the medians: of every value of the parameter, or, if there are more than
    12, of up to 8 bins with as many jobs each. The band holds the middle half of the jobs. A group
    of jobs has a bar, the interval of its mean.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    result, parameter
        Keys.
    highest
        Whether the highest result is the best.

    Raises
    ------
    UsageError
        If a key is not there, or no job has a finite result.
    """
    check_keys(frame, [parameter])
    jobs = with_result(frame, result)
    x_name, y_name = short_names([parameter, result])
    x, y = Variable.of(jobs[parameter], x_name), Variable.of(jobs[result], y_name)
    figure, axes = new_figure()
    best = int(np.argmax(y.positions) if highest else np.argmin(y.positions))
    across = x.positions + _jitter(x)
    axes.scatter(
        across, y.positions, s=26, color=BLUE, alpha=_alpha(len(jobs)), linewidths=0, zorder=2
    )
    up = y
    if f"{result}.low" in jobs:  # of groups, the intervals of their means
        ends = [jobs[f"{result}.{end}"].astype("float64") for end in ("low", "high")]
        axes.vlines(across, *ends, color=BLUE, alpha=0.35, linewidth=1.2, zorder=2)
        up = Variable.of(pd.concat([jobs[result], *ends]), y_name)
    groups = _groups(x, y)
    at = [np.median(xs) for xs, _ in groups]
    low, middle, high = (
        [np.percentile(ys, percent) for _, ys in groups] for percent in (25, 50, 75)
    )
    if x.categories is None:
        axes.fill_between(at, low, high, color=ORANGE, alpha=0.15, linewidth=0, zorder=1)
        axes.plot(
            at,
            middle,
            color=ORANGE,
            marker="o",
            markersize=5,
            label="median, middle half",
            zorder=3,
        )
    else:
        axes.hlines(middle, np.subtract(at, 0.3), np.add(at, 0.3), color=ORANGE, linewidth=2.4,
                    label="median", zorder=3)  # fmt: skip
    axes.plot(
        x.positions[best], y.positions[best], marker="*", markersize=15, color="black",
        markeredgecolor="white", linestyle="none", zorder=4,
        label=f"best: {row_name(jobs)} {jobs.index[best]}, {written(y.positions[best])}",
    )  # fmt: skip
    x.draw(axes.xaxis)
    up.draw(axes.yaxis)
    axes.set_title(f"{y_name} against {x_name}")
    figure.legend(loc="outside upper right", ncols=2, fontsize=9)
    note(figure, left_out(frame, jobs, y_name))
    return figure


def _groups(x: Variable, y: Variable) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the positions of the jobs that have one median together."""
    known = ~np.isnan(x.positions)
    xs, ys = x.positions[known], y.positions[known]
    if x.categories is not None or len(x.levels) <= _MOST_LEVELS:
        return [(xs[xs == level], ys[xs == level]) for level in x.levels]
    bins = min(_MOST_BINS, max(1, xs.size // _JOBS_A_BIN))
    parts = np.array_split(np.argsort(xs, kind="stable"), bins)
    return [(xs[part], ys[part]) for part in parts]


def _jitter(x: Variable) -> NDArray[np.float64]:
    """Return how far points are moved aside so that those of one category do not hide another."""
    if x.categories is None:
        return np.zeros(len(x.positions))
    return np.random.default_rng(0).uniform(-0.18, 0.18, len(x.positions))


def _alpha(points: int) -> float:
    return float(np.clip(30 / np.sqrt(points) / 3, 0.15, 0.7))
