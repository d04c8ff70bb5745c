"""When a job is stopped early."""

import math

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.search.pruning import Pruning

MEDIAN = Pruning("median", "nll")
ASHA = Pruning("asha", "nll")


@pytest.mark.parametrize(
    ("step", "warmup", "eta", "rung"),
    [(0, 1, 3, None), (1, 1, 3, 1), (2, 1, 3, 1), (3, 1, 3, 3), (80, 1, 3, 27), (4, 5, 2, None),
     (9.5, 5, 2, 5), (20, 5, 2, 20)],
)  # fmt: skip
def test_rungs_lie_ever_further_apart(step, warmup, eta, rung):
    assert Pruning("asha", "nll", warmup, eta).rung(step) == rung


@pytest.mark.parametrize(
    ("pruning", "value", "others", "stops"),
    [
        (MEDIAN, 9.0, [1.0] * 4, False),  # too few to say
        (MEDIAN, 9.0, [1.0] * 5, True),
        (MEDIAN, 3.0, [1.0, 2.0, 3.0, 4.0, 5.0], False),
        (MEDIAN, 3.1, [1.0, 2.0, 3.0, 4.0, 5.0], True),
        (MEDIAN, math.nan, [1.0, 2.0, 3.0, 4.0, 5.0], True),
        (MEDIAN, math.nan, [math.nan] * 5, False),
        (ASHA, 9.0, [], False),
        (ASHA, 9.0, [8.0], True),
        (ASHA, 8.0, [9.0], False),
        (ASHA, 8.0, [8.0], False),
        (ASHA, 3.0, [1.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], False),  # third of nine
        (ASHA, 4.0, [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 9.0], True),
        (ASHA, math.nan, [1.0, math.nan], True),
        (ASHA, math.inf, [1.0], True),
    ],
)
def test_the_verdict_is_by_the_others_at_the_step(pruning, value, others, stops):
    reason = pruning.verdict(9, value, others)
    assert (reason is not None) == stops
    assert reason is None or reason.startswith(f"nll {value:.6g} at 9: worse than ")
    # The highest being the best is the mirror image.
    mirrored = Pruning(pruning.rule, "nll", maximize=True)
    assert (mirrored.verdict(9, -value, [-other for other in others]) is not None) == stops


def test_a_curve_counts_as_far_as_the_rung():
    curve = [(0, 9.0), (1, 4.0), (2, math.nan), (4, 5.0)]
    assert ASHA.value_at(curve, 5) is None
    assert ASHA.value_at([], 1) is None
    assert ASHA.value_at(curve, 4) == 5.0
    assert ASHA.value_at(curve, 3) == 4.0  # the row may hold every second record only
    assert MEDIAN.value_at(curve, 4) == 4.0
    assert Pruning("median", "nll", maximize=True).value_at(curve, 4) == 9.0
    assert math.isnan(ASHA.value_at([(1, math.nan)], 1))
    assert ASHA.judge(1, curve, [[(0, 1.0)], [(1, 3.0)], []]) is not None
    assert ASHA.judge(1, curve, [[(0, 1.0)]]) is None


def test_it_is_read_back_as_it_is_written():
    for pruning in (MEDIAN, Pruning("asha", "valid_y_nll", 5, 4, maximize=True)):
        assert Pruning.parse(str(pruning)) == pruning
    assert Pruning.parse("asha channel=nll") == ASHA


@pytest.mark.parametrize(
    "text",
    ["", "halving channel=nll", "asha", "asha channel=nll warmup=x", "asha channel=nll lease=3",
     "asha channel=nll warmup=0", "asha channel=nll eta=1", "asha channel=nll eta=-inf"],
)  # fmt: skip
def test_nonsense_is_refused_and_in_a_row_stops_nothing(text):
    with pytest.raises(UsageError):
        Pruning.parse(text)
    assert Pruning.of_job({"jobman.search.prune": text}, MEDIAN) is None
    assert Pruning.of_job({}, MEDIAN) is MEDIAN
