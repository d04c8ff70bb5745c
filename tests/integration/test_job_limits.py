"""How long a job may take and how often it is tried again, as a worker's user sees it."""

import os
import shutil
import signal
import subprocess

import pytest
from required import require
from tables import age_heartbeats
from waiting import descendants, until

from pylearn2_jobman.jobman.status import Status

EXPERIMENTS = """
import os, signal, subprocess, time

def patient(state, channel):
    state.tries = state.get("tries", 0) + 1
    while state.tries == 1:
        time.sleep(0.02)
        if channel.switch() == "stop":
            return channel.INCOMPLETE

def deaf(state, channel):
    state.child = subprocess.Popen(["sleep", "600"]).pid
    state.grouped = subprocess.Popen(["sleep", "600"], process_group=0).pid
    channel.save()
    time.sleep(600)

def stopped(state, channel):
    os.kill(0, signal.SIGSTOP)

def fails(state, channel):
    state.tries = state.get("tries", 0) + 1
    if state.tries <= state.times:
        at = state.times * 0xABC
        raise RuntimeError(f"CUDA out of memory. Tried to allocate {state.times} MiB at {at:#x}")

def missing(state, channel):
    state.tries = state.get("tries", 0) + 1
    import nothing_of_this_name

def template(state, channel):
    from pylearn2_jobman.experiment import train_experiment
    state.tries = state.get("tries", 0) + 1
    return train_experiment(state, channel)

def until(state, channel):
    while not os.path.exists(state.file):
        time.sleep(0.05)
        channel.switch()

def short(state, channel):
    time.sleep(0.05)

def rounds(state, channel):
    state.tries = state.get("tries", 0) + 1
    return channel.INCOMPLETE if state.tries < 3 else channel.COMPLETE
"""


@pytest.fixture
def limited(lab):
    """A laboratory with experiments that take too long, or fail."""
    (lab.path / "lab.py").write_text(EXPERIMENTS)
    return lab


def test_a_job_that_takes_too_long_is_stopped_or_killed_and_says_why(limited):
    lab = limited
    for experiment in ("patient", "deaf", "stopped"):
        lab.insert(experiment)
    lab.insert("deaf", "jobman.time_limit=0.3", "n=1")
    lab.worker("-n0", "-j4", "--job-time-limit", "0.4s", "--grace", "0.5", code=1)
    assert set(lab.statuses().values()) == {"ERR_RUN"}
    errors = [lab.job(number).state.jobman.error for number in range(1, 5)]
    assert errors[0].startswith("the time limit of 0.4 s was reached; it stopped when it was")
    for error in errors[1:3]:
        assert error.startswith("the time limit of 0.4 s was reached; the job's process was asked")
    assert errors[3].startswith("the time limit of 0.3 s was reached")
    left = {lab.job(2).state.child, lab.job(2).state.grouped}
    until(lambda: not left.intersection(descendants(1)), 5)
    lab.jobman("retry", lab.url, "1")
    lab.worker()
    assert lab.job(1).status is Status.DONE


def test_a_job_that_takes_too_long_goes_on_later_where_that_is_asked_for(limited):
    lab = limited
    lab.insert("patient")
    lab.insert("deaf")
    options = ("--job-time-limit", "0.4", "--grace", "0.1", "--max-restarts", "1")
    lab.worker("-n0", "-j2", *options, "--on-time-limit", "requeue", code=1)
    assert lab.statuses() == {1: "DONE", 2: "ERR_RUN"}
    sql = lab.job(1).state.jobman.sql
    assert (sql.attempts, sql.restarts, len(sql.reasons)) == (2, 1, 1)
    assert sql.reasons[0].startswith("attempt 1: the time limit of 0.4 s was reached")
    assert "restarted 1 times, which is the limit" in lab.job(2).state.jobman.error


def test_errors_are_tried_again_where_asked_and_those_that_stay_are_not(limited):
    lab = limited
    again = ["fails", "times=1"], ["fails", "times=1", "jobman.retries=0"]
    for experiment, *parameters in again:
        lab.insert(experiment, *parameters, "by=option" if len(parameters) == 1 else "by=key")
    lab.insert("missing", "jobman.retries=3")
    lab.insert("template", "yaml_template=!obj:nothing.There {}", "jobman.retries=3")
    lab.insert("template", "yaml_template=%(a)i", "hyper_parameters.a=b", "jobman.retries=3")
    lab.insert("fails", "times=1", "jobman.retries=1", "by=itself")
    worker = lab.start_worker("-n0", "--retry", "CUDA out of memory*", "--retries", "2")
    waiting = {1: "START", 2: "ERR_RUN", 3: "ERR_RUN", 4: "ERR_RUN", 5: "ERR_RUN", 6: "START"}
    until(lambda: lab.statuses() == waiting, 60, lab.statuses)
    assert worker.poll() is None  # it waits for the pause
    age_heartbeats(lab.address, 60, Status.START)
    output, _ = worker.communicate(timeout=60)
    assert "job 1 is run again, in 10.0 s: attempt 1: RuntimeError: CUDA out of memory" in output
    assert [lab.statuses()[number] for number in (1, 6)] == ["DONE", "DONE"]
    assert [lab.job(number).state.tries for number in range(1, 7)] == [2, 1, 1, 1, 1, 2]
    assert lab.job(6).state.jobman.sql.retries == 1


