"""How a table stands: speed, the time left, and failures grouped by their error."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pylearn2_jobman.jobman.query.summary import summarize
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

TRACEBACK = 'Traceback (most recent call last):\n  File "lab.py", line 3, in train\n'


@pytest.fixture
def table(tmp_path: Path) -> Iterator[JobTable]:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        yield table


def end(table: JobTable, path: Path, job_id: int, seconds: float, ended: str) -> None:
    """Give a job a running time, and a worker's last sign of life."""
    claim = table.claim_job(job_id, [Status.START])
    assert claim is not None
    claim.state["jobman"]["run_time"] = seconds
    table.write_back(claim, claim.state, status=Status.DONE)
    with sqlite3.connect(path / "jobs.db") as connection:
        connection.execute(
            'UPDATE t_trial SET "write" = ? WHERE id = ?', (f"2026-05-01 {ended}.000000", job_id)
        )
    connection.close()


def test_an_empty_table_has_no_speed(table: JobTable) -> None:
    found = summarize(table)
    assert set(found.counts.values()) == {0}
    assert found.jobs_an_hour is found.seconds_left is found.median_seconds is None
    assert found.failures == []


def test_the_speed_is_that_of_the_ends_and_tells_the_time_left(
    table: JobTable, tmp_path: Path
) -> None:
    table.insert_many({"x": number} for number in range(7))
    end(table, tmp_path, 1, 600, "12:10:00")
    end(table, tmp_path, 2, 1200.5, "12:20:00")
    end(table, tmp_path, 3, 1800, "12:40:00")
    found = summarize(table)
    assert found.jobs_an_hour == pytest.approx(4)  # two more in half an hour
    assert found.median_seconds == 1200.5
    assert found.seconds_left is None  # nobody works
    table.claim()
    assert summarize(table).seconds_left == pytest.approx(3600)  # three wait, one runs


def test_failures_that_differ_in_numbers_only_are_one(table: JobTable) -> None:
    errors = [
        f"{TRACEBACK}ValueError: nan in epoch 3 of 0x7f1a",
        f"{TRACEBACK}ValueError: nan in epoch 12 of 0x8e2b",
        f"{TRACEBACK}ValueError: no such file",
        "killed by SIGKILL",
        None,
    ]
    for number, error in enumerate(errors):
        table.insert({"x": number})
        claim = table.claim()
        assert claim is not None
        if error is not None:
            claim.state["jobman"]["error"] = error
        table.write_back(claim, claim.state, status=Status.ERR_RUN)
    table.insert({"x": -1})
    table.set_status([6], Status.ERR_START)
    assert [(failure.error, failure.ids) for failure in summarize(table).failures] == [
        ("ERR_RUN: ValueError: nan in epoch 3 of 0x7f1a", [1, 2]),
        ("ERR_RUN: ValueError: no such file", [3]),
        ("ERR_RUN: killed by SIGKILL", [4]),
        ("ERR_RUN: no error was noted", [5]),
        ("ERR_START: no error was noted", [6]),
    ]
