"""What the heartbeats of a claim find out."""

import threading

import pytest

from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.jobman.worker.heartbeat import HeartbeatThread

LONG = 60  # seconds, for a machine that has other things to do


@pytest.fixture
def table(sqlite_url):
    with open_table(sqlite_url) as table:
        table.insert({"a": 1})
        yield table


@pytest.fixture
def heart(table):
    heart = HeartbeatThread(table, interval_seconds=0.01)
    yield heart
    heart.stop()


@pytest.fixture
def before_a_heartbeat(table, monkeypatch):
    """Have a function called with each claim when its heartbeat is on its way to the table."""

    def arrange(happen):
        heartbeats = table.heartbeats

        def beat(beats):
            for claim, _live in beats:
                happen(claim)
            return heartbeats(beats)

        monkeypatch.setattr(table, "heartbeats", beat)

    return arrange


@pytest.mark.parametrize("status", [Status.START, Status.CANCELED])
def test_a_job_that_was_taken_back_is_lost_and_a_cancelled_one_is_not(
    table, heart, before_a_heartbeat, status
):
    claim = table.claim()
    table.set_status([claim.job_id], status)
    beats = threading.Semaphore(0)
    before_a_heartbeat(lambda claim: beats.release())
    with heart.beating(claim) as pulse:
        heart.start()
        assert all(beats.acquire(timeout=LONG) for _ in range(2))
        assert (pulse.lost, pulse.cancelled) == (
            status is Status.START,
            status is Status.CANCELED,
        )


def test_a_late_heartbeat_of_the_old_claim_does_not_lose_a_job_that_was_won_back(
    table, heart, before_a_heartbeat
):
    old = table.claim()
    later = threading.Event()

    def happen(claim):
        if claim is not old:
            later.set()
        else:
            table.set_status([old.job_id], Status.START)
            pulse.claim = table.claim()

    before_a_heartbeat(happen)
    with heart.beating(old) as pulse:
        heart.start()
        assert later.wait(LONG)
        assert not pulse.lost


def test_a_late_heartbeat_does_not_lose_a_job_that_has_ended(table, heart, before_a_heartbeat):
    begun, ended = threading.Event(), threading.Event()
    before_a_heartbeat(lambda claim: (begun.set(), ended.wait(LONG)))
    claim = table.claim()
    with heart.beating(claim) as pulse:
        heart.start()
        assert begun.wait(LONG)
        table.write_back(claim, claim.state, status=Status.DONE)
    ended.set()
    heart.stop()
    assert not pulse.lost
