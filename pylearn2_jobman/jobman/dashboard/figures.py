"""Plotly figures of jobs: learning curves, a result against a key, parallel coordinates.

Plotly takes the text that it draws for a kind of HTML. Whatever comes from a state is escaped here,
and put into hover texts, never into hover templates, whose ``%{}`` would be filled in.
"""

__all__ = ["Curve", "empty", "learning_curves", "parallel", "scatter"]

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

# Okabe and Ito's colours, which the colour-blind tell apart, then Tol's muted ones.
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
    "#882255", "#44aa99", "#999933", "#aa4499", "#332288", "#88ccee",
)  # fmt: skip
_SCALE = "Viridis"
_MISSING = "none"
_FEW_VALUES = 12  # so many distinct values get a median each
_MOST_TICKS = 12


@dataclass(frozen=True)
class Curve:
    """One job's records of a channel: where they were taken, and their values."""

    job_id: int
    label: str
    x: Sequence[float]
    y: Sequence[float]


def empty(message: str) -> go.Figure:
    """Return a figure that says why there is nothing to see."""
    figure = _figure()
    figure.add_annotation(
        text=html.escape(message, quote=False), showarrow=False, font={"size": 15}, x=0.5, y=0.5,
        xref="paper", yref="paper",
    )  # fmt: skip
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def learning_curves(
    curves: Sequence[Curve], *, channel: str, along: str, logarithmic: bool
) -> go.Figure:
    """Draw one channel of several jobs over each other.

    Parameters
    ----------
    curves
        The jobs.
    channel
        The channel's name.
    along
        What the records are counted in: ``epoch``, ``batch``, ``example`` or ``seconds``.
    logarithmic
        Whether the values' axis is.
    """
    figure = _figure()
    for number, curve in enumerate(curves):
        name = _text(f"{curve.job_id}  {curve.label}" if curve.label else f"job {curve.job_id}")
        head = f"<b>job {curve.job_id}</b> {_text(curve.label)}<br>"
        figure.add_scatter(
            x=list(curve.x),
            y=list(curve.y),
            name=name,
            mode="lines" if len(curve.x) > 1 else "markers",
            line={"color": COLOURS[number % len(COLOURS)], "width": 2},
            hoverinfo="text",
            hovertext=[
                f"{head}{along} {x:g}: {y:.6g}" for x, y in zip(curve.x, curve.y, strict=True)
            ],
            customdata=[curve.job_id] * len(curve.x),
        )
    figure.update_xaxes(title=along)
    figure.update_yaxes(title=_text(channel), type="log" if logarithmic else "linear")
    figure.update_layout(showlegend=len(curves) > 1, hovermode="closest")
    return figure


def scatter(
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    *,
    x: str,
    y: str,
    colour: str | None,
    labels: Sequence[str],
) -> go.Figure:
    """Draw a result of every job against a key, with the medians where a key has few values.

    Parameters
    ----------
    ids
        The jobs.
    columns
        Key -> the jobs' values.
    x, y
        The keys of the axes.
    colour
        The key that colours the points; None: all alike.
    labels
        What to say of each job under the pointer.
    """
    rows = [row for row, value in enumerate(columns[y]) if _is_number(value)]
    if not rows:
        return empty(f"No job here has a number as {y}.")
    across, up = _Axis(x, [columns[x][row] for row in rows]), [columns[y][row] for row in rows]
    figure = _figure()
    marker: dict[str, Any] = {"size": 8, "opacity": 0.75, "color": COLOURS[0]}
    if colour is not None:
        tint = _Axis(colour, [columns[colour][row] for row in rows])
        ticks = tint.ticks()
        marker |= {
            "color": tint.positions,
            "colorscale": _SCALE,
            "colorbar": {
                "title": {"text": _short(colour), "side": "right"}, "thickness": 12, "len": 0.9,
                "tickvals": [at for at, _ in ticks], "ticktext": [text for _, text in ticks],
                "outlinewidth": 0,
            },
        }  # fmt: skip
    figure.add_scatter(
        x=across.shown,
        y=up,
        mode="markers",
        marker=marker,
        hoverinfo="text",
        hovertext=[
            f"<b>job {ids[row]}</b> {_text(labels[row])}<br>{_short(x)} {_value(columns[x][row])}"
            f"<br>{_short(y)} {_value(columns[y][row])}"
            for row in rows
        ],
        customdata=[ids[row] for row in rows],
        name="jobs",
    )
    groups = across.groups(up)
    if 1 < len(groups) <= _FEW_VALUES and len(rows) > len(groups):
        figure.add_scatter(
            x=[at for at, _ in groups],
            y=[_median(values) for _, values in groups],
            mode="lines+markers",
            line={"color": "#8a8f98", "width": 1.5, "dash": "dot"},
            marker={"symbol": "line-ew", "size": 18, "line": {"width": 2, "color": "#8a8f98"}},
            hoverinfo="text",
            hovertext=[f"median of {len(values)}: {_median(values):.6g}" for _, values in groups],
            name="median",
        )
    figure.update_xaxes(title=_text(x), type=across.kind)
    figure.update_yaxes(title=_text(y), type="log" if _spans_decades(up) else "linear")
    figure.update_layout(hovermode="closest", showlegend=False)
    return figure


