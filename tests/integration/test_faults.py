"""What is left when processes are killed and servers go away: every result, in the end."""

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
from tables import age_heartbeats
from waiting import descendants, until

from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.status import Status

LEASE = ("--lease", "2")


def progress(lab):
    """Return how far the running jobs have got, by their files."""
    return [int(path.read_text() or 0) for path in lab.workdirs.glob("jobman-*/progress.txt")]


@pytest.mark.parametrize("who", ["worker", "child", "both"])
def test_a_job_whose_process_is_killed_is_not_lost(lab, who):
    lab.insert("steps", "n=15")
    process = lab.start_worker(*LEASE, "--save-every", "0.2")
    until(lambda: max(progress(lab), default=0) >= 5)
    child = max(descendants(process.pid))
    if who != "worker":
        os.kill(child, signal.SIGKILL)
    if who != "child":
        process.kill()
    process.communicate(timeout=20)
    if who == "child":
        assert lab.statuses() == {1: "START"}
        lab.worker(*LEASE)
    else:
        assert lab.statuses() == {1: "RUNNING"}
        printed = lab.jobman("check", "--lease", "0", lab.url, code=1)
        assert "Job 1 runs on" in printed
        age_heartbeats(lab.address, 3)
        printed = lab.worker(*LEASE)
        assert "job 1 is START again: the worker on" in printed
    job = lab.job(1)
    (reason,) = job.state.jobman.sql.reasons
    assert ("killed by SIGKILL" if who == "child" else "the worker on") in reason
    assert (job.status.name, job.state.results.y) == ("DONE", 15)
    assert (job.state.jobman.sql.restarts, job.state.jobman.sql.attempts) == (1, 2)
    assert lab.leftovers() == []


def test_a_restarted_job_goes_on_in_the_directory_that_was_left(lab):
    lab.write(
        "once.py",
        """
        import time
        from pathlib import Path

        def run(state, channel):
            if Path("checkpoint").exists():
                state.results = {"found": Path("checkpoint").read_text()}
                return channel.COMPLETE
            Path("checkpoint").write_text("never stored anywhere else")
            Path("ready").touch()
            time.sleep(60)
        """,
    )
    lab.jobman("sqlschedule", lab.url, "once.run")
    process = lab.start_worker(*LEASE)
    until(lambda: any(lab.workdirs.glob("jobman-*/ready")))
    process.kill()
    process.communicate(timeout=10)
    age_heartbeats(lab.address, 3)
    lab.worker(*LEASE)
    assert lab.job(1).state.results.found == "never stored anywhere else"
    assert lab.leftovers() == []


def test_the_processes_of_a_killed_worker_end_too(lab):
    lab.insert("deaf", "n=60")
    process = lab.start_worker()
    until(lambda: lab.job(1).state.get("i") == 1)
    family = descendants(process.pid)
    process.kill()
    process.communicate(timeout=10)
    until(lambda: not any(Path(f"/proc/{pid}/fd/0").exists() for pid in family), timeout=10)


def test_a_job_that_kills_its_workers_fails_in_the_end(lab):
    lab.write(
        "poison.py",
        """
        import os, signal

        def run(state, channel):
            worker = os.environ["WORKER_PID_FILE"]
            os.kill(int(open(worker).read()), signal.SIGKILL)
            signal.pause()
        """,
    )
    lab.jobman("sqlschedule", lab.url, "poison.run")
    lab.environment["WORKER_PID_FILE"] = str(lab.path / "pid")
    for _ in range(2):
        process = lab.start_worker("--lease", "1", "--max-restarts", "1")
        (lab.path / "pid").write_text(str(process.pid))
        process.communicate(timeout=20)
        assert process.returncode == -signal.SIGKILL
        age_heartbeats(lab.address, 2)
    lab.worker("--lease", "1", "--max-restarts", "1")
    assert lab.statuses() == {1: "ERR_RUN"}
    assert "restarted 1 times, which is the limit" in lab.job(1).state.jobman.error


def test_a_result_is_stored_although_the_root_was_away(lab):
    lab.insert("steps", "n=20")
    process = lab.start_worker()
    until(lambda: progress(lab))
    (lab.path / "exp").rmdir()
    (lab.path / "exp").write_text("in the way")
    until(lambda: lab.job(1).state.get("results") is not None)
    assert lab.statuses() == {1: "RUNNING"}  # not done before all of it is stored
    (lab.path / "exp").unlink()
    (lab.path / "exp").mkdir()  # mounted again: a worker never makes it anew
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "storing its files failed, trying again" in output
    assert lab.statuses() == {1: "DONE"}
    assert read_conf(lab.files(1) / "current.conf")["results.y"] == 20
    assert lab.leftovers() == []


def test_a_root_that_stays_away_is_err_sync_and_the_directory_is_kept(lab):
    lab.insert("steps", "n=20")
    process = lab.start_worker("--retry-for", "0.5")
    until(lambda: progress(lab))
    (lab.path / "exp").rmdir()
    (lab.path / "exp").write_text("in the way")
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert lab.statuses() == {1: "ERR_SYNC"}
    assert lab.job(1).state.results.y == 20
    (name,) = lab.leftovers()
    assert str(lab.workdirs / name) in output
    assert read_conf(lab.workdirs / name / "current.conf")["results.y"] == 20


@pytest.mark.postgresql
@pytest.mark.parametrize("when", ["in the middle", "at the end"])
def test_a_result_is_stored_although_the_database_was_away(postgres_lab, when):
    lab = postgres_lab
    lab.insert("steps", "n=30")
    process = lab.start_worker("--lease", "60", "--save-every", "0.3")
    until(lambda: max(progress(lab), default=0) >= 3)
    child = max(descendants(process.pid))
    lab.server.stop()
    try:
        if when == "at the end":
            until(lambda: child not in descendants(process.pid))
        time.sleep(0.8)  # in which it finds the database away
    finally:
        lab.server.start()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert " failed" in output  # it noticed
    job = lab.job(1)
    assert (job.status.name, job.state.results.y) == ("DONE", 30)
    assert job.state.jobman.sql.attempts == 1
    assert lab.leftovers() == []


