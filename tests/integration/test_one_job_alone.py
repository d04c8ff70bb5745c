"""Whatever one job does, it costs that job alone; a result is not lost to what comes after it."""

import contextlib
import os
import shutil
import signal
import subprocess

import pytest
from required import require
from tables import age_heartbeats
from waiting import until

from pylearn2_jobman.jobman.files.tree import remove

ODD = '''
"""Experiments that do odd things and return."""

import os
import shutil
import sys
import threading
import time
from pathlib import Path


def count(state, channel):
    path = Path("count")
    n = int(path.read_text()) + 1 if path.exists() else 1
    path.write_text(str(n))
    state.counted = state.get("counted", 0) + 1
    state.results = {"n": n, "counted": state.counted}
    return channel.COMPLETE if n >= 10 else channel.INCOMPLETE


def closed_stdout(state, channel):
    state.results = {"y": 1}
    sys.stdout.close()


def closed_streams(state, channel):
    state.results = {"y": 1}
    os.close(1)
    os.close(2)


def no_streams(state, channel):
    state.results = {"y": 1}
    sys.stdout = sys.stderr = None


def file_as_stdout(state, channel):
    state.results = {"y": 1}
    with open("train.log", "w") as sys.stdout:
        print("hello")


def full_disk(state, channel):
    with open("large", "wb") as file:
        try:
            while True:
                file.write(b"x" * 65536)
        except OSError:
            pass
    state.results = {"y": 1}


def fill(state, channel):
    with open(state.place, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    state.results = {"y": 1}
    state.note = "x" * 100_000


def large_file(state, channel):
    Path("large").write_bytes(b"x" * 2**22)
    state.results = {"y": 1}


def large_integer(state, channel):
    state.results = {"y": 1, "z": 10**6000}


def no_jobman(state, channel):
    state.results = {"y": 1}
    state.jobman = None


def no_sql(state, channel):
    state.results = {"y": 1}
    state.jobman.sql = None


def nonsense(state, channel):
    state.results = {"y": 1}
    first = state.jobman.sql.attempts == 1
    state.jobman.sql.attempts = "abc"
    state.jobman.sql.priority = "high"
    state.jobman.status = {"a": 1}
    state.jobman.sql.host_workdir = "\\0"
    state.jobman.id = [None]
    return channel.INCOMPLETE if first else channel.COMPLETE


def itself(state, channel):
    state.results = {"y": 1}
    state.itself = state


def unprintable(state, channel):
    class Odd:
        def __repr__(self):
            raise RuntimeError("no")

    state.results = {"y": 1}
    return Odd()


def deep(state, channel):
    path = Path()
    for _ in range(1200):
        path = path / "d"
        os.mkdir(path)
    state.results = {"y": 1}


def names(state, channel):
    Path("n" * 250).write_text("long")
    state.results = {"y": 1}


def kinds(state, channel):
    """Change what the root has from the save before."""
    Path("a").write_text("a file")
    Path("b").mkdir()
    Path("c").symlink_to("..")
    Path("b", "inside").write_text("1")
    channel.save()
    Path("a").unlink(), Path("a").mkdir(), Path("a", "inside").write_text("2")
    Path("b", "inside").unlink(), Path("b").rmdir(), Path("b").write_text("a file")
    Path("c").unlink(), Path("c").mkdir(), Path("c", "inside").write_text("3")
    state.results = {"y": 1}


def file_for_directory(state, channel):
    place = os.getcwd()
    os.chdir("/")
    shutil.rmtree(place)
    Path(place).write_text("a file")
    state.results = {"y": 1}


def link_for_directory(state, channel):
    place = os.getcwd()
    os.rename(place, place + "-moved")
    os.symlink(place + "-moved", place)
    state.results = {"y": 1}


def marks(state, channel):
    os.remove(".job.no_sync")
    os.mkfifo(".job.no_sync")
    Path(".stored.no_sync", "d").mkdir(parents=True)
    state.results = {"y": 1}


def checkpoint_directory(state, channel):
    Path("checkpoint.pt", "d").mkdir(parents=True)
    channel.save()
    shutil.rmtree("checkpoint.pt")
    state.results = {"y": 1}


def forked(state, channel):
    if os.fork() == 0:
        sys.exit(3)
    os.wait()
    state.results = {"y": 1}


def talkative(state, channel):
    def talk():
        while True:
            channel.switch("x" * 50_000)

    threading.Thread(target=talk, daemon=True).start()
    time.sleep(0.1)
    state.results = {"y": 1}
    state.note = "x" * 300_000


def unprintable_end(state, channel):
    class Odd:
        def __repr__(self):
            sys.exit(3)

    state.results = {"y": 1}
    return Odd()


def pipes(state, channel):
    for name in ("stderr", "current.conf"):
        Path(name).unlink(missing_ok=True)
        os.mkfifo(name)
    os._exit(3)


def real_time_signal(state, channel):
    os.kill(os.getpid(), 40)


def no_text(state, channel):
    raise ValueError("\\0 \\ud800")


def odd_error(state, channel):
    raise SyntaxError("x", ("file", 1, "b", "text"))


def odd_object(state, channel):
    class Odd:
        def state(self):
            raise RuntimeError("deliberate")

    state.odd = Odd()
    state.results = {"y": 1}


def empty_directory(state, channel):
    for name in os.listdir():
        os.remove(name)
    Path("large").write_bytes(b"x" * 2**22)
    state.results = {"y": 1}


def end_fork_server(state, channel):
    while not Path(state.until).exists():
        time.sleep(0.1)
    os.kill(os.getppid(), 9)
    state.results = {"y": 1}


def linger(state, channel):
    Path(state.until).touch()
    time.sleep(2)
    state.results = {"y": 1}


def wait(state, channel):
    Path("ready").touch()
    while not Path(state.until).exists():
        channel.switch()
    state.results = {"y": 1}
'''


