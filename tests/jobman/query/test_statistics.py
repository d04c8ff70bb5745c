"""What the numbers of several runs are on average."""

import math

import numpy
import pytest
from scipy import stats

from pylearn2_jobman.jobman.query.statistics import Statistics, describe


def test_the_mean_has_a_deviation_and_an_interval() -> None:
    numbers = [0.31, 0.28, 0.35, 0.30, 0.29, 0.33, 0.32, 0.27, 0.34, 0.30]
    (found,) = describe([numbers])
    assert (found.n, found.nan, found.missing) == (10, 0, 0)
    assert found.mean == pytest.approx(numpy.mean(numbers))
    assert found.std == pytest.approx(numpy.std(numbers, ddof=1))
    # Of a sample like this, the bootstrap's is near the one that the normal distribution has.
    low, high = stats.norm.interval(0.95, found.mean, stats.sem(numbers))
    assert found.low == pytest.approx(low, abs=0.003)
    assert found.high == pytest.approx(high, abs=0.003)


def test_a_single_run_has_no_deviation_and_none_has_nothing() -> None:
    assert describe([[0.5], []]) == [
        Statistics(1, 0.5, None, None, None, nan=0, missing=0),
        Statistics(0, None, None, None, None, nan=0, missing=0),
    ]


def test_what_is_no_finite_number_is_counted_and_not_averaged() -> None:
    odd = [math.nan, -math.inf, 10**400, None, "0.3", True, [1]]
    (found,) = describe([[1, *odd, 3.0]])
    assert (found.n, found.mean, found.nan, found.missing) == (2, 2.0, 3, 4)


def test_an_interval_depends_on_the_numbers_alone() -> None:
    samples = [[1.0, 2.0, 4.0], [5.0, 5.0], [3.0, 9.0, 1.0]]
    alone = [describe([sample])[0] for sample in samples]
    assert describe(samples) == describe(samples) == alone
    assert describe([[4.0, 1.0, 2.0]] * 700)[-1] == alone[0]
    assert (alone[1].low, alone[1].high) == (5.0, 5.0)
