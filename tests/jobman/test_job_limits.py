"""Times and numbers of tries, as people write them."""

import math

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.limits import JobLimits, is_like, seconds

TRACEBACK = """\
Traceback (most recent call last):
  File "lab.py", line 3, in run
    raise RuntimeError("CUDA out of memory")
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB
a note about it"""


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("90", 90), (90, 90), (0.5, 0.5), ("1e3", 1000), ("90s", 90), ("90m", 5400), ("2h", 7200),
        ("2h30m", 9000), ("1.5h", 5400), (" 1d 2 h ", 93600), ("1d1h1m1s", 90061), (10**400, 1e300),
    ],
)  # fmt: skip
def test_a_time_is_a_number_of_seconds_or_has_units(given, number):
    assert seconds(given) == number


@pytest.mark.parametrize(
    "given",
    [
        *["", " ", "soon", "h", "30m2h", "2 parsecs", "-1", 0, -(10**400), "0h", "nan", "inf"],
        *[math.nan, math.inf, True, None, [1], "9" * 400, "1d" + " " * 100_000 + "x"],
    ],
)
def test_what_is_no_time_is_refused(given):
    with pytest.raises(UsageError, match=r"seconds above 0, or like 90m or 2h30m: not "):
        seconds(given)


def test_the_keys_of_a_job_are_read_or_named():
    assert JobLimits.read({}) == JobLimits(None, None)
    flat = {"jobman.time_limit": "2h", "jobman.retries": 3}
    assert JobLimits.read(flat) == JobLimits(7200, 3)
    for wrong in (True, -1, 2.5, "3"):
        with pytest.raises(UsageError, match=r"jobman.retries is a number of tries, from 0"):
            JobLimits.read({"jobman.retries": wrong})


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("CUDA out of memory*", True),
        ("torch.OutOfMemoryError: *", True),
        ("*GiB", True),
        ("a note*", True),
        ("out of memory*", False),
        ("CUDA out of memory", False),
        ('    raise RuntimeError("CUDA*', False),
        ("", False),
    ],
)
def test_an_error_is_like_a_pattern_that_one_of_its_lines_is_like(pattern, expected):
    assert is_like(TRACEBACK, [pattern]) is expected
    assert is_like(TRACEBACK, ["nothing", pattern]) is expected
    assert not is_like("", [pattern])
