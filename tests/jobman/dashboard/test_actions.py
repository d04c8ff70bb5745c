"""What the page may change."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.actions import perform
from pylearn2_jobman.jobman.status import Status


@pytest.fixture
def table(sqlite_url):
    """A table with a job of every status: 1 is CANCELED, 2 START, and so on."""
    with open_table(sqlite_url) as table:
        for job_id, status in zip(
            table.insert_many({"n": n} for n in range(7)).ids, Status, strict=True
        ):
            table.set_status([job_id], status)
        yield table


def statuses(table):
    return [job.status for job in table.jobs()]


def test_only_jobs_that_wait_or_run_are_cancelled(table):
    said = perform(table, "cancel", range(1, 8), 1.0)
    assert said == "Cancel: 2 jobs changed"
    before = list(Status)
    assert statuses(table) == [Status.CANCELED] * 3 + before[3:]


def test_only_jobs_that_failed_or_were_cancelled_are_tried_again(table):
    assert perform(table, "retry", range(1, 8), 1.0) == "Retry: 4 jobs changed"
    start = Status.START
    assert statuses(table) == [start, start, Status.RUNNING, Status.DONE, start, start, start]


def test_the_priority_of_other_jobs_stays(table):
    assert perform(table, "priority", [2, 4], 5.0) == "Set priority: 1 job changed"
    assert [job.priority for job in table.jobs(ids=[2, 4])] == [5.0, 1.0]


def test_no_other_action_is_known(table):
    with pytest.raises(UsageError, match="cancel, retry, priority"):
        perform(table, "delete", [1], 1.0)
    with pytest.raises(UsageError, match="finite"):
        perform(table, "priority", [2], float("inf"))
