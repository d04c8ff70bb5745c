"""A copied table is the same table: ids, statuses, priorities, times, hashes, values."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tables import age_heartbeats, query
from waiting import until

from pylearn2_jobman.errors import NotStorableError, UsageError
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.jobman.table.copying import Copied, copy_table

LISA = Path(__file__).parents[2] / "data" / "lisa" / "lisa_jobs_small.sqlite"
LEASE = 300.0
VALUES = {
    "integer": 2**63 - 1, "large": 2**80, "float": 1 / 3, "tiny": 5e-324, "inf": float("-inf"),
    "text": "it's \u00e9 \\ \n\t", "empty": "", "none": None, "yes": True, "list": [1, [2.5, "x"]],
    "tuple": (1,), "dict": {1: "one"},
}  # fmt: skip


def jobs(url):
    """Return the jobs as text, in which a NaN is the same as another."""
    with open_table(url, create=False) as table:
        return [repr(job) for job in table.jobs()]


def hashes(url):
    """Return what tells duplicates apart, by id."""
    return query(url, f"SELECT id, hash FROM {url.rpartition('=')[2]}trial ORDER BY id")


@pytest.fixture
def filled(table_url):
    """The address of a table with a job of every kind."""
    with open_table(table_url) as table:
        table.insert_many([{"a": VALUES}, *({"b": number} for number in range(8))])
        table.set_priority([3], 0.1)
        for status in set(Status) - {Status.RUNNING}:
            claim = table.claim()
            claim.state["results"] = {"y": claim.job_id / 7}
            table.write_back(claim, claim.state, status=status)
        table.set_status([9], Status.RUNNING)  # by hand: nobody gives signs of life
    return table_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(request, tmp_path):
    """The address of a table elsewhere that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/copy.db?table=copied"
    server = request.getfixturevalue("postgres_server")
    name = request.getfixturevalue("postgres_database")
    return f"{server.url(name)}?table=copied"


def test_everything_is_copied_and_the_copy_is_a_table_to_work_with(filled, target):
    assert copy_table(filled, target, LEASE) == Copied(jobs=9, present=0)
    assert jobs(target) == jobs(filled)
    assert hashes(target) == hashes(filled)
    with open_table(target) as table:
        assert table.insert({"a": VALUES}) is None  # known as a duplicate
        assert table.insert({"new": 1}) == 10
        assert table.claim() is not None


def test_the_way_back_gives_the_same_rows(filled, target, tmp_path):
    copy_table(filled, target, LEASE)
    back = f"sqlite:///{tmp_path}/back.db?table=t_"
    copy_table(target, back, LEASE)
    assert jobs(back) == jobs(filled)
    assert copy_table(filled, back, LEASE) == Copied(jobs=0, present=9)


def test_not_a_number_is_copied(sqlite_url, target):
    with open_table(sqlite_url) as table:
        table.insert({"x": float("nan")})
    for expected in (Copied(1, 0), Copied(0, 1)):
        assert copy_table(sqlite_url, target, LEASE) == expected
    assert "'x': nan" in jobs(target)[0]


def test_a_table_of_lisa_is_copied(tmp_path, target):
    shutil.copy(LISA, tmp_path / "lisa.db")
    source = f"sqlite:///{tmp_path}/lisa.db?table=t_"
    copied = copy_table(source, target, LEASE)
    assert copied.jobs > 0
    assert jobs(target) == jobs(source)
    assert hashes(target) == hashes(source)


def test_a_copy_that_was_killed_is_completed_by_another(sqlite_url, target):
    with open_table(sqlite_url) as table:
        table.insert_many({f"k{key}": number for key in range(10)} for number in range(3000))
    command = [sys.executable, "-m", "pylearn2_jobman.jobman", "sqlcopy", sqlite_url, target]
    process = subprocess.Popen(command)
    with open_table(target) as table:
        until(lambda: sum(table.counts().values()) or process.poll() is not None, 30)
        process.send_signal(signal.SIGKILL)
        process.wait()
        there = sum(table.counts().values())
    assert copy_table(sqlite_url, target, LEASE) == Copied(jobs=3000 - there, present=there)
    assert jobs(target) == jobs(sqlite_url)


def test_a_job_that_is_there_and_differs_is_left_alone(filled, target):
    copy_table(filled, target, LEASE)
    with open_table(target) as table:
        table.set_priority([2, 5], 7)
    before = jobs(target)
    with pytest.raises(UsageError, match=r"other jobs of the same numbers \(2, 5\)"):
        copy_table(filled, target, LEASE)
    assert jobs(target) == before


def test_a_table_with_living_workers_is_not_copied(sqlite_url, target):
    with open_table(sqlite_url) as table:
        table.insert({"a": 1})
        table.claim(info={"jobman.sql.host_name": "there", "jobman.sql.host_pid": 1})
    with pytest.raises(UsageError, match=r"workers on there run jobs of .* Stop them first"):
        copy_table(sqlite_url, target, LEASE)
    age_heartbeats(sqlite_url, LEASE + 1)
    copy_table(sqlite_url, target, LEASE)
    assert jobs(target) == jobs(sqlite_url)


@pytest.mark.postgresql
def test_what_postgresql_cannot_hold_is_named(sqlite_url, postgres_url):
    with open_table(sqlite_url) as table:
        table.insert({"a": {"b": "x\0y"}})
    with pytest.raises(NotStorableError, match=r"job 1: 'a\.b' holds a NUL character"):
        copy_table(sqlite_url, postgres_url, LEASE)


def test_a_table_is_not_copied_into_itself(sqlite_url):
    with pytest.raises(UsageError, match="the same table"):
        copy_table(sqlite_url, sqlite_url, LEASE)


def test_the_command_says_what_the_copy_holds_and_where_its_files_have_to_go(sqlite_url, tmp_path):
    with open_table(sqlite_url) as table:
        table.insert_many({"a": number} for number in range(3))
        table.set_status([2], Status.DONE)
    copy, moved = (f"sqlite:///{tmp_path}/{name}?table=t_" for name in ("copy.db", "moved/jobs.db"))
    (tmp_path / "moved").mkdir()

    def said(target):
        done = CliRunner().invoke(jobman, ["sqlcopy", sqlite_url, target], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output.splitlines()

    mv = "mv EXPROOT/jobs.db/t_ EXPROOT/copy.db/t_"
    counts = "3 jobs: 2 START, 1 DONE"
    files = f"Their files are looked for in another directory now: {mv}"
    assert said(copy) == [f"Copied 3 jobs to {copy}", counts, files]
    assert said(copy) == [f"Copied 0 jobs to {copy} (3 were there already)", counts, files]
    assert said(moved) == [f"Copied 3 jobs to {moved}", counts]