def test_a_job_that_returns_incomplete_at_once_is_no_busy_loop_and_others_come_between(limited):
    lab = limited
    lab.insert("rounds", "a=1")
    lab.insert("rounds", "a=2")
    printed = lab.worker("-n0")
    begun = [line.split()[2] for line in printed.splitlines() if " after " in line]
    assert begun == ["1", "2", "1", "2", "1", "2"]
    assert lab.statuses() == {1: "DONE", 2: "DONE"}


def test_a_worker_leaves_after_so_many_equal_errors_in_a_row(limited):
    lab = limited
    lab.insert("fails", "times={{1,1000}}")
    lab.insert("missing")
    lab.insert("fails", "times={{2,3,4,5}}")
    printed = lab.worker("-n0", "--stop-after", "3", code=1)
    assert "3 jobs in a row failed with the same error: RuntimeError: CUDA out of" in printed
    assert "Stopped (ran 6 jobs: 6 ERR_RUN)" in printed
    assert lab.statuses()[7] == "START"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("jobman.time_limit=soon", "jobman.time_limit: a time is a number of seconds above 0, or"),
        ("jobman.time_limit=0", "jobman.time_limit: a time is a number of seconds above 0, or"),
        ("jobman.retries=many", "jobman.retries is a number of tries, from 0 on: not 'many'"),
    ],
)
def test_a_limit_that_is_not_understood_is_refused(limited, key, reason):
    lab = limited
    assert reason in lab.jobman("sqlschedule", "--no-check", lab.url, "lab.rounds", key, code=2)
    name, _, value = key.partition("=")
    with lab.table() as table:
        table.insert(
            {"jobman.experiment": "lab.rounds", name: int(value) if value == "0" else value}
        )
    lab.worker(code=1)
    assert lab.statuses() == {1: "ERR_START"}
    assert reason in lab.job(1).state.jobman.error


def test_what_an_experiment_does_to_its_limits_changes_nothing(limited):
    lab = limited
    (lab.path / "lab.py").write_text(
        "def greedy(state, channel):\n"
        "    state.jobman.retries = 10**6\n"
        "    del state.jobman['time_limit']\n"
        "    raise ValueError('once')\n"
    )
    lab.insert("greedy", "jobman.retries=0", "jobman.time_limit=2h")
    lab.worker(code=1)
    state = lab.job(1).state
    assert (state.jobman.retries, state.jobman.time_limit) == (0, "2h")
    assert lab.statuses() == {1: "ERR_RUN"}


def test_the_jobs_of_a_fork_server_that_is_killed_go_back(limited):
    lab = limited
    lab.insert("deaf")
    worker = lab.start_worker()
    until(lambda: "child" in lab.job(1).state)
    server = descendants(worker.pid)[1]
    job = descendants(server)[1]
    os.kill(server, signal.SIGKILL)
    os.kill(job, signal.SIGKILL)
    worker.communicate(timeout=30)
    assert lab.statuses() == {1: "START"}
    assert "as did the fork server" in lab.job(1).state.jobman.sql.reasons[0]


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

/* The machine's clock is as many seconds ahead as the file $CLOCK is long. */
int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    struct stat file;
    if (clock == CLOCK_REALTIME && stat(getenv("CLOCK"), &file) == 0)
        now->tv_sec += file.st_size;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec found;
    int result = clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return result;
}

time_t time(time_t *into) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (into)
        *into = found.tv_sec;
    return found.tv_sec;
}
"""


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_set_changes_nothing(limited, hours):
    lab = limited
    compiler = shutil.which("cc")
    missing = None if compiler else "no C compiler is installed (Debian: apt install gcc libc6-dev)"
    require("clock", missing)
    (lab.path / "clock.c").write_text(CLOCK)
    library = ["-shared", "-fPIC", "-o", lab.path / "clock.so", lab.path / "clock.c", "-ldl"]
    subprocess.run([compiler, *library], check=True)
    clock = lab.path / "ahead"
    clock.write_bytes(bytes(2 * 3600 if hours < 0 else 0))
    lab.environment |= {"LD_PRELOAD": str(lab.path / "clock.so"), "CLOCK": str(clock)}
    lab.insert("until", f"file={lab.path / 'go'}", "n={{1,2}}")
    # The third slot looks for jobs of dead workers between its own.
    lab.insert("short", f"n={{{{{','.join(map(str, range(60)))}}}}}")
    worker = lab.start_worker(
        "-n0", "-j3", "--lease", "1", "--heartbeat", "0.5", "--job-time-limit", "1h"
    )
    until(lambda: lab.job(12).status is Status.DONE, 60)
    os.truncate(clock, 2 * 3600 if hours > 0 else 0)
    until(lambda: lab.job(62).status is Status.DONE, 60)
    (lab.path / "go").touch()
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0, output
    with lab.table() as table:
        jobs = list(table.jobs())
    assert {job.state.jobman.sql.attempts for job in jobs} == {1}, output
    assert all(0 <= job.state.jobman.run_time < 60 for job in jobs)
