"""A sweep of sixty jobs to plot, and what a reader needs of every figure."""

__all__ = ["ACT", "LR", "NHID", "NLL", "check_readable", "make_sweep"]

import math
import random

import pandas
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

NLL = "results.valid_nll"
LR, NHID, ACT = "hyper_parameters.lr", "hyper_parameters.nhid", "hyper_parameters.act"
_OFFSETS = {"relu": 0.0, "tanh": 0.02, "sigmoid": 0.05}


def make_sweep() -> pandas.DataFrame:
    """Return jobs whose result is lowest at a learning rate of 0.03, with relu; two diverged."""
    chance = random.Random(0)
    rows = []
    for number in range(60):
        lr, act = 10 ** chance.uniform(-4, 0), chance.choice(sorted(_OFFSETS))
        nll = 0.1 + 0.05 * (math.log10(lr) + 1.5) ** 2 + _OFFSETS[act]
        rows.append(
            {
                LR: lr,
                NHID: chance.choice([50, 100, 200]),
                ACT: act,
                NLL: nll,
                "hyper_parameters.noise": chance.random(),
                "hyper_parameters.epochs": 50,
                "hyper_parameters.init": None if number % 2 else 0.05,
            }
        )
    frame = pandas.DataFrame(rows, index=pandas.RangeIndex(1, 61, name="jobman.id"))
    frame.loc[[7, 8], NLL] = [math.inf, math.nan]
    return frame


def check_readable(figure: Figure) -> None:
    """Check that no text of a figure touches another one, or reaches over the figure's edge."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    width, height = canvas.get_width_height()
    hidden = _outside(figure)
    texts = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]
    boxes = [(text, text.get_window_extent(renderer).padded(-1)) for text in texts]
    assert boxes
    for place, (text, box) in enumerate(boxes):
        assert 0 <= box.x0 <= box.x1 <= width, text
        assert 0 <= box.y0 <= box.y1 <= height, text
        for other, other_box in boxes[place + 1 :]:
            if text.get_rotation() == other.get_rotation() == 30:
                continue  # slanting texts pass each other, though the boxes around them do not
            assert not box.overlaps(other_box), (text, other)


def _outside(figure: Figure) -> set[Text]:
    """Return the labels beyond an axis's ends, which are not drawn."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not low <= tick.get_loc() <= high:
                    found |= {tick.label1, tick.label2}
    return found