@pytest.fixture
def odd(lab):
    lab.write("odd.py", ODD)
    yield lab
    remove(lab.path)  # which pytest could not, at any depth
    lab.path.mkdir()


def printed(worker, _so_far={}):  # noqa: B006
    """Return what a worker has printed by now."""
    number = worker.stdout.fileno()
    os.set_blocking(number, False)
    with contextlib.suppress(BlockingIOError):
        _so_far[worker] = _so_far.get(worker, "") + os.read(number, 2**16).decode()
    return _so_far.get(worker, "")


def insert(lab, name, number=1, priority=1.0, **more):
    with lab.table() as table:
        states = ({"jobman.experiment": f"odd.{name}", "n": n, **more} for n in range(number))
        return table.insert_many(states, priority=priority).ids


def test_incomplete_jobs_keep_their_files_with_several_slots(odd):
    insert(odd, "count", 8)
    odd.worker("-n0", "-j4", timeout=300)
    found = [odd.job(n).state.get("results") for n in range(1, 9)]
    assert odd.statuses() == dict.fromkeys(range(1, 9), "DONE")
    assert found == [{"n": 10, "counted": 10}] * 8
    assert odd.leftovers() == []


def test_incomplete_jobs_keep_their_files_with_two_workers_on_a_machine(odd):
    insert(odd, "count", 6)
    workers = [odd.start_worker("-n0", "-j2", "--wait-for-jobs") for _ in range(2)]
    odd.worker("-n0", "-j2", timeout=300)
    for worker in workers:
        worker.send_signal(signal.SIGUSR1)
        assert worker.wait(120) == 0
    assert [odd.job(n).state.results for n in range(1, 7)] == [{"n": 10, "counted": 10}] * 6


RETURNED = [
    *("closed_stdout", "closed_streams", "no_streams", "file_as_stdout", "no_jobman", "no_sql"),
    *("deep", "names", "kinds", "file_for_directory", "link_for_directory", "marks"),
    *("checkpoint_directory", "forked", "talkative"),
]
REPLACED = ("file_for_directory",)  # nothing is left of what was in the working directory


