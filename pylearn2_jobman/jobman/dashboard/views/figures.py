"""Plotly figures of jobs: learning curves, a result against a key, parallel coordinates.

Plotly takes the text that it draws for a kind of HTML. Whatever comes from a state is escaped here,
and put into hover texts, never into hover templates, whose ``%{}`` would be filled in.
"""

__all__ = ["CONFIG", "Curve", "empty", "learning_curves", "parallel", "scatter", "smoothed"]

import html
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.plots.band import Band
from pylearn2_jobman.jobman.plots.data import with_result
from pylearn2_jobman.jobman.plots.style import BLUE, COLOURS, GREY, ORANGE
from pylearn2_jobman.jobman.plots.variable import Variable
from pylearn2_jobman.jobman.query.keys import short_names

if TYPE_CHECKING:
    import pandas

CONFIG: Any = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
}
# Both can be seen on white and on black: Viridis without its darkest end, and from the best,
# in a strong colour, over a light one to a grey for the worst.
_SCALE = ["#3b528b", "#21918c", "#5ec962", "#e3d317"]
_BEST_TO_WORST = [ORANGE, "#56B4E9", "#8a93a0"]
# Black is no colour for a line where the page is dark.
_LINES = (*(colour for colour in COLOURS if colour != "#000000"), "#882255", "#44AA99", "#999933")
_DASHES = ("solid", "dash", "dot")
_MANY = 500  # jobs that are drawn smaller
_FEW_VALUES = 12  # so many different values get a median each


@dataclass(frozen=True)
class Curve:
    """One job's records of a channel: where they were taken, and their values.

    With a band, it is the mean of several jobs' records, of which one is named.
    """

    job_id: int
    label: str
    x: Sequence[float]
    y: Sequence[float]
    band: Band | None = None
    channel: str = ""


