"""What is typed above a column selects the jobs that a reader means."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.filters import all_of, condition, equals
from pylearn2_jobman.jobman.status import Status

STATES = [
    {"lr": 0.1, "name": "relu_50%", "a key": 1, "flag": True},
    {"lr": 0.01, "name": "ReLU", "a key": 2},
    {"lr": 1, "name": "tanh\\x"},
    {"lr": float("nan"), "name": "don't", "flag": None},
]

TYPED = [
    ("lr", "0.1", [1]),
    ("lr", "1", [3]),
    ("lr", "< 0.1", [2]),
    ("lr", ">=0.1", [1, 3]),
    ("lr", "0.01..0.5", [1, 2]),
    ("lr", "!= 1", [1, 2, 4]),
    ("lr", "<", [1, 2, 3, 4]),
    ("name", "relu", [1, 2]),
    ("name", "0%", [1]),
    ("name", "u_5", [1]),
    ("name", "_", [1]),
    ("name", "\\", [3]),
    ("name", "n't", [4]),
    ("name", "= ReLU", [2]),
    ("name", "<b>", []),
    ("name", "!= ReLU", [1, 3, 4]),
    ("name", "') or (jobman.id > 0", []),
    ("a key", "> 1", [2]),
    ("flag", "= True", [1]),
    ("jobman.status", "err", [4]),
    ("jobman.status", "start", [1, 2, 3]),
    ("jobman.created", "> 2020-01-01", [1, 2, 3, 4]),
    ("jobman.created", "> 2999-01-01 12:00", []),
    ("jobman.claimed", "", [1, 2, 3, 4]),
]


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        table.insert_many(STATES)
        table.set_status([4], Status.ERR_RUN)
        yield table


def test_a_filter_selects(table):
    found = {
        (key, typed): [
            job.id for job in table.jobs(where=all_of([condition(key, typed, number=key == "lr")]))
        ]
        for key, typed, _ in TYPED
    }
    assert found == {(key, typed): ids for key, typed, ids in TYPED}


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("lr", "< x", "'x' is not a number"),
        ("jobman.status", "nonsense", "part of no status: CANCELED, START"),
        ("jobman.created", "> 2026-13-01", "'2026-13-01' is not a time such as"),
    ],
)
def test_a_filter_that_nothing_can_meet_is_an_error(key, typed, said):
    with pytest.raises(UsageError, match=said):
        condition(key, typed, number=key == "lr")


def test_a_group_selects_its_jobs(table):
    for key, value, ids in [
        ("lr", 0.1, [1]),
        ("name", "don't", [4]),
        ("flag", None, [2, 3, 4]),
        ("jobman.status", Status.ERR_RUN, [4]),
    ]:
        assert [job.id for job in table.jobs(where=equals(key, value))] == ids


def test_all_filters_hold_together(table):
    where = all_of(["lr > 0 or name = tanh", None, " ", condition("name", "relu", number=False)])
    assert [job.id for job in table.jobs(where=where)] == [1, 2]
    assert all_of([None, ""]) is None
