"""What a worker does when it is told to stop, by real signals."""

import contextlib
import os
import signal
import time

import pytest
from waiting import descendants, until

from pylearn2_jobman.jobman.parameters.conf import read_conf


def running(lab, job_id=1):
    """Return whether a job runs, and has got somewhere."""
    return any(lab.workdirs.glob("jobman-*/progress.txt")) and lab.statuses()[job_id] == "RUNNING"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_asks_is_stopped_put_back_and_goes_on_later(lab, number):
    lab.insert("steps", "n={{30,31}}")
    process = lab.start_worker("-n0")
    until(lambda: running(lab))
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert f"Stopped by {number.name} (ran 1 job: 1 START)" in output
    assert lab.statuses() == {1: "START", 2: "START"}
    job = lab.job(1)
    assert job.priority == 2
    assert job.state.jobman.sql.interrupted == f"the worker got {number.name}"
    assert 0 < job.state.i < 30
    before = job.state.i
    lab.worker()
    assert lab.job(1).state.results.y == 30
    stdout = (lab.files(1) / "stdout").read_text()
    assert stdout.count("The experiment returned value is") == 2
    assert before < 30
    assert lab.leftovers() == []


def test_a_job_that_never_asks_is_ended_after_the_grace_period(lab):
    lab.insert("deaf", "n=60")
    process = lab.start_worker("--grace", "0.5")
    until(lambda: lab.job(1).state.get("i") == 1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    job = lab.job(1)
    assert (job.status.name, job.priority, job.state.i) == ("START", 2, 1)
    assert "error" not in job.state.jobman
    assert lab.leftovers() == []


def test_a_second_signal_ends_it_at_once(lab):
    lab.insert("deaf", "n=60")
    process = lab.start_worker()
    until(lambda: lab.job(1).state.get("i") == 1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert lab.statuses() == {1: "START"}


def test_an_experiment_that_ends_while_asked_to_stop_is_done(lab):
    lab.insert("deaf", "n=1.5")
    process = lab.start_worker()
    until(lambda: lab.job(1).state.get("i") == 1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert lab.statuses() == {1: "DONE"}


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_the_present_job_is_finished_and_none_begun(lab, number):
    lab.insert("steps", "n={{8,9}}")
    process = lab.start_worker("-n0")
    until(lambda: running(lab))
    process.send_signal(number)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Stopped, as it was asked to begin no other job (ran 1 job: 1 DONE)" in printed
    assert lab.statuses() == {1: "DONE", 2: "START"}


def test_a_signal_to_every_process_of_the_worker_is_the_same(lab):
    """As batch systems send it."""
    lab.insert("steps", "n=30")
    process = lab.start_worker(start_new_session=True)
    until(lambda: running(lab))
    for pid in descendants(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert lab.statuses() == {1: "START"}
    assert lab.job(1).priority == 2


def test_the_time_limit_stops_jobs_as_a_signal_does(lab):
    lab.insert("steps", "n=1000")
    printed = lab.worker("--time-limit", "10")
    assert lab.job(1).state.jobman.sql.interrupted == "the worker's time limit was reached"
    assert "1 START" in printed


def test_finish_up_lets_an_experiment_end_itself(lab):
    lab.insert("steps", "n=100")
    lab.worker("--finish-up-after", "0.5", "-n1")
    assert lab.statuses() == {1: "START"}
    assert 3 <= lab.job(1).state.i <= 12


def test_saving_in_mid_run_reaches_the_table_and_the_root(lab):
    lab.insert("steps", "n=60")
    process = lab.start_worker("--save-every", "0.3")
    until(lambda: lab.job(1).state.get("i", 0) > 0)
    assert lab.statuses() == {1: "RUNNING"}
    assert int((lab.files(1) / "progress.txt").read_text()) > 0
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


def test_a_cancelled_job_is_told_to_stop_and_ends_cancelled(lab):
    lab.insert("steps", "n={{100,2}}")
    process = lab.start_worker("-n0", "--lease", "2")
    until(lambda: running(lab))
    lab.jobman("sqlstatus", "-q", "--set_status=CANCELED", lab.url, "1")
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert lab.statuses() == {1: "CANCELED", 2: "DONE"}
    assert lab.job(1).state.jobman.status == -1


@pytest.mark.parametrize("how", ["killed", "cancelled", "interrupted"])
def test_current_conf_has_the_status_of_a_job_that_did_not_end_by_itself(lab, how):
    lab.insert("killed" if how == "killed" else "deaf", "n=60")
    process = lab.start_worker("--grace", "0.3", "--lease", "2", "--max-restarts", "0")
    if how != "killed":
        until(lambda: lab.job(1).state.get("i") == 1)
    if how == "cancelled":
        lab.jobman("sqlstatus", "-q", "--set_status=CANCELED", lab.url, "1")
    if how == "interrupted":
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    names = {"killed": "ERR_RUN", "cancelled": "CANCELED", "interrupted": "START"}
    job = lab.job(1)
    assert job.status.name == names[how]
    assert read_conf(lab.files(1) / "current.conf")["jobman.status"] == job.status


def test_watching_waits_for_new_jobs(lab):
    lab.insert("double", "x=1")
    process = lab.start_worker("-n0", "--wait-for-jobs")
    until(lambda: lab.statuses() == {1: "DONE"})
    lab.insert("double", "x=2")
    until(lambda: lab.statuses() == {1: "DONE", 2: "DONE"})
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


def test_a_job_in_the_workers_own_process_is_asked_too(lab):
    lab.insert("steps", "n=60")
    process = lab.start_worker("--in-process")
    until(lambda: running(lab))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert lab.statuses() == {1: "START"}
    assert 0 < lab.job(1).state.i < 60


def test_cmdline_asks_its_experiment_to_stop(lab):
    process = lab.start("cmdline", "-w", "w", "lab.steps", "n=60")
    until(lambda: (lab.path / "w" / "progress.txt").exists())
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "The experiment returned value is True" in output
    assert "n = 60" in (lab.path / "w" / "current.conf").read_text()
    assert "status = 0" in (lab.path / "w" / "current.conf").read_text()