def empty(message: str) -> go.Figure:
    """Return a figure that holds only a message: why there is nothing to see."""
    figure = _figure()
    figure.add_annotation(
        text="<br>".join(map(_text, textwrap.wrap(message, 60))),
        showarrow=False, font={"size": 14}, x=0.5, y=0.5, xref="paper", yref="paper",
    )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def learning_curves(
    curves: Sequence[Curve],
    *,
    channels: Sequence[str],
    along: str,
    logarithmic: Collection[str] = (),
    smoothing: float = 0.0,
    narrow: bool = False,
) -> go.Figure:
    """Draw channels of several jobs over each other: a colour a job, a dash a channel.

    Parameters
    ----------
    curves
        The jobs.
    channels
        The channels' names.
    along
        What the records are counted in: ``epoch``, ``batch``, ``example`` or ``seconds``.
    logarithmic
        The axes that are: ``x``, ``y``.
    smoothing
        The weight of the past in a moving average, from 0 to below 1; the records as they are
        stand behind it, faint.
    narrow
        Whether the legend stands below the curves, where there is no room beside them.
    """
    figure = _figure()
    jobs = list(dict.fromkeys(curve.job_id for curve in curves))
    for curve in curves:
        number = jobs.index(curve.job_id)
        which = channels.index(curve.channel) if len(channels) > 1 else number // len(_LINES)
        line = {
            "color": _LINES[number % len(_LINES)], "dash": _DASHES[which % len(_DASHES)],
            "width": 2,
        }  # fmt: skip
        label = " ".join([curve.label, curve.channel] if len(channels) > 1 else [curve.label])
        band = curve.band
        what = f"job {curve.job_id}" if band is None else f"mean of {band.label}"
        head = f"<b>{what}</b> {_text(label)}<br>{along}"
        if band is not None:
            _draw_interval(figure, band, str(line["color"]))
        # Rows between may tell others.
        told = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if x == x and y == y]
        if smoothing and len(told) > 1:
            figure.add_scatter(
                x=[x for x, _ in told], y=[y for _, y in told], mode="lines", line=line,
                opacity=0.25, hoverinfo="skip", showlegend=False,
            )  # fmt: skip
        figure.add_scatter(
            x=[x for x, _ in told],
            y=smoothed([y for _, y in told], smoothing),
            name=_text(f"{curve.job_id if band is None else band.label}  {label}"),
            mode="lines" if len(told) > 1 else "markers",
            line=line,
            hoverinfo="text",
            hovertext=[f"{head} {x:g}: {y:.6g}" for x, y in told],
            customdata=[curve.job_id] * len(told),
        )
    figure.update_xaxes(title=along)
    figure.update_yaxes(title=_text(", ".join(channels)))
    # 1, 2 and 5 of every decade, written in full.
    scale = {"type": "log", "dtick": "D2", "tickformat": ".4~g"}
    if "x" in logarithmic:
        figure.update_xaxes(scale)
    if "y" in logarithmic:
        figure.update_yaxes(scale)
    figure.update_layout(showlegend=len(curves) > 1)
    if narrow:
        figure.update_layout(
            legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
            margin={"l": 44, "r": 8},
        )
    return figure


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential moving average of values, without a bias to where it starts.

    >>> smoothed([1.0, 1.0, 4.0], 0.5)
    [1.0, 1.0, 2.7142857142857144]
    """
    mean, mass, means = 0.0, 0.0, []
    for value in values:
        mean = weight * mean + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        means.append(mean / mass)
    return means


def _draw_interval(figure: go.Figure, band: Band, colour: str) -> None:
    ends = [
        (at, low, high)
        for at, low, high in zip(band.x, band.low, band.high, strict=True)
        if low == low
    ]
    figure.add_scatter(
        x=[at for at, _, _ in ends] + [at for at, _, _ in reversed(ends)],
        y=[high for _, _, high in ends] + [low for _, low, _ in reversed(ends)],
        fill="toself", fillcolor=colour, opacity=0.18, mode="none", hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def scatter(
    frame: "pandas.DataFrame", x: str, result: str, colour: str | None, labels: Sequence[str]
) -> go.Figure:
    """Draw a result of every job against a key, with the medians where a key has few values.

    Parameters
    ----------
    frame
        The jobs, of `JobTable.dataframe`.
    x, result
        The keys of the axes.
    colour
        The key that colours the points; None: all alike.
    labels
        The text for each job under the pointer.

    Raises
    ------
    UsageError
        If no job has a number as the result, or a key has too many different texts.
    """
    label_of = dict(zip(frame.index, labels, strict=True))
    jobs = with_result(frame, result)
    across = Variable.of(jobs[x], x)
    up = Variable.of(jobs[result], result)
    figure = _figure()
    marker: dict[str, Any] = {"size": 8, "opacity": 0.7, "color": BLUE}
    if len(jobs) > _MANY:
        marker |= {"size": 5, "opacity": 0.5}
    if colour is not None:
        marker |= _tinted(Variable.of(jobs[colour], short_names([colour])[0]))
    figure.add_scatter(
        x=_spread(across),
        y=up.positions,
        mode="markers",
        marker=marker,
        hoverinfo="text",
        hovertext=[
            _hover_text(int(job_id), label_of[job_id], {x: a, result: b})
            for job_id, a, b in zip(jobs.index, jobs[x], jobs[result], strict=True)
        ],
        customdata=jobs.index.tolist(),
    )
    if 1 < len(across.levels) <= _FEW_VALUES and len(jobs) > len(across.levels):
        groups = [up.positions[across.positions == level] for level in across.levels]
        figure.add_scatter(
            x=across.levels,
            y=[np.median(group) for group in groups],
            mode="lines+markers",
            line={"color": GREY, "width": 1.5, "dash": "dot"},
            marker={"symbol": "line-ew", "size": 18, "line": {"width": 2, "color": GREY}},
            hoverinfo="text",
            hovertext=[f"median of {len(group)}: {np.median(group):.6g}" for group in groups],
        )
    figure.update_xaxes(_axis(across))
    figure.update_yaxes(_axis(up))
    figure.update_layout(showlegend=False)
    return figure


def parallel(
    frame: "pandas.DataFrame",
    keys: Sequence[str],
    result: str,
    labels: Sequence[str],
    *,
    highest: bool,
) -> go.Figure:
    """Draw every job as a line across one axis a key, in the strongest colour the best.

    They are plain lines, not Plotly's own parallel coordinates: these need WebGL, and scripts
    compiled in the browser, which the page's security policy forbids.

    Parameters
    ----------
    frame
        The jobs, of `JobTable.dataframe`.
    keys
        The axes, from left to right; the result comes last.
    result
        The key of the result.
    labels
        The text for each job under the pointer.
    highest
        Whether the highest result is the best.

    Raises
    ------
    UsageError
        If no job has a number as the result, or a key has too many different texts.
    """
    label_of = dict(zip(frame.index, labels, strict=True))
    jobs = with_result(frame, result)
    keys = [*(key for key in keys if key != result), result]
    names = short_names(keys)
    axes = [Variable.of(jobs[key], name) for key, name in zip(keys, names, strict=True)]
    heights = np.stack([axis.fractions(axis.positions) for axis in axes], axis=1)
    ranks = jobs[result].rank(ascending=not highest, pct=True).to_numpy()
    figure = _figure()
    for row in np.argsort(-ranks, kind="stable"):  # the best over the others
        job_id = int(jobs.index[row])
        values = dict(zip(keys, jobs[keys].iloc[row], strict=True))
        figure.add_scatter(
            x=list(range(len(axes))),
            y=heights[row],
            mode="lines+markers",
            marker={"size": 5},
            line={
                "color": sample_colorscale(_BEST_TO_WORST, [float(ranks[row])])[0],
                "width": 2.4 if ranks[row] <= 0.1 else 1.2,
            },
            opacity=0.85,
            hoverinfo="text",
            hovertext=_hover_text(job_id, label_of[job_id], values),
            customdata=[job_id] * len(axes),
        )
    for place, axis in enumerate(axes):
        figure.add_shape(
            type="line", x0=place, x1=place, y0=0, y1=1, line={"color": GREY, "width": 1}
        )
        for tick, text in axis.ticks():
            figure.add_annotation(
                x=place, y=float(axis.fractions(np.array([tick]))[0]), text=_text(text),
                showarrow=False, xanchor="right", xshift=-5, font={"size": 11}, borderpad=1,
                bgcolor="rgba(128,128,128,0.01)",  # a box, which the style sheet colours
            )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(axes))), ticktext=[_text(name) for name in names], side="top",
        showgrid=False, range=[-0.3, len(axes) - 0.85], fixedrange=True,
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[-0.04, 1.04], fixedrange=True)
    figure.update_layout(showlegend=False)
    return figure


def _figure() -> go.Figure:
    figure = go.Figure()
    # The style sheet colours text and grid, so that they follow the page's light or dark.
    axis = {"gridcolor": "rgba(128,128,128,0.18)", "zeroline": False, "automargin": True}
    figure.update_layout(
        template="none", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 64, "r": 24, "t": 20, "b": 48}, xaxis=axis, yaxis=axis,
        font={"family": "inherit", "size": 13}, hoverlabel={"align": "left", "font": {"size": 13}},
        legend={"font": {"size": 12}}, hovermode="closest",
        uirevision="keep",  # a refresh leaves the reader's zoom alone
    )  # fmt: skip
    return figure


def _axis(variable: Variable) -> dict[str, Any]:
    ticks = variable.ticks()
    low, high = variable.limits()
    return {
        "title": {"text": _text(variable.name)},
        "type": "log" if variable.log else "linear",
        "range": [np.log10(low), np.log10(high)] if variable.log else [low, high],
        "tickvals": [tick for tick, _ in ticks],
        "ticktext": [_text(text) for _, text in ticks],
    }


def _spread(variable: Variable) -> Any:
    """Return the positions; jobs of one category beside each other, not all in one line."""
    if variable.categories is None:
        return variable.positions
    chance = np.random.default_rng(0)  # the same at every refresh
    return variable.positions + chance.uniform(-0.2, 0.2, len(variable.positions))


def _tinted(variable: Variable) -> dict[str, Any]:
    ticks = variable.ticks()
    return {
        "color": variable.scaled(variable.positions),
        "colorscale": _SCALE,
        "colorbar": {
            "title": {"text": _text(variable.name), "side": "right"},
            "tickvals": variable.scaled(np.array([tick for tick, _ in ticks])),
            "ticktext": [_text(text) for _, text in ticks],
            "thickness": 12,
            "outlinewidth": 0,
        },
    }


def _hover_text(job_id: int, label: str, values: dict[str, Any]) -> str:
    names = short_names(values)
    lines = [
        f"{name} {format_value('', value)}"
        for name, value in zip(names, values.values(), strict=True)
    ]
    return f"<b>job {job_id}</b> {_text(label)}<br>" + "<br>".join(map(_text, lines))


def _text(text: str) -> str:
    return html.escape(text, quote=False)
