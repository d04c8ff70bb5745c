"""Figures as Plotly gets them."""

import pytest

from pylearn2_jobman.jobman.dashboard.views.figures import Curve, learning_curves, smoothed


def test_an_average_follows_its_values_and_starts_at_the_first():
    assert smoothed([3.0, 1.0, 2.0], 0.0) == [3.0, 1.0, 2.0]
    assert smoothed([5.0] * 20, 0.97) == pytest.approx([5.0] * 20)
    assert smoothed([0.0, 1.0], 0.5) == pytest.approx([0.0, 2 / 3])
    assert smoothed([], 0.9) == []


def test_a_job_has_one_colour_and_a_channel_one_dash():
    curves = [
        Curve(job, "", [0, 1], [1.0, 2.0], channel=name)
        for job in (3, 7)
        for name in ("train", "valid")
    ]
    figure = learning_curves(curves, channels=["train", "valid"], along="epoch", smoothing=0.6)
    faint, lines = figure.data[::2], figure.data[1::2]
    assert len({(line.line.color, line.line.dash) for line in lines}) == 4
    assert len({line.line.color for line in lines}) == 2
    assert [line.name for line in lines][:2] == ["3   train", "3   valid"]
    assert all(line.opacity < 0.5 and not line.showlegend for line in faint)
    assert list(faint[0].y) == [1.0, 2.0]


def test_axes_are_logarithmic_as_asked_and_the_legend_stands_below_where_it_is_narrow():
    curves = [Curve(job, "", [1, 2], [1.0, 2.0]) for job in (1, 2)]
    wide = learning_curves(curves, channels=["nll"], along="epoch", logarithmic=["x"])
    assert (wide.layout.xaxis.type, wide.layout.yaxis.type) == ("log", None)
    assert wide.layout.legend.orientation is None
    narrow = learning_curves(curves, channels=["nll"], along="epoch", narrow=True)
    assert narrow.layout.legend.orientation == "h"
