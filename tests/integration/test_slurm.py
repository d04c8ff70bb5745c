"""Workers on a real Slurm of four nodes: placed, cancelled, requeued, preempted, warned, lost."""

import os
import re
import signal
import uuid

import pytest
from postgres import missing as postgres_missing
from required import require
from slurm import Slurm, missing
from waiting import descendants, until

from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.schedule import job_state
from tests.integration.conftest import Lab

# Signs of life are frequent, so that a lost one is noticed soon; see test_faults.
QUICK = ("--lease", "3", "--heartbeat", "0.5")
LONG = 90  # seconds until something must have happened on a loaded machine

STOPPING = '''
"""An experiment that counts steps until it is asked to stop, and ends once it was continued."""

import time


def until_continued(state, channel):
    state.starts = state.get("starts", 0) + 1
    began_at = state.get("i", 0)
    while began_at == 0:
        state.i = state.get("i", 0) + 1
        if state.i == 1:
            channel.save()
        time.sleep(0.05)
        if channel.switch() == "stop":
            channel.save()
            return channel.INCOMPLETE
    state.results = {"continued_at": began_at}
    return channel.COMPLETE
'''


@pytest.fixture(scope="module")
def slurm():
    """A running Slurm; without one the tests are skipped, and in CI they fail."""
    require("Slurm", missing() or postgres_missing())
    slurm = Slurm()
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.remove()


class Site(Lab):
    """A laboratory that has a Slurm, with its table in PostgreSQL."""

    def __init__(self, path, server, slurm):
        database = f"test_{uuid.uuid4().hex}"
        server.create_database(database)
        super().__init__(path, f"{server.url(database)}?table=t")
        self.environment |= slurm.environment | {"TMPDIR": str(self.workdirs)}
        self.write("stopping.py", STOPPING)
        self.slurm = slurm
        self.arrays = []
        self.warned = 0  # the job of `warn_one_of_two`

    def launch(self, *options, workers=1, worker_options=QUICK):
        """Submit workers; return the array's number."""
        printed = self.jobman(
            "launch", "--slurm", "-n", workers, *options, self.url, "exp", *worker_options
        )
        self.arrays.append(re.search(r"array (\d+)", printed)[1])
        return self.arrays[-1]

    def insert_stopping(self, count):
        states = [
            job_state("stopping.until_continued", {"number": number}) for number in range(count)
        ]
        with self.table() as table:
            table.insert_many(states)

    def launch_stopping(self, *options, **more):
        """Submit workers for one job, and wait until it has got somewhere."""
        self.insert_stopping(1)
        array = self.launch(*options, **more)
        until(lambda: self.job(1).state.get("i", 0) > 0, LONG)
        return array

    def warn_one_of_two(self, *options):
        """Start two workers, and warn the one whose number is also the array's."""
        self.insert_stopping(2)
        array = self.launch(*options, workers=2)
        until(lambda: all(self.job(number).state.get("i", 0) > 0 for number in (1, 2)), LONG)
        jobs = [self.job(number) for number in (1, 2)]
        (warned,) = (job for job in jobs if job.state.jobman.sql.slurm_job_id == array)
        task = f"{array}_{warned.state.jobman.sql.slurm_array_task_id}"
        self.slurm.run("scancel", "--batch", "--signal=USR1", task)
        self.warned = warned.id

    def wait_until_continued(self, job_id=1):
        """Wait until the job of `launch_stopping` has ended; return its state."""
        until(lambda: self.job(job_id).status is Status.DONE, LONG)
        state = self.job(job_id).state
        assert state.results.continued_at > 0
        return state

    def output(self):
        """Return what the workers printed."""
        return "".join(path.read_text() for path in self.path.glob("slurm-*.out"))

    def close(self):
        super().close()
        self.slurm.cancel(*self.arrays)


@pytest.fixture
def site(tmp_path, postgres_server, slurm):
    site = Site(tmp_path, postgres_server, slurm)
    yield site
    site.close()


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, postgres_server, slurm):
    """Three sites whose worker will be interrupted: at once, since Slurm takes its time."""
    sites = {
        name: Site(tmp_path_factory.mktemp(name), postgres_server, slurm)
        for name in ("limited", "warned", "requeued")
    }
    sites["limited"].launch_stopping("--time", "1:00", "--warning", "45", "--min-time", "1")
    sites["warned"].warn_one_of_two("--srun", "")
    array = sites["requeued"].launch_stopping()
    slurm.run("scontrol", "requeue", f"{array}_0")
    yield sites
    for site in sites.values():
        site.close()


def test_an_array_of_eight_workers_runs_forty_jobs_each_once(site, slurm, interrupted):
    site.insert("double", "x={{" + ",".join(map(str, range(40))) + "}}")
    array = site.launch(workers=8)
    until(lambda: set(site.statuses().values()) == {"DONE"}, LONG)
    until(lambda: slurm.tasks(array) == {}, LONG)  # workers leave an empty table
    with site.table() as table:
        jobs = list(table.jobs())
    assert [job.state.results.y for job in jobs] == [2 * job.state.x for job in jobs]
    assert {job.state.jobman.sql.attempts for job in jobs} == {1}
    assert {job.state.jobman.sql.slurm_array_job_id for job in jobs} == {array}
    assert len({job.state.jobman.sql.slurmd_nodename for job in jobs}) > 1