@pytest.mark.postgresql
def test_a_database_that_stays_away_costs_no_result(postgres_lab):
    lab = postgres_lab
    lab.insert("steps", "n=30")
    process = lab.start_worker("--retry-for", "1")
    until(lambda: max(progress(lab), default=0) >= 3)
    lab.server.stop()
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        lab.server.start()
    assert process.returncode == 3
    (name,) = lab.leftovers()
    assert str(lab.workdirs / name) in output
    assert read_conf(lab.workdirs / name / "current.conf")["results.y"] == 30


def test_two_hundred_jobs_four_workers_and_a_killer(lab):
    """Every job done, every result in the table, no working directory left behind."""
    jobs = 200
    lab.write(
        "short.py",
        """
        import time

        def run(state, channel):
            time.sleep(0.02)
            state.results = {"y": state.x + 1}
        """,
    )
    numbers = ",".join(map(str, range(jobs)))
    lab.jobman("sqlschedules", "-q", lab.url, "short.run", f"x={{{{{numbers}}}}}")
    options = ("-n0", "--lease", "1", "--max-restarts", "1000")
    workers = [lab.start_worker(*options) for _ in range(4)]
    dice = random.Random(1)

    def tended(table):
        """Replace the workers that have ended; return how many jobs are done."""
        for i, worker in enumerate(workers):
            if worker.poll() is not None:
                worker.communicate()
                workers[i] = lab.start_worker(*options)
        return table.counts()[Status.DONE]

    with lab.table() as table:
        while (done := tended(table)) < jobs:
            # By what was done, not by the clock: on a slow machine workers take long to begin.
            wanted = min(jobs, done + dice.randint(1, 10))
            until(lambda wanted=wanted: tended(table) >= wanted, 120, lab.statuses)
            time.sleep(dice.uniform(0, 0.1))
            victim = dice.randrange(4)
            family = descendants(workers[victim].pid)
            if dice.random() < 0.5:
                workers[victim].kill()
            elif len(family) > 3:
                with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(dice.choice(family[1:]), signal.SIGKILL)
    for worker in workers:
        worker.terminate()
        worker.communicate(timeout=30)
    with lab.table() as table:
        assert all(job.state.results.y == job.state.x + 1 for job in table.jobs())
        assert sum(table.counts().values()) == jobs
    assert all((lab.files(i) / "current.conf").exists() for i in range(1, jobs + 1))
    # A worker that was too slow for the lease keeps what it did beside what the next one did.
    synced = lab.jobman("sync", "--lease", "0", lab.url, "exp")
    assert all(f"{name}: job" in synced for name in lab.leftovers()), synced
    assert synced.count("has been run elsewhere since; left alone") == len(lab.leftovers()), synced


@pytest.fixture
def suspended(lab):
    """A worker that has been suspended in the middle of a job for longer than its lease."""
    lab.insert("steps", "n=15")
    process = lab.start_worker("--lease", "1")
    until(lambda: max(progress(lab), default=0) >= 5)
    family = descendants(process.pid)
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    age_heartbeats(lab.address, 2)

    def resume():
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    lab.resume = resume
    lab.process = process
    yield lab
    lab.resume()


def test_a_job_that_was_taken_back_is_finished_if_nobody_else_began_it(suspended):
    lab = suspended
    with lab.table() as table:
        (taken,) = table.take_back(1, 3)
        assert taken.status.name == "START"
    lab.resume()
    lab.process.communicate(timeout=30)
    job = lab.job(1)
    assert (job.status.name, job.state.results.y) == ("DONE", 15)
    assert (job.state.jobman.sql.attempts, job.state.jobman.sql.restarts) == (1, 1)
    assert lab.leftovers() == []


def test_a_worker_that_comes_back_cannot_overwrite_what_another_did(suspended):
    lab = suspended
    lab.worker("--lease", "1")
    done = lab.job(1)
    assert (done.status.name, done.state.jobman.sql.attempts) == ("DONE", 2)
    lab.resume()
    output, _ = lab.process.communicate(timeout=30)
    assert "has been given to another worker meanwhile" in output
    assert lab.job(1).state == done.state
    (name,) = lab.leftovers()
    assert str(lab.workdirs / name) in output
    assert "has been run elsewhere since; left alone" in lab.jobman("sync", lab.url, "exp")


def test_a_job_that_takes_longer_than_the_lease_is_left_to_its_worker(lab):
    lab.insert("deaf", "n=3")
    process = lab.start_worker("--lease", "1")
    until(lambda: lab.job(1).state.get("i") == 1)
    time.sleep(1.5)
    assert lab.worker("--lease", "1") == "No more jobs to run (ran 0 jobs)\n"
    process.communicate(timeout=20)
    job = lab.job(1)
    assert (job.status.name, job.state.jobman.sql.attempts) == ("DONE", 1)


def test_four_workers_at_once_run_every_job_once(lab):
    lab.insert("double", f"x={{{{{','.join(map(str, range(24)))}}}}}")
    workers = [lab.start_worker("-n0") for _ in range(4)]
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [0] * 4
    with lab.table() as table:
        jobs = list(table.jobs())
    assert {job.status.name for job in jobs} == {"DONE"}
    assert {job.state.jobman.sql.attempts for job in jobs} == {1}
    assert [job.state.results.y for job in jobs] == [2 * x for x in range(24)]
