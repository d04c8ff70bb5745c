"""Adaptive searches with real workers: they propose, run and stop trials, and die on the way."""

import os
import signal

import pytest
from waiting import until

SEARCH = """
def easy(state, channel):
    state.results = {"nll": (state.x - 0.3) ** 2}


def epochs(state, channel):
    import time
    for epoch in range(1, 28):
        time.sleep(0.1)
        channel.report(epoch=epoch, nll=state.x + 1 / epoch)
        state.results = {"nll": state.x + 1 / epoch, "epochs": epoch}
        if channel.switch() in ("stop", "finish-up"):
            return channel.INCOMPLETE
    return channel.COMPLETE


def stubborn(state, channel):
    channel.report(epoch=1, nll=state.x)
    while state.x and (asked := channel.switch()) != "stop":
        if asked == "finish-up":
            open(state.file, "w").close()
    state.results = {"nll": state.x}
    return channel.INCOMPLETE if state.x else channel.COMPLETE
"""
FAST = ("--lease", "2")
ONE_DATABASE = pytest.mark.parametrize("table_url", ["sqlite"], indirect=True)


@pytest.fixture
def lab(lab, table_url):
    """A laboratory with its table in each kind of database in turn."""
    lab.url = table_url
    lab.write("trials.py", SEARCH)
    return lab


def search(lab, *options, experiment="easy", trials=6, code=0):
    return lab.jobman(
        "search", lab.url, f"trials.{experiment}", "x ~ uniform(0, 1)", "--by", "results.nll",
        "--trials", trials, *options, code=code,
    )  # fmt: skip


def numbers(lab, name):
    """Return the numbers of a search's trials, and the statuses that they have."""
    with lab.table() as table:
        trials = table.search(name=name).standing().trials
    return [trial.number for trial in trials], {trial.status.name for trial in trials}


def test_workers_run_exactly_the_trials_that_were_asked_for(lab):
    search(lab, "--name", "one", "--detach")
    search(lab, "--name", "two", "--detach", trials=3)
    output = lab.worker("-n0", "-j3")
    assert output.endswith("No more jobs to run (ran 9 jobs: 9 DONE)\n")
    assert numbers(lab, "one") == (list(range(6)), {"DONE"})
    assert numbers(lab, "two") == (list(range(3)), {"DONE"})
    assert lab.job(1).status.name == lab.job(2).status.name == "DONE"
    output = search(lab, "--name", "one")  # over: it shows the best and leaves
    assert "Search one: 6 of 6 trials ended\njob" in output
    # More of it, -n counts trials, and the command watches.
    watching = lab.start(
        "search", lab.url, "trials.easy", "x ~ uniform(0, 1)", "--by=results.nll", "--name=one",
        "--trials=8",
    )  # fmt: skip
    until(lambda: lab.job(1).status.name == "START")
    assert "ran 2 jobs: 2 DONE" in lab.worker("-n2")
    lab.worker("-n0")  # which finds that all are proposed
    output, _ = watching.communicate(timeout=60)
    assert watching.returncode == 0, output
    assert "8 of 8 trials ended" in output
    assert output.count("\ntrial ") == 2


def test_killed_proposers_lose_and_double_nothing(lab):
    search(lab, "--name", "s", "--detach", trials=8)
    for _ in range(3):
        worker = lab.start_worker("-n0", "-j2", *FAST, start_new_session=True)
        until(lambda: lab.job(1).status.name == "RUNNING", 60)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    lab.worker("-n0", "-j2", *FAST)
    assert numbers(lab, "s") == (list(range(8)), {"DONE"})


@pytest.mark.postgresql
@ONE_DATABASE  # which is another then
def test_a_restarted_database_loses_and_doubles_nothing(lab, own_server):
    own_server.create_database("jobs")
    lab.url = f"{own_server.url('jobs')}?table=t_"
    search(lab, "--name", "s", "--detach", trials=8)
    worker = lab.start_worker("-n0", "-j2")
    for how in (signal.SIGINT, signal.SIGQUIT):  # in order, and as in a crash
        until(lambda: lab.job(1).status.name == "RUNNING", 60)
        own_server.stop(how)
        own_server.start()
    output, _ = worker.communicate(timeout=120)
    assert output.endswith("No more jobs to run (ran 8 jobs: 8 DONE)\n")
    assert numbers(lab, "s") == (list(range(8)), {"DONE"})


def test_a_worker_that_is_stopped_leaves_the_search_below_its_trials(lab):
    search(lab, "--name", "s", "--detach")
    priority = lab.job(1).priority
    worker = lab.start_worker("-n0", *FAST)
    until(lambda: lab.job(1).status.name == "RUNNING", 60)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    assert (lab.job(1).status.name, lab.job(1).priority) == ("START", priority)
    lab.worker("-n0")
    assert numbers(lab, "s") == (list(range(6)), {"DONE"})


@ONE_DATABASE
def test_hopeless_trials_are_stopped_and_count_as_such(lab):
    stop = ("--prune", "asha", "--channel", "nll")
    search(lab, "--name", "s", *stop, "--detach", experiment="epochs", trials=8)
    lab.worker("-n0", "-j2")
    with lab.table() as table:
        jobs = list(table.jobs(where="jobman.search.number is not null"))
    stopped = [job for job in jobs if "pruned" in job.state.jobman]
    assert 1 <= len(stopped) < 8
    assert {job.status.name for job in jobs} == {"DONE"}
    for job in stopped:
        assert job.state.jobman.pruned.epoch in (1, 3, 9, 27)
        assert "worse than" in job.state.jobman.pruned.reason
        assert job.state.results.epochs >= job.state.jobman.pruned.epoch
    assert f"{len(stopped)} stopped early" in search(lab, "--name", "s", *stop,
                                                      experiment="epochs", trials=8)  # fmt: skip


@ONE_DATABASE
def test_a_hopeless_job_whose_worker_is_stopped_goes_on_later(lab, tmp_path):
    file = tmp_path / "asked"
    lab.jobman("sqlschedules", lab.url, "trials.stubborn", "x={{0,1}}", f"file={file}")
    worker = lab.start_worker("-n0", "--prune", "asha", "--channel", "nll")
    until(file.exists)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    assert lab.job(2).status.name == "START"
    assert "pruned" not in lab.job(2).state.jobman


@ONE_DATABASE
def test_a_search_that_fails_says_why(lab):
    search(lab, "--name", "s", "--detach")
    with lab.table() as table:
        table.change(1, {"jobman.search.sampler": "tpee"})
    lab.worker("-n0", code=1)
    with lab.table() as table:
        assert "there is no sampler 'tpee'" in table.get(1).state.jobman.error
        table.change(1, {"jobman.search.sampler": "tpe"})
    search(lab, "--name", "s", "--detach")  # mended, it goes on
    assert "ran 6 jobs: 6 DONE" in lab.worker("-n0", "-j3")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (["x=1"], "nothing varies"),
        (["x={{1,2}}", "y ~ uniform(0, 1)"], "several jobs"),
        (["x ~ gauss(0, 1)"], "no distribution"),
        (["x ~ uniform(0, 1)", "--channel=nll"], "--channel goes with --prune"),
        (["x ~ uniform(0, 1)", "--prune=asha"], "--prune needs --channel"),
    ],
)
def test_a_mistake_is_told_before_anything_is_queued(lab, parameters, said):
    output = lab.jobman(
        "search", lab.url, "lab.double", *parameters, "--by", "results.nll", "--detach", code=2
    )
    assert said in output
    assert lab.statuses() == {}