def parallel(
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    *,
    keys: Sequence[str],
    colour: str,
    labels: Sequence[str],
) -> go.Figure:
    """Draw every job as a line across one axis a key, coloured by a result.

    They are plain lines, not Plotly's own parallel coordinates: these need WebGL, and scripts
    compiled in the browser, which the page's security policy forbids.

    Parameters
    ----------
    ids
        The jobs.
    columns
        Key -> the jobs' values.
    keys
        The axes, from left to right.
    colour
        The key, one with numbers, that colours the lines.
    labels
        What to say of each job under the pointer.
    """
    rows = [row for row, value in enumerate(columns[colour]) if _is_number(value)]
    if not rows:
        return empty(f"No job here has a number as {colour}.")
    axes = [_Axis(key, [columns[key][row] for row in rows]) for key in keys]
    tint = _Axis(colour, [columns[colour][row] for row in rows])
    shades = tint.fractions()
    figure = _figure()
    # The best are drawn last, over the others.
    order = sorted(range(len(rows)), key=lambda n: -shades[n])
    heights = [axis.fractions() for axis in axes]
    for n in order:
        job_id = ids[rows[n]]
        figure.add_scatter(
            x=list(range(len(axes))),
            y=[height[n] for height in heights],
            mode="lines+markers",
            marker={"size": 5},
            line={"color": _shade(shades[n]), "width": 1.6},
            opacity=0.8,
            hoverinfo="text",
            hovertext=[
                f"<b>job {job_id}</b> {_text(labels[rows[n]])}<br>{_short(key)} "
                f"{_value(columns[key][rows[n]])}"
                for key in keys
            ],
            customdata=[job_id] * len(axes),
            showlegend=False,
        )
    for place, axis in enumerate(axes):
        figure.add_shape(
            type="line", x0=place, x1=place, y0=0, y1=1, line={"color": "#8a8f98", "width": 1}
        )
        for at, text in axis.ticks():
            figure.add_annotation(
                x=place, y=axis.fraction(at), text=text, showarrow=False, xanchor="right",
                xshift=-6, font={"size": 11},
            )  # fmt: skip
    ticks = tint.ticks()
    figure.add_scatter(  # nothing but its colour bar
        x=[None], y=[None], mode="markers", showlegend=False, hoverinfo="skip",
        marker={
            "colorscale": _SCALE, "cmin": tint.lowest, "cmax": tint.highest, "showscale": True,
            "color": [tint.lowest],
            "colorbar": {
                "title": {"text": _short(colour), "side": "right"}, "thickness": 12, "len": 0.9,
                "tickvals": [at for at, _ in ticks], "ticktext": [text for _, text in ticks],
                "outlinewidth": 0,
            },
        },
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(axes))), ticktext=[_short(key) for key in keys], side="top",
        showgrid=False, range=[-0.35, len(axes) - 0.85], zeroline=False, fixedrange=True,
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[-0.04, 1.04], fixedrange=True)
    figure.update_layout(hovermode="closest")
    return figure