def test_a_job_that_returned_is_done_whatever_it_did_before(odd):
    for name in RETURNED:
        insert(odd, name)
    insert(odd, "nonsense")
    odd.worker("-n0", "-j2", timeout=300)
    statuses = odd.statuses()
    assert statuses == dict.fromkeys(range(1, len(RETURNED) + 2), "DONE")
    for job_id in statuses:
        job = odd.job(job_id)
        assert job.state.results == {"y": 1}
        assert job.state.jobman.sql.attempts == (2 if job_id > len(RETURNED) else 1)
        if job_id not in [RETURNED.index(name) + 1 for name in REPLACED]:
            assert odd.files(job_id).joinpath("current.conf").exists()
    kinds = odd.files(RETURNED.index("kinds") + 1)
    assert {name: (kinds / name / "inside").read_text() for name in "ac"} == {"a": "2", "c": "3"}
    assert (kinds / "b").read_text() == "a file"
    # What an experiment has put elsewhere is its own.
    assert [name for name in odd.leftovers() if not name.endswith("-moved")] == []
    # They can be read, and run again.
    again = [n for n, name in enumerate(RETURNED, 1) if name not in ("deep", "kinds")]
    odd.jobman("sqlstatus", odd.url, *again, "--set_status=START", "-q")
    odd.worker("-n0", "-j2", timeout=300)
    assert set(odd.statuses().values()) == {"DONE"}


def test_what_no_table_holds_costs_its_key_and_says_so(odd):
    insert(odd, "large_integer")
    insert(odd, "itself")
    odd.worker("-n0", code=1)
    large, itself = odd.job(1), odd.job(2)
    assert large.status.name == itself.status.name == "ERR_RUN"
    assert "'results.z' is an integer of more than 4300 digits" in large.state.jobman.error
    assert "nested more than 100 deep" in itself.state.jobman.error
    assert large.state.results.y == itself.state.results.y == 1


def test_what_cannot_be_shown_or_read_costs_its_job_alone(odd):
    reasons = {
        "pipes": "ended with exit code 3 before",
        "real_time_signal": "was killed by signal 40",
        "no_text": "ValueError: \\0 \\ud800",
        "odd_error": "SyntaxError (which cannot be shown",
        "odd_object": "RuntimeError: deliberate",
        "unprintable": "the experiment returned a unprintable.<locals>.Odd",
        "unprintable_end": "the experiment returned a unprintable_end.<locals>.Odd",
    }
    for name in reasons:
        insert(odd, name)
    insert(odd, "closed_streams")
    odd.worker("-n0", code=1)
    for job_id, reason in enumerate(reasons.values(), 1):
        job = odd.job(job_id)
        assert job.status.name == "ERR_RUN"
        assert reason in job.state.jobman.error
        assert "mistake of jobman" not in job.state.jobman.error
    assert [odd.job(job_id).state.results for job_id in (5, 6, 7)] == [{"y": 1}] * 3
    assert odd.statuses()[8] == "DONE"


def test_a_job_without_an_experiment_is_told_so(odd):
    with odd.table() as table:
        table.insert_many([{"n": 1}])
    odd.worker("-n0", code=1)
    assert odd.job(1).status.name == "ERR_START"
    assert "the job has no jobman.experiment" in odd.job(1).state.jobman.error


