"""Jobs grouped by a key."""

import math

from pylearn2_jobman.jobman.dashboard.views.groups import grouped
from pylearn2_jobman.jobman.status import Status

DONE, START = Status.DONE, Status.START


def group(values, results, statuses=None, *, highest=False):
    columns = {"a": values, "r": results, "jobman.status": statuses or [DONE] * len(values)}
    ids = range(11, 11 + len(values))
    return grouped(list(ids), columns, by="a", result="r", highest=highest)


def test_every_value_gets_the_best_median_mean_and_deviation_of_its_jobs():
    first, second = group([1, 2, 1, 1], [3.0, 9.0, 1.0, 2.0])
    assert (first.value, first.jobs, first.best_job, first.best) == ("1", 3, 13, 1.0)
    assert (first.median, first.mean, first.deviation) == (2.0, 2.0, 1.0)
    assert (second.value, second.mean) == ("2", 9.0)
    assert math.isnan(second.deviation)


def test_the_group_with_the_best_result_comes_first_and_one_without_results_last():
    values, results = ["x", "y", "z"], [1.0, None, 2.0]
    assert [one.value for one in group(values, results)] == ["x", "z", "y"]
    assert [one.value for one in group(values, results, highest=True)] == ["z", "x", "y"]


def test_what_is_no_finite_number_is_no_result():
    (only,) = group(
        [1, 1, 1, 1], [float("nan"), float("inf"), True, "2"], [DONE, START, DONE, DONE]
    )
    assert (only.jobs, only.done, only.best_job) == (4, 3, None)


def test_values_of_different_types_are_different_groups():
    assert len(group([1, "1", 1.0, True, None, [1]], [1.0] * 6)) == 6