class _Axis:
    """The values of a key as numbers on an axis: as they are, as logarithms, or as categories."""

    def __init__(self, key: str, values: Sequence[Any]) -> None:
        self.key = key
        numbers = [value for value in values if _is_number(value)]
        self._categories: list[str] = []
        if values and len(numbers) == len(values):
            self.kind = "log" if _spans_decades(numbers) else "linear"
            self.shown: list[Any] = list(values)
            self.positions = (
                [math.log10(v) for v in values]
                if self.kind == "log"
                else [float(v) for v in values]
            )
        else:
            self.kind = "category"
            texts = [_MISSING if value is None else _value(value) for value in values]
            ranked = sorted(set(zip(map(_rank, values), texts, strict=True)))
            self._categories = list(dict.fromkeys(text for _, text in ranked))
            self.shown = texts
            places = {text: float(place) for place, text in enumerate(self._categories)}
            self.positions = [places[text] for text in texts]
        self.lowest = min(self.positions, default=0.0)
        self.highest = max(self.positions, default=1.0)

    def fraction(self, position: float) -> float:
        """Return where on the axis a position is, from 0 to 1."""
        width = self.highest - self.lowest
        return (position - self.lowest) / width if width else 0.5

    def fractions(self) -> list[float]:
        return [self.fraction(position) for position in self.positions]

    def ticks(self) -> list[tuple[float, str]]:
        """Return positions with their texts: the values themselves where they are few."""
        if self._categories:
            step = math.ceil(len(self._categories) / _MOST_TICKS)
            return [(float(n), text) for n, text in enumerate(self._categories)][::step]
        distinct = sorted(set(self.positions))
        if len(distinct) > 6:
            distinct = [self.lowest + (self.highest - self.lowest) * n / 4 for n in range(5)]
            return [(p, f"{self._unscaled(p):.3g}") for p in distinct]
        return [(p, f"{self._unscaled(p):.6g}") for p in distinct]

    def _unscaled(self, position: float) -> float:
        return 10**position if self.kind == "log" else position

    def groups(self, values: Sequence[float]) -> list[tuple[Any, list[float]]]:
        """Return the values at each place of the axis, from left to right."""
        found: dict[Any, list[float]] = {}
        for _, shown, value in sorted(
            zip(self.positions, self.shown, values, strict=True), key=lambda item: item[0]
        ):
            found.setdefault(shown, []).append(value)
        return list(found.items())


def _figure() -> go.Figure:
    figure = go.Figure()
    # The style sheet colours text and grid, so that they follow the page's light or dark.
    axis = {"gridcolor": "rgba(128,128,128,0.18)", "zeroline": False, "automargin": True}
    figure.update_layout(
        template="none", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 64, "r": 24, "t": 36, "b": 52}, xaxis=axis, yaxis=axis,
        font={"family": "inherit", "size": 13}, hoverlabel={"align": "left", "font": {"size": 13}},
        legend={"font": {"size": 12}}, uirevision="keep",
    )  # fmt: skip
    return figure


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _spans_decades(numbers: Sequence[float]) -> bool:
    return min(numbers) > 0 and max(numbers) / min(numbers) >= 100


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _rank(value: Any) -> tuple[int, float, str]:
    if _is_number(value):
        return 0, value, ""
    return (2, 0, "") if value is None else (1, 0, str(value))


def _shade(fraction: float) -> str:
    from plotly.colors import sample_colorscale

    (colour,) = sample_colorscale(_SCALE, [fraction])
    return str(colour)


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _short(key: str) -> str:
    return _text(key.rpartition(".")[2])


def _value(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return _text(text if len(text) <= 60 else text[:57] + "...")
