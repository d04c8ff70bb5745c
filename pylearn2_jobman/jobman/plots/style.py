"""How all plots look: colours that colour-blind people can tell apart, labels, notes."""

__all__ = ["BLUE", "COLOURS", "DRAWING", "GREY", "MAP", "ORANGE", "new_figure", "note", "styled"]

import functools
import threading
from collections.abc import Callable
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

P = ParamSpec("P")

# The palette of Okabe and Ito (2008), without its yellow, which is too light for lines on white.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#7F7F7F"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MAP = "viridis"

DRAWING = threading.RLock()
"""Matplotlib's settings are the process's: whoever draws holds this, since a page has threads."""

_SETTINGS: Any = {
    "figure.facecolor": "white",
    "figure.dpi": 110,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}


def styled(plot: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a function draw in this style, whatever the user's own settings are."""

    @functools.wraps(plot)
    def draw(*arguments: P.args, **options: P.kwargs) -> Figure:
        with DRAWING, mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(_SETTINGS)
            return plot(*arguments, **options)

    return draw


def new_figure(width: float = 6.4, height: float = 4.2) -> tuple[Figure, Axes]:
    """Return a figure of a size in inches, with one pair of axes."""
    # Not by pyplot, which would keep every figure of the process alive.
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def note(figure: Figure, text: str) -> None:
    """Write a line of small print below everything else."""
    figure.supxlabel(text, x=0.99, ha="right", fontsize=8, color="#666666")