def test_a_job_that_ends_the_fork_server_ends_no_other_job(odd):
    for name in ("end_fork_server", "linger"):
        insert(odd, name, until=str(odd.path / "go"))
    insert(odd, "closed_streams")
    odd.worker("-n0", "-j2")
    assert [odd.job(n).state.results for n in (1, 2, 3)] == [{"y": 1}] * 3


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 2 MB; return its path."""
    require("mount", None if os.geteuid() == 0 else "only root can mount a disk")
    path = tmp_path / "small"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], check=False, capture_output=True
    )
    if mounted.returncode:
        require("mount", mounted.stderr.decode().strip())
    yield path
    subprocess.run(["umount", "--lazy", path], check=False)


def test_a_job_that_fills_its_working_disk_is_done_all_the_same(odd, small_disk):
    insert(odd, "full_disk")
    output = odd.worker("-n1", "--workdir-dir", small_disk, timeout=120)
    assert odd.job(1).state.results == {"y": 1}
    assert odd.job(1).status.name == "DONE"
    assert "No space left on device" in output
    assert odd.files(1).joinpath("large").exists()


def test_a_result_is_stored_later_when_the_disk_of_the_table_is_full(odd, small_disk):
    odd.url = f"sqlite:///{small_disk}/jobs.db?table=t"
    insert(odd, "fill", place=str(small_disk / "filler"))
    worker = odd.start("sql", "-n1", "--retry-for", "1", odd.url, "exp")
    output, _ = worker.communicate(timeout=120)
    assert worker.returncode == 3
    assert "the disk is full" in output
    assert "it is kept in" in output
    (small_disk / "filler").unlink()
    assert odd.statuses() == {1: "RUNNING"}
    age_heartbeats(odd.address, 400)
    odd.worker("-n0")
    assert (odd.statuses(), odd.job(1).state.results) == ({1: "DONE"}, {"y": 1})
    assert odd.job(1).state.jobman.sql.restarts == 1


def test_a_full_root_keeps_what_it_has_and_no_parts_of_files(odd, small_disk):
    root = small_disk / "exp"
    insert(odd, "large_file")
    worker = odd.start("sql", "-n1", "--retry-for", "2", odd.url, root)
    out, _ = worker.communicate(timeout=120)
    assert (worker.returncode, odd.job(1).status.name) == (1, "ERR_SYNC"), out
    assert "No space left on device" in odd.job(1).state.jobman.error
    assert [path.name for path in root.rglob("*.no_sync")] == []


def test_files_that_could_not_be_stored_are_kept_whatever_the_job_deleted(odd, small_disk):
    insert(odd, "empty_directory")
    worker = odd.start("sql", "-n1", "--retry-for", "1", odd.url, small_disk)
    worker.communicate(timeout=120)
    assert odd.job(1).status.name == "ERR_SYNC"
    assert [path.stat().st_size for path in odd.workdirs.glob("jobman-*/large")] == [2**22]


def test_a_root_whose_disk_goes_away_is_waited_for_and_never_made_again(odd, small_disk):
    insert(odd, "wait", until=str(odd.path / "go"))
    worker = odd.start("sql", "-n1", odd.url, small_disk)
    until(lambda: any(odd.workdirs.glob("jobman-*/ready")))
    subprocess.run(["umount", small_disk], check=True)
    (odd.path / "go").touch()
    until(lambda: "experiment root is gone" in printed(worker))
    assert list(small_disk.iterdir()) == []
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small_disk], check=True)
    assert worker.wait(120) == 0
    assert (small_disk / "jobs.db" / "t" / "1" / "ready").exists()


@pytest.fixture
def lab_without_table(postgres_lab):
    """A laboratory with a job in a PostgreSQL server that is stopped."""
    postgres_lab.insert("double", "x=1")
    postgres_lab.server.stop()
    yield postgres_lab
    postgres_lab.server.stop()
    postgres_lab.server.start()


def test_a_worker_waits_for_a_table_that_is_away_when_it_starts(lab_without_table):
    worker = lab_without_table.start_worker("-n0")
    until(lambda: "trying again" in printed(worker))
    lab_without_table.server.start()
    assert worker.wait(120) == 0
    assert lab_without_table.job(1).state.results.y == 2


def test_a_result_is_not_written_to_a_table_that_was_renamed(odd):
    insert(odd, "wait", until=str(odd.path / "go"))
    worker = odd.start("sql", "-n1", odd.url, "exp")
    until(lambda: any(odd.workdirs.glob("jobman-*/ready")))
    file, away = odd.path / "jobs.db", odd.path / "away.db"
    file.rename(away)
    (odd.path / "go").touch()
    until(lambda: "its file was deleted or renamed" in printed(worker))
    assert not file.exists()
    away.rename(file)
    assert worker.wait(120) == 0
    assert odd.job(1).state.results == {"y": 1}


def test_a_signal_ends_the_waiting_for_a_table(lab_without_table):
    worker = lab_without_table.start_worker("-n0")
    until(lambda: "trying again" in printed(worker))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 3


def test_where_no_working_directory_can_be_made_the_job_waits_for_another_worker(odd):
    insert(odd, "count")
    place = odd.path / "place"
    place.mkdir()
    worker = odd.start("sql", "-n0", "--wait-for-jobs", "--workdir-dir", place, odd.url, "exp")
    until(lambda: odd.statuses()[1] == "DONE")
    shutil.rmtree(place)
    place.write_text("a file")
    insert(odd, "closed_stdout")
    out, _ = worker.communicate(timeout=60)
    assert "no working directory can be made" in out
    assert worker.returncode not in (0, 1)
    assert odd.statuses()[2] == "START"


def test_a_file_as_working_directory_is_named(odd):
    (odd.path / "file").touch()
    output = odd.jobman("cmdline", "-w", "file", "odd.closed_stdout", code=2)
    assert "cannot be made: File exists" in output
    assert "Traceback" not in output
