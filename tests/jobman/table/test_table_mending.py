"""What mending a table needs of it: particular jobs claimed, old numbers kept."""

import pytest
from tables import age_heartbeats

from pylearn2_jobman.errors import ClaimLostError, UsageError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

STATE = {"jobman.experiment": "lab.run", "x": 1}


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        yield table


def test_a_particular_job_is_claimed_and_ends_the_claim_on_it(table):
    first, second = table.insert_many([STATE, {**STATE, "x": 2}]).ids
    old = table.claim(where="x = 2")
    new = table.claim_job(second, [Status.RUNNING])
    assert new.state.x == 2
    with pytest.raises(ClaimLostError):
        table.write_back(old, STATE, status=Status.DONE)
    table.write_back(new, {**STATE, "y": 1}, status=Status.DONE)
    assert table.get(second).status is Status.DONE
    assert table.get(first).status is Status.START


def test_a_job_of_another_status_is_not_claimed(table):
    job_id = table.insert(STATE)
    assert table.claim_job(job_id, [Status.ERR_SYNC, Status.DONE]) is None
    assert table.claim_job(job_id + 1, tuple(Status)) is None
    assert table.get(job_id).status is Status.START


def test_expired_jobs_are_those_without_a_sign_of_life(table, table_url):
    job_id = table.insert(STATE)
    table.claim()
    assert table.expired(100) == []
    age_heartbeats(table_url, 101)
    assert table.expired(100) == [job_id]


def test_a_job_keeps_its_old_number_and_the_next_gets_another(table):
    table.place(7, STATE, Status.ERR_SYNC)
    job = table.get(7)
    assert (job.status, job.state.x, job.state.jobman.status) == (Status.ERR_SYNC, 1, 4)
    assert table.insert(STATE) is None
    assert table.insert({**STATE, "x": 2}) == 8


def test_a_number_is_given_once(table):
    table.place(7, STATE, Status.DONE)
    with pytest.raises(UsageError, match="there is a job 7"):
        table.place(7, {**STATE, "x": 2}, Status.DONE)
