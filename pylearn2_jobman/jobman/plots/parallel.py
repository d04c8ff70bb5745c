"""Parallel coordinates: every job a line across its hyper-parameters, to its result."""

__all__ = ["parallel_coordinates"]

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pylearn2_jobman.jobman.plots.data import chosen_keys, left_out, row_name, with_result
from pylearn2_jobman.jobman.plots.style import MAP, new_figure, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable
from pylearn2_jobman.jobman.query.keys import short_names

_BEST, _MOST_BOLD = 0.1, 30  # the share, and the number, of the jobs that are drawn boldly
_FEW, _SPREAD = 12, 0.012  # lines to so few different values are spread so far, of the axis


@styled
def parallel_coordinates(
    frame: pd.DataFrame,
    result: str,
    parameters: Sequence[str] | None = None,
    *,
    highest: bool = False,
) -> Figure:
    """Plot every job as a line across one axis for each hyper-parameter and the result.

    The colour is the result's rank among the jobs, the best the darkest; the best are drawn boldly,
    on top: a tenth of the jobs, and 30 at most. Where many jobs have one value, their lines are
    spread a little around it. Jobs that lack a number on some axis have a gap there.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    result
        The key of the result.
    parameters
        The axes' keys; if None, the hyper-parameters that differ between the jobs.
    highest
        Whether the highest result is the best.

    Raises
    ------
    UsageError
        If a key is not there, no job has a finite result, or no hyper-parameter differs.
    """
    jobs = with_result(frame, result)
    keys = chosen_keys(jobs, parameters)
    names = short_names([*keys, result])
    axes_shown = [
        Variable.of(jobs[key], name) for key, name in zip([*keys, result], names, strict=True)
    ]
    figure, axes = new_figure(min(max(6.4, 1.55 * len(axes_shown)), 18), 4.6)
    heights = np.stack([_heights(variable) for variable in axes_shown], axis=1)
    # Ranks, worst first: 0 the worst, 1 the best.
    ranks = jobs[result].rank(ascending=highest, pct=True).to_numpy()
    order = np.argsort(ranks, kind="stable")
    lines = np.stack([np.broadcast_to(np.arange(len(axes_shown)), heights.shape), heights], axis=2)
    best = int(np.clip(round(_BEST * len(jobs)), 1, _MOST_BOLD))
    bold = np.isin(np.arange(len(jobs)), order[-best:])
    colours = mpl.colormaps[f"{MAP}_r"](0.08 + 0.92 * ranks)
    colours[:, 3] = np.where(bold, 0.95, np.clip(6 / np.sqrt(len(jobs)), 0.05, 0.5))
    axes.add_collection(
        LineCollection(
            list(lines[order]), colors=colours[order],
            linewidths=np.where(bold, 2.2, 0.9)[order].tolist(), capstyle="round",
        )
    )  # fmt: skip
    _draw_axes(axes, axes_shown)
    axes.set_title(
        f"{names[-1]}: every {row_name(jobs)} a line, the best{f' {best}' * (best > 1)} bold"
    )
    bar = figure.colorbar(
        mpl.cm.ScalarMappable(Normalize(0, 1), f"{MAP}_r"), ax=axes, pad=0.02, fraction=0.03
    )
    bar.set_ticks([0, 1], labels=["worst", "best"])
    bar.set_label(f"rank by {names[-1]}", labelpad=-12)
    note(figure, left_out(frame, jobs, names[-1]))
    return figure


def _heights(variable: Variable) -> NDArray[np.float64]:
    """Return where on an axis from 0 to 1 the jobs lie."""
    heights = variable.fractions(variable.positions)
    if len(variable.levels) > _FEW:
        return heights
    return heights + np.random.default_rng(0).uniform(-_SPREAD, _SPREAD, len(heights))


def _draw_axes(axes: Axes, shown: Sequence[Variable]) -> None:
    axes.set(xlim=(-0.25, len(shown) - 0.75), ylim=(-0.01, 1.01), yticks=[])
    axes.set_xticks(range(len(shown)), [variable.name for variable in shown])
    axes.tick_params(axis="x", length=0, pad=8)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    for place, variable in enumerate(shown):
        axes.axvline(place, color="#444444", linewidth=1.0, zorder=3)
        for tick, text in variable.ticks():
            height = float(variable.fractions(np.array([tick]))[0])
            axes.plot(
                [place - 0.02, place], [height, height], color="#444444", linewidth=1, zorder=3
            )
            axes.text(
                place - 0.04, height, text, ha="right", va="center", fontsize=8.5, zorder=4,
                bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
