"""A result over two hyper-parameters: the median in every cell of a table."""

__all__ = ["heat_map"]

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.plots.bins import Bins
from pylearn2_jobman.jobman.plots.data import check_keys, left_out, with_result
from pylearn2_jobman.jobman.plots.style import MAP, ORANGE, new_figure, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable, written
from pylearn2_jobman.jobman.query.keys import short_names

_MOST_NUMBERS = 150  # cells, over which no numbers are written into them


@styled
def heat_map(frame: pd.DataFrame, result: str, x: str, y: str, *, highest: bool = False) -> Figure:
    """Plot the median of a result in every cell of a table over two hyper-parameters.

    A parameter with more than 12 different numbers is cut into up to 8 ranges. The best cell has a
    frame; a cell without a job is left white.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    result, x, y
        Keys.
    highest
        Whether the highest result is the best.

    Raises
    ------
    UsageError
        If a key is not there, no job has a finite result, or none has both parameters.
    """
    check_keys(frame, [x, y])
    jobs = with_result(frame, result)
    x_name, y_name, name = short_names([x, y, result])
    columns = Bins.of(Variable.of(jobs[x], x_name))
    rows = Bins.of(Variable.of(jobs[y], y_name))
    values = Variable.of(jobs[result], name)
    medians = np.full((len(rows.names), len(columns.names)), np.nan)
    for row, column in {*zip(rows.places, columns.places, strict=True)}:
        if row >= 0 and column >= 0:
            there = (rows.places == row) & (columns.places == column)
            medians[row, column] = np.median(values.positions[there])
    if np.isnan(medians).all():
        raise UsageError(f"no job has a number for both {x!r} and {y!r}")
    figure, axes = new_figure(
        min(max(4.6, 1.9 + 0.75 * len(columns.names)), 12),
        min(max(3.2, 1.7 + 0.45 * len(rows.names)), 10),
    )
    shown = Variable.of(pd.Series(medians[~np.isnan(medians)]), name)
    norm = (LogNorm if shown.log else Normalize)(np.nanmin(medians), np.nanmax(medians))
    # The best is dark, whichever end of the scale that is.
    colours = mpl.colormaps[f"{MAP}_r" if highest else MAP]
    image = axes.imshow(medians, cmap=colours, norm=norm, aspect="auto", origin="lower")
    if medians.size <= _MOST_NUMBERS:
        for (row, column), median in np.ndenumerate(medians):
            if not np.isnan(median):
                dark = np.dot(colours(norm(median))[:3], (0.299, 0.587, 0.114)) < 0.55
                axes.text(column, row, f"{median:.3g}", ha="center", va="center", fontsize=8.5,
                          color="white" if dark else "black")  # fmt: skip
    best = np.nanargmax(medians) if highest else np.nanargmin(medians)
    row, column = np.unravel_index(best, medians.shape)
    axes.add_patch(
        Rectangle((float(column) - 0.5, float(row) - 0.5), 1, 1, fill=False, edgecolor=ORANGE,
                  linewidth=2.5)
    )  # fmt: skip
    long = sum(map(len, columns.names)) > 9 * figure.get_figwidth()
    axes.set_xticks(
        range(len(columns.names)), columns.names, rotation=30 if long else 0,
        ha="right" if long else "center", rotation_mode="anchor",
    )  # fmt: skip
    axes.set_yticks(range(len(rows.names)), rows.names)
    axes.set(xlabel=x_name, ylabel=y_name)
    axes.set_title(f"median {name}")
    axes.grid(visible=False)
    bar = figure.colorbar(image, ax=axes, label=f"median {name}")
    ticks = [tick for tick, _ in shown.ticks()]
    bar.set_ticks(ticks, labels=[written(tick) for tick in ticks], minor=False)
    bar.ax.minorticks_off()
    note(figure, left_out(frame, jobs, name))
    return figure
