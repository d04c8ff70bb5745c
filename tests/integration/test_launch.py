"""Workers started by `jobman launch` on this machine: processes, a real Dask cluster, PSI/J."""

import os
import re
import signal
import subprocess
import sys

import distributed
import pytest
from tables import age_heartbeats
from waiting import descendants, until

QUICK = ("--lease", "2", "--heartbeat", "0.3")
LONG = 60


@pytest.mark.parametrize("engine", [["--local"], ["--psij", "local"]])
def test_several_workers_share_the_jobs_and_leave_an_empty_table(lab, engine):
    lab.insert("steps", "n={{4,5,6,7}}")
    lab.environment["HOME"] = str(lab.path)  # where PSI/J keeps its scripts
    setup = "--setup=export OMP_NUM_THREADS=7"
    printed = lab.jobman("launch", *engine, "-n", "2", setup, lab.url, "exp", "--grace", "9")
    assert set(lab.statuses().values()) == {"DONE"}
    assert len({lab.job(number).state.jobman.sql.host_pid for number in (1, 2, 3, 4)}) == 2
    assert printed.count("No more jobs to run") == (0 if "--psij" in engine else 2)


def test_a_worker_that_psij_starts_here_and_that_fails_is_noticed(lab):
    lab.insert("show")
    lab.environment["HOME"] = str(lab.path)
    lab.jobman("launch", "--psij", "local", "--setup", "false", lab.url, "exp", code=1)
    assert lab.statuses() == {1: "START"}


QSUB = """\
#!/bin/sh
mkdir -p submitted
number=$(($(ls submitted | wc -l) + 41))
if [ $number = 43 ]; then
    echo "qsub: would exceed the queue's limit" >&2
    exit 1
fi
cp "$1" submitted/$number
echo $number.server
"""


@pytest.fixture
def pbs_lab(lab):
    """A laboratory where PBS takes two jobs, puts them into a directory, and does no more."""
    lab.write("qsub", QSUB)
    (lab.path / "qsub").chmod(0o755)
    lab.environment |= {
        "HOME": str(lab.path),
        "PATH": os.pathsep.join([str(lab.path), lab.environment["PATH"]]),
    }
    lab.insert("double", "x={{1,2}}")
    return lab


def directives(lab, number):
    """Return what a script asks PBS for."""
    text = (lab.path / "submitted" / str(number)).read_text()
    return re.findall("^#PBS -(.*)", text, re.MULTILINE)


def test_a_batch_system_gets_scripts_that_say_what_a_worker_needs_and_run_it(pbs_lab):
    printed = pbs_lab.jobman(
        *("launch", "--psij", "pbs", "-n", "2", "--queue", "long", "--project", "mlp"),
        *("--time", "1:00:00", "--min-time", "60", "--attribute", "pbs.W=group_list=lisa"),
        *(pbs_lab.url, "exp"),
    )
    assert "Submitted 2 workers to pbs: 41.server 42.server\n" in printed
    assert "watch: jobman launch --status 'sqlite:///jobs.db?table=t'" in printed
    wanted = {"q long", "A mlp", "l walltime=1:0:0", 'W "group_list=lisa"'}
    assert wanted <= {*directives(pbs_lab, 41)}
    assert directives(pbs_lab, 41) == directives(pbs_lab, 42)

    environment = {**pbs_lab.environment, "PBS_JOBID": "41.server"}
    script = pbs_lab.path / "submitted/41"
    assert "sql -n0 --no-progress --time-limit 3480 --min-time 60 " in script.read_text()
    subprocess.run(["bash", script], cwd="/", env=environment, check=True, timeout=LONG)
    assert set(pbs_lab.statuses().values()) == {"DONE"}


def test_an_old_command_line_says_what_a_worker_needs(pbs_lab):
    jobdispatch = "from pylearn2_jobman.jobman.cli import dispatch; dispatch()"
    options = ("--torque", "--duree=1:00:00", "--mem=2000", "--gpu", "jobman", "sql")
    subprocess.run(
        [sys.executable, "-c", jobdispatch, *options, pbs_lab.url, "exp"],
        cwd=pbs_lab.path, env=pbs_lab.environment, check=True, timeout=LONG,
    )  # fmt: skip
    assert f"l nodes=1:ppn=1:gpus=1:mem={2000 * 2**20}" in directives(pbs_lab, 41)


def test_what_a_batch_system_refuses_is_said_in_its_own_words(pbs_lab):
    options = ("--psij", "pbs", "-n", "3", "--time", "1:00:00")
    printed = pbs_lab.jobman("launch", *options, pbs_lab.url, "exp", code=2)
    assert "pbs refuses: qsub: would exceed the queue's limit" in printed
    assert "(2 of 3 workers submitted)" in printed


def test_without_a_batch_system_the_user_is_sent_to_where_there_is_one(pbs_lab):
    (pbs_lab.path / "qsub").unlink()
    pbs_lab.environment["PATH"] = str(pbs_lab.path)
    options = ("--psij", "pbs", "--time", "1:00:00")
    printed = pbs_lab.jobman("launch", *options, pbs_lab.url, "exp", code=2)
    assert "there is no qsub on this machine: launch from one where pbs takes jobs" in printed


