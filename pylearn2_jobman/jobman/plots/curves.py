"""Learning curves: channels of jobs, or of groups of them, over the epochs, from their records."""

__all__ = ["learning_curves"]

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.files.records import POSITIONS, drawn_over
from pylearn2_jobman.jobman.plots.band import Band
from pylearn2_jobman.jobman.plots.style import COLOURS, MAP, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable
from pylearn2_jobman.main_channel import main_channels

Records = Mapping[str, Sequence[float]]
"""Channel -> the records of one job."""

_MOST_LABELS = 14  # curves that get an entry in the legend
_WORDS = {"batch": "batches", "example": "examples", "seconds": "training time [s]"}
_STYLES = ("-", (0, (5, 1.5)), (0, (1, 1)))


@styled
def learning_curves(
    records: Mapping[str, Records | Sequence[Records]],
    channels: Sequence[str] | None = None,
    *,
    x: str = "epoch",
    highest: bool = False,
) -> Figure:
    """Plot channels over the training, a panel a channel and a line a job, or a group of jobs.

    A dot marks the best value of every curve. A group's is the mean, in a band that is its 95 %
    interval; its name has how many jobs that is of, and how many of them have a NaN.

    Parameters
    ----------
    records
        A job's name -> its records, as `read_records` returns them; a group's -> those of its jobs.
    channels
        Which channels; if None, the objective and the error, on validation data where there is.
    x
        ``epoch``, ``batch``, ``example`` or ``seconds``; where no job tells that, another one.
    highest
        Whether the highest value is the best.

    Raises
    ------
    UsageError
        If no job has records, or no job has such a channel.
    """
    groups = {
        label: [given] if isinstance(given, Mapping) else list(given)
        for label, given in records.items()
    }
    known = {name: None for jobs in groups.values() for columns in jobs for name in columns}
    there = [name for name in known if name not in POSITIONS]
    if not there:
        raise UsageError("none of these jobs has a monitor record yet")
    chosen = list(channels) if channels else main_channels(there) or there[:1]
    for name in chosen:
        if name not in there:
            raise UsageError(
                f"no job has the channel {name!r}{suggest(name, there)} "
                f"(channels: {', '.join(there)})"
            )
    if x not in POSITIONS:
        raise UsageError(f"the records have no {x!r} (choices: {', '.join(POSITIONS)})")
    x = drawn_over((columns for jobs in groups.values() for columns in jobs), x)
    labelled = len(records) <= _MOST_LABELS
    figure = Figure(
        figsize=(min(5.6 * len(chosen) + (2.2 if labelled else 0), 17), 4.4), layout="constrained"
    )
    looks = list(_looks(len(records)))
    for panel, name in enumerate(chosen, 1):
        axes = figure.add_subplot(1, len(chosen), panel)
        drawn = []
        for (label, jobs), look in zip(groups.items(), looks, strict=True):
            there_too = [(columns[x], columns[name]) for columns in jobs if name in columns]
            if not there_too:
                continue
            if isinstance(records[label], Mapping):
                at, values = (np.asarray(column, float) for column in there_too[0])
                told = np.isfinite(at) & ~np.isnan(values)  # others may be told in rows between
                at, values = at[told], values[told]
            else:
                band = Band.of(there_too, x)
                at, values = np.array(band.x), np.array(band.mean)
                label = f"{label}: {band.label}"
                axes.fill_between(
                    at, band.low, band.high, color=look["color"], alpha=0.18, linewidth=0
                )
                drawn += [end[np.isfinite(end)] for end in map(np.array, (band.low, band.high))]
            axes.plot(at, values, label=label, **look)
            drawn += [values[np.isfinite(values)]]
            if np.isfinite(values).any():
                best = np.nanargmax(values) if highest else np.nanargmin(values)
                axes.plot(at[best], values[best], "o", markersize=5, color=look["color"])
        finite = pd.Series(np.concatenate(drawn))
        if len(finite):
            Variable.of(finite, name).draw(axes.yaxis)
        axes.set_xlabel(_WORDS.get(x, x))
        axes.set_ylabel("")
        axes.set_title(name)
        axes.xaxis.get_major_locator().set_params(integer=x != "seconds")  # type: ignore[call-arg]
    if labelled:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper", fontsize=9)
    else:
        note(figure, f"{len(records)} curves, from the first (dark) to the last (light)")
    return figure


def _looks(number: int) -> list[dict[str, Any]]:
    """Return colour and line style of every curve."""
    if number <= _MOST_LABELS:
        styles = [style for style in _STYLES for _ in COLOURS]
        pairs = zip(cycle(COLOURS), styles, strict=False)
        return [{"color": c, "linestyle": s} for c, s in pairs][:number]
    colours = mpl.colormaps[MAP](np.linspace(0, 0.92, number))
    return [{"color": tuple(colour), "linewidth": 0.9, "alpha": 0.7} for colour in colours]
