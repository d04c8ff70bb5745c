"""A job table in an SQLite file that is locked, or on a disk that is full or read-only."""

import multiprocessing
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tables import connections_opened

from pylearn2_jobman.errors import TableUnreachableError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

PROCESSES = multiprocessing.get_context("fork")
LISA = Path(__file__).parents[1] / "data" / "lisa" / "lisa_jobs_small.sqlite"


def hold_write_lock(path: str, seconds: float, held: "multiprocessing.synchronize.Event") -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    held.set()
    time.sleep(seconds)
    connection.execute("COMMIT")


def locked(path: Path, seconds: float) -> multiprocessing.process.BaseProcess:
    """Return a process that keeps the file locked for so long, from now on."""
    held = PROCESSES.Event()
    process = PROCESSES.Process(target=hold_write_lock, args=(str(path), seconds, held))
    process.start()
    assert held.wait(10)
    return process


def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"a": 1})
        # Longer than Python's sqlite3 waits by itself.
        holder = locked(tmp_path / "jobs.db", 6)
        assert table.counts()[Status.START] == 1  # reading needs no wait
        assert holder.is_alive()
        assert table.claim() is not None
        assert not holder.is_alive() or holder.join(5) is None


def test_a_file_locked_for_too_long_is_said_to_be_locked(tmp_path: Path) -> None:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_&timeout=0.3") as table:
        table.insert({"a": 1})
        holder = locked(tmp_path / "jobs.db", 2)
        with pytest.raises(TableUnreachableError, match=r"is locked: .* for more than 0\.3 s"):
            table.claim()
        holder.join()
        assert table.claim() is not None


def test_a_file_that_another_was_put_in_the_place_of_is_gone(tmp_path: Path) -> None:
    file, other = tmp_path / "jobs.db", tmp_path / "other.db"
    with open_table(f"sqlite:///{file}?table=t_") as table:
        table.insert({"a": 1})
        open_table(f"sqlite:///{other}?table=t_").close()
        file.rename(tmp_path / "first.db")
        with pytest.raises(TableUnreachableError, match="its file was deleted or renamed"):
            table.insert({"a": 2})
        other.rename(file)
        with pytest.raises(TableUnreachableError, match="its file was replaced by another"):
            table.insert({"a": 3})
        (tmp_path / "first.db").rename(file)
        assert table.insert({"a": 4}) == 2


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"a": 1})
        claim = table.claim()
        assert claim is not None
        big = {**claim.state, "big": "x" * 1_000_000}
        table.close()
        # Works where no file system can be mounted: a write may not let the file grow.
        with connections_opened(lambda new: new.execute("PRAGMA max_page_count = 20")):
            with pytest.raises(TableUnreachableError, match="disk is full"):
                table.write_back(claim, big, status=Status.DONE)
            job = table.get(claim.job_id)
        assert (job.status, job.state) == (Status.RUNNING, claim.state)
        table.close()
        table.write_back(claim, big, status=Status.DONE)
        assert table.get(claim.job_id).state.big == "x" * 1_000_000


# A file system of its own, of one megabyte, that only this process and its children see.
SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
SMALL_DISK += ['mount -t tmpfs -o size=1m none "$0" && shift && exec "$@"']


def run_on_a_small_disk(script: str, disk: Path, *arguments: Path) -> None:
    """Run a script in Python, where the directory is a disk of its own."""
    if subprocess.run([*SMALL_DISK, disk, "", "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here, not even a private one")
    command = [*SMALL_DISK, disk, "", sys.executable, "-c", script, disk, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


FILL_THE_DISK = """
import sys
from pathlib import Path

from pylearn2_jobman.errors import TableUnreachableError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

disk = Path(sys.argv[1])
(disk / "ballast").write_bytes(bytes(600_000))
with open_table(f"sqlite:///{disk}/jobs.db?table=t_") as table:
    table.insert_many({"a": number} for number in range(10))
    claim = table.claim()
    stored = 0
    try:
        while True:
            claim.state.text = "x" * (stored + 50_000)
            table.write_back(claim, claim.state)
            stored += 50_000
    except TableUnreachableError as error:
        assert "disk is full" in str(error), error
    assert stored
    assert len(table.get(claim.job_id).state.text) == stored
    assert table.counts()[Status.START] == 9
    (disk / "ballast").unlink()
    table.write_back(claim, claim.state, status=Status.DONE)
    assert table.get(claim.job_id).state.text == claim.state.text
    assert table.inconsistencies() == []
"""


def test_a_result_that_met_a_full_disk_goes_in_once_there_is_room(tmp_path: Path) -> None:
    run_on_a_small_disk(FILL_THE_DISK, tmp_path)


READ_ONLY_DISK = """
import shutil, subprocess, sys
from pylearn2_jobman.errors import TableError, TableUnreachableError
from pylearn2_jobman.jobman.table import open_table

disk, lisa = sys.argv[1:]
shutil.copy(lisa, f"{disk}/lisa.db")
with open_table(f"sqlite:///{disk}/ours.db?table=t_") as table:
    table.insert({"a": 1})
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
with open_table(f"sqlite:///{disk}/lisa.db?table=t_", create=False) as table:
    assert len(list(table.jobs())) == 33
    try:
        table.claim()
    except TableError as error:
        assert "may be read but not written by you" in str(error), error
    else:
        raise AssertionError("claimed")
try:
    open_table(f"sqlite:///{disk}/ours.db?table=t_", create=False)
except TableUnreachableError as error:
    assert "copy the file elsewhere" in str(error), error
else:
    raise AssertionError("opened")
"""


def test_on_a_disk_that_is_read_only_a_table_is_read_or_one_learns_why_not(tmp_path: Path) -> None:
    run_on_a_small_disk(READ_ONLY_DISK, tmp_path, LISA)
