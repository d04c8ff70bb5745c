"""How fast jobs end, as the page tells it."""

import pytest
from tables import let_end

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.overview import ending, speed
from pylearn2_jobman.jobman.dashboard.throughput import Throughput, measure


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        table.insert_many({"n": n} for n in range(8))
        yield table


def test_the_rate_and_the_time_left_are_those_of_the_last_ends(table, table_url):
    for job_id, minutes in enumerate([41, 21, 1], 1):
        let_end(table_url, job_id, minutes)
    assert table.claim() is not None
    found = measure(table, table.counts())
    assert found.jobs_an_hour == pytest.approx(3, rel=0.01)
    assert found.seconds_left == pytest.approx(5 * 20 * 60, rel=0.01)
    assert (found.window, sum(found.parts)) == ("hour", 3)
    assert [place for place, number in enumerate(found.parts) if number] == [3, 7, 11]


def test_what_ended_earlier_is_shown_by_the_hour(table, table_url):
    for job_id, minutes in enumerate([90, 200], 1):
        let_end(table_url, job_id, minutes)
    found = measure(table, table.counts())
    assert (found.window, len(found.parts), sum(found.parts)) == ("day", 24, 2)
    assert found.seconds_left is None  # nobody works


def test_nothing_is_known_of_a_new_table(table):
    found = measure(table, table.counts())
    assert found == Throughput(None, "day", [], remaining=8, running=0)
    assert "No job ended in the last day." in str(speed(found))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Throughput(10.0, "hour", [10], remaining=5, running=1), "30 min 00 s"),
        (Throughput(10.0, "hour", [10], remaining=0, running=0), "nothing waits"),
        (Throughput(10.0, "hour", [10], remaining=5, running=0), "no worker is running"),
        (Throughput(None, "hour", [1], remaining=5, running=1), "known once"),
    ],
)
def test_the_end_is_estimated_or_it_is_said_why_not(found, text):
    assert text in str(ending(found))