def test_the_status_shows_the_workers_and_no_more_run_at_once_than_allowed(site, slurm):
    site.insert("steps", "n={{600,601,602}}")
    array = site.launch("--array-limit", "2", workers=3)
    until(lambda: list(site.statuses().values()).count("RUNNING") == 2, LONG)
    printed = site.jobman("launch", "--status", site.url)
    assert re.search(rf"pid \d+, slurm {array}_0 on n\d: job \d, heard of \d+\.\d s ago", printed)
    assert f"slurm {array}_1 on n" in printed
    assert "3 jobs: 1 START, 2 RUNNING" in printed
    assert sorted(slurm.tasks(array).values()) == ["PENDING", "RUNNING", "RUNNING"]


def test_a_cancelled_worker_puts_its_job_back_and_is_not_requeued(site, slurm):
    array = site.launch_stopping()
    slurm.run("scancel", array)
    until(lambda: site.statuses() == {1: "START"}, LONG)
    until(lambda: slurm.tasks(array) == {}, LONG)
    job = site.job(1)
    assert job.state.jobman.sql.interrupted == "the worker got SIGTERM"
    assert (job.state.starts, job.priority) == (1, 2)


def test_a_preempted_worker_saves_and_goes_on_when_there_is_room(site, slurm):
    # The workers of other tests are on the first nodes.
    site.launch_stopping("--sbatch=--exclusive --nodelist=n4")
    high = slurm.run(
        "sbatch", "--parsable", "--partition=high", "--exclusive", "--nodelist=n4",
        "--output=/dev/null", "--wrap=while ! [ -e released ]; do sleep 0.2; done",
        f"--chdir={site.path}",
    ).strip()  # fmt: skip
    site.arrays.append(high)
    until(lambda: slurm.run("squeue", "-h", "--jobs", high, "--format=%T") == "RUNNING\n", LONG)
    assert site.statuses() == {1: "START"}
    (site.path / "released").touch()
    state = site.wait_until_continued()
    assert state.jobman.sql.interrupted == "the worker got SIGUSR1"


def test_psij_gives_workers_to_a_batch_system(site, slurm):
    site.environment["HOME"] = str(site.path)  # where PSI/J keeps its scripts
    site.insert("double", "x={{1,2,3}}")
    options = ("--psij", "slurm", "--time", "10:00", "--queue", "low", "-n", "2")
    printed = site.jobman("launch", *options, site.url, "exp", *QUICK)
    numbers = re.search("Submitted 2 workers to slurm: (.*)", printed)[1].split()
    site.arrays += numbers
    assert len(numbers) == 2
    until(lambda: set(site.statuses().values()) == {"DONE"}, LONG)
    assert {site.job(n).state.jobman.sql.slurm_job_id for n in (1, 2, 3)} <= set(numbers)


def test_a_lost_node_that_comes_back_does_not_overwrite_what_another_finished(site, slurm):
    # The other worker waits for jobs.
    site.launch_stopping(
        "--sbatch=--exclusive", workers=2, worker_options=(*QUICK, "--wait-for-jobs")
    )
    claimed = site.job(1).state.jobman.sql
    frozen = descendants(claimed.host_pid)
    assert len(frozen) > 1
    try:
        for pid in frozen:  # the whole node is out of reach: its daemon, the worker, the job
            os.kill(pid, signal.SIGSTOP)
        slurm.kill_node(claimed.slurmd_nodename)
        taken = site.wait_until_continued().jobman.sql
        assert taken.slurmd_nodename != claimed.slurmd_nodename
        assert (taken.restarts, taken.attempts) == (1, 2)
        finished = site.job(1)
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    until(lambda: "job 1 another worker has it now" in site.output(), LONG)
    assert site.job(1) == finished
    slurm.start_node(claimed.slurmd_nodename)


def test_a_warned_worker_saves_and_its_requeued_task_goes_on_alone(interrupted):
    """It was started through srun."""
    site = interrupted["warned"]
    state = site.wait_until_continued(site.warned)
    assert state.jobman.sql.interrupted == "the worker got SIGUSR1"
    assert (state.starts, state.jobman.sql.attempts) == (2, 2)
    assert "restarts" not in state.jobman.sql  # it was put back, not taken back
    other = site.job(3 - site.warned)
    assert (other.status, other.state.starts) == (Status.RUNNING, 1)


def test_a_task_that_slurm_requeues_goes_on(interrupted):
    state = interrupted["requeued"].wait_until_continued()
    assert state.jobman.sql.interrupted == "the worker got SIGTERM"
    assert state.starts == 2


def test_a_worker_is_warned_before_the_time_limit(interrupted):
    site = interrupted["limited"]
    state = site.wait_until_continued()
    assert state.jobman.sql.interrupted == "the worker got SIGUSR1"
    assert (state.starts, state.jobman.sql.slurm_array_job_id) == (2, site.arrays[0])