def test_workers_launched_here_take_the_options_of_jobman_sql(lab):
    lab.insert("show", "x={{1,2}}")
    lab.jobman("launch", "--local", "-n", "2", lab.url, "exp", "--", "-n0", "--threads", "3")
    assert [lab.job(number).state.results.threads for number in (1, 2)] == ["3", "3"]


def test_the_setup_comes_first_and_a_failing_one_starts_no_worker(lab):
    lab.insert("show")
    printed = lab.jobman("launch", "--local", "--setup", "false", lab.url, "exp", code=1)
    assert "left with exit code 1" in printed
    assert lab.statuses() == {1: "START"}
    setup = "--setup=cd /; cd -; export OMP_NUM_THREADS=7"
    lab.jobman("launch", "--local", setup, lab.url, "exp")
    assert lab.job(1).state.results.threads == "7"


@pytest.mark.parametrize("engine", [["--local"], ["--dask", "local"]])
def test_ctrl_c_stops_the_workers_which_put_their_jobs_back(lab, engine):
    lab.insert("steps", "n={{600,601}}")
    process = lab.start("launch", *engine, "-n", "2", lab.url, "exp")
    until(lambda: len(list(lab.workdirs.glob("jobman-*/progress.txt"))) == 2, LONG)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=LONG)
    assert lab.statuses() == {1: "START", 2: "START"}
    assert process.returncode in {128 + signal.SIGINT, 128 + signal.SIGTERM}, printed
    assert lab.job(1).state.i > 0


def test_workers_do_not_outlive_who_launched_them(lab):
    lab.insert("steps", "n=600")
    process = lab.start("launch", "--local", lab.url, "exp")
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")), LONG)
    process.kill()
    process.wait()
    until(lambda: lab.statuses() == {1: "START"}, LONG)
    reason = "the process that started the worker is gone"
    assert lab.job(1).state.jobman.sql.interrupted == reason


def test_a_killed_dask_worker_costs_no_job(lab):
    lab.insert("steps", "n={{30,31,32,33}}")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        process = lab.start(
            *("launch", "--dask", cluster.scheduler_address, "-n", "2", lab.url, "exp"),
            *("--lease", "6", "--heartbeat", "0.3"),  # which a busy machine keeps
        )
        until(lambda: list(lab.statuses().values()).count("RUNNING") == 2, LONG)
        victim = lab.job(1).state.jobman.sql.host_pid
        (nanny,) = (
            worker for worker in cluster.workers.values() if victim in descendants(worker.pid)
        )
        for pid in reversed(descendants(nanny.pid)):  # as when the machine is gone
            signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)
        printed, _ = process.communicate(timeout=LONG)
    assert process.returncode == 0, printed
    assert set(lab.statuses().values()) == {"DONE"}
    assert lab.job(1).state.results.y == 30
    assert lab.job(1).state.jobman.sql.restarts == 1


def test_sqlite_is_refused_for_a_second_host(lab):
    lab.insert("double", "x={{1,2}}")
    process = lab.start_worker("--time-limit", "60")
    process.wait(LONG)
    lab.jobman("sqlstatus", "-q", "--all", "--set_status=START", lab.url)
    with lab.table() as table:
        table.claim(info={"jobman.sql.host_name": "elsewhere", "jobman.sql.host_pid": 1})
    printed = lab.worker("-n0", code=2)
    assert "workers on elsewhere use sqlite:///jobs.db?table=t too" in printed
    assert "jobman sqlcopy 'sqlite:///jobs.db?table=t' 'postgres://user@host/" in printed
    assert list(lab.statuses().values()) == ["RUNNING", "START"]
    age_heartbeats(lab.address, 10_000)
    lab.worker("-n0")
    assert set(lab.statuses().values()) == {"DONE"}


def test_too_little_time_is_left_for_another_job(lab):
    lab.insert("deaf", "n={{10,11}}")  # the first begins in the ten seconds that are to spare
    printed = lab.worker("-n0", "--time-limit", "600", "--min-time", "590", code=75)
    assert "Too little time left for another job (ran 1 job: 1 DONE)" in printed
    assert lab.statuses() == {1: "DONE", 2: "START"}
    printed = lab.worker("-n0", "--time-limit", "50", "--min-time", "60", code=2)
    assert re.search(r"--min-time is 60 s, and [45]\d s are left until the time limit", printed)


def test_the_stop_signal_puts_the_jobs_back(lab):
    lab.insert("steps", "n=600")
    process = lab.start_worker("--stop-signal", "usr1")
    until(lambda: any(lab.workdirs.glob("jobman-*/progress.txt")), LONG)
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGUSR1)  # a warning that is repeated
    process.communicate(timeout=LONG)
    assert process.returncode == 128 + signal.SIGUSR1
    assert lab.statuses() == {1: "START"}
    assert lab.job(1).state.i > 0
