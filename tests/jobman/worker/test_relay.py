"""What a slot of a worker hands from job to job."""

import pytest

from pylearn2_jobman.jobman.database.job import Wanted
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.jobman.worker.heartbeat import HeartbeatThread
from pylearn2_jobman.jobman.worker.relay import Relay


@pytest.fixture
def table(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert_many([{"n": 1}, {"n": 2}])
        yield table


class Tickets:
    """As many jobs as may be begun."""

    def __init__(self, left):
        self.left = left

    def begin(self):
        if self.left == 0:
            return None
        self.left -= 1
        return Wanted(where=f"n > {self.left}")

    def not_begun(self):
        self.left += 1


def relay(table, tickets):
    return Relay(HeartbeatThread(table, 60), tickets.begin, tickets.not_begun)


def test_a_job_whose_end_is_tried_again_wants_the_same_one_next(table):
    tickets = Tickets(2)
    passed = relay(table, tickets)
    assert passed.wanted() == passed.wanted() == Wanted(where="n > 1")
    assert tickets.left == 1


def test_the_next_claim_is_given_out_once(table):
    tickets = Tickets(2)
    passed = relay(table, tickets)
    passed.wanted()
    passed.take(table.claim())
    assert passed.next().claim.job_id == 1
    assert passed.next() is None
    assert tickets.left == 1


def test_where_no_job_was_left_none_has_begun(table):
    tickets = Tickets(1)
    passed = relay(table, tickets)
    passed.wanted()
    passed.take(None)
    assert passed.next() is None
    assert tickets.left == 1


def test_where_no_job_may_be_begun_none_is_wanted(table):
    passed = relay(table, Tickets(0))
    assert passed.wanted() is None
    assert passed.next() is None
