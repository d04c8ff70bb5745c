"""Running one experiment in a working directory."""

import math
import sys

import numpy
import pytest

from pylearn2_jobman.jobman.channel import NoWorker
from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.state import expand, flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.worker import execution


def execute(flat, workdir, link=None):
    """Run an experiment and record its end, as the job's process does."""
    outcome = execution.execute(flat, workdir, link)
    assert execution.record(workdir, outcome.state) is None
    return outcome


@pytest.fixture
def experiment(monkeypatch):
    """Give a function a dotted name and return the state of a job that runs it."""

    def name(function, **state):
        monkeypatch.setattr(sys.modules["math"], "experiment", function, raising=False)
        return {"jobman.experiment": "math.experiment", **state}

    return name


def test_the_state_is_nested_and_its_changes_come_back(tmp_path, experiment):
    def run(state, channel):
        state.results = {"nll": numpy.float32(0.5), "epochs": {"best": state.hyper.n + 1}}
        return channel.COMPLETE

    outcome = execute(experiment(run, **{"hyper.n": 4}), tmp_path)
    assert outcome.status is Status.DONE
    assert outcome.state["results.nll"] == 0.5
    assert outcome.state["results.epochs.best"] == 5
    assert outcome.state["jobman.status"] == Status.DONE
    assert read_conf(tmp_path / "current.conf") == outcome.state


def test_orig_conf_keeps_the_state_of_the_first_start(tmp_path, experiment):
    flat = experiment(lambda state, channel: setattr(state, "n", state.n + 1), n=1)
    again = execute(flat, tmp_path).state
    execute(again, tmp_path)
    assert read_conf(tmp_path / "orig.conf")["n"] == 1
    assert read_conf(tmp_path / "current.conf")["n"] == 3


def test_an_error_keeps_what_the_state_held(tmp_path, experiment, capfd):
    def run(state, channel):
        state.reached = 7
        raise ValueError("deliberate")

    outcome = execute(experiment(run), tmp_path)
    assert outcome.status is Status.ERR_RUN
    assert outcome.state["reached"] == 7
    assert outcome.error.endswith("ValueError: deliberate")
    assert "pylearn2_jobman/jobman" not in outcome.error
    assert "ValueError: deliberate" in capfd.readouterr().err


def test_a_second_run_that_works_forgets_the_error(tmp_path, experiment):
    flat = experiment(lambda state, channel: None) | {"jobman.error": "before"}
    assert "jobman.error" not in execute(flat, tmp_path).state


@pytest.mark.parametrize(
    ("name", "message"),
    [("nosuch.module.f", "no module 'nosuch'"), ("math.squirt", "has no 'squirt'")],
)
def test_an_experiment_that_cannot_be_imported_is_err_start(tmp_path, name, message):
    outcome = execute({"jobman.experiment": name}, tmp_path)
    assert outcome.status is Status.ERR_START
    assert message in outcome.error


def test_incomplete_goes_back_to_start(tmp_path, experiment):
    outcome = execute(experiment(lambda state, channel: channel.INCOMPLETE), tmp_path)
    assert (outcome.status, outcome.error) == (Status.START, None)


def test_sys_exit_is_an_error_of_the_job(tmp_path, experiment):
    outcome = execute(experiment(lambda state, channel: sys.exit(0)), tmp_path)
    assert outcome.status is Status.ERR_RUN
    assert "called sys.exit" in outcome.error


@pytest.mark.parametrize("status", set(Status) - {Status.RUNNING})
def test_an_experiment_that_returns_a_status_gets_it(tmp_path, experiment, status):
    outcome = execute(experiment(lambda state, channel: getattr(channel, status.name)), tmp_path)
    assert outcome.status is status
    failed = status.name.startswith("ERR")
    assert outcome.error == (f"the experiment returned channel.{status.name}" if failed else None)


@pytest.mark.parametrize("value", [False, 0, 5, 1, "x", {"nll": 0.5}, Status.RUNNING])
def test_what_else_an_experiment_returns_is_an_error_that_shows_it(tmp_path, experiment, value):
    outcome = execute(experiment(lambda state, channel: setattr(state, "y", 1) or value), tmp_path)
    assert outcome.status is Status.ERR_RUN
    assert f"the experiment returned {value!r}: it has to return" in outcome.error
    assert outcome.state["y"] == 1


def test_an_experiment_finds_its_number_as_a_flat_key_too(tmp_path, experiment):
    def run(state, channel):
        state.found = [state["jobman.id"], state.jobman.id, state.get("jobman.id")]
        state.flat = flatten(state)["jobman.id"]
        state.nested = expand(state).jobman.id
        channel.save()
        state.jobman.id = 99

    outcome = execute(experiment(run, **{"jobman.id": 7}), tmp_path)
    assert (outcome.status, outcome.error) == (Status.DONE, None)
    assert outcome.state["found"] == [7, 7, 7]
    assert (outcome.state["flat"], outcome.state["nested"]) == (7, 7)
    assert outcome.state["jobman.id"] == 7


def test_the_channel_knows_where_the_files_are(tmp_path, experiment):
    def run(state, channel):
        state.path = channel.path

    assert execute(experiment(run), tmp_path).state["path"] == str(tmp_path)


def test_a_value_that_cannot_be_stored_costs_itself_not_the_others(tmp_path, experiment):
    def run(state, channel):
        state.results = {"good": 1, "bad": {"array": numpy.zeros(3), "deep": math.inf}}

    outcome = execute(experiment(run), tmp_path)
    assert outcome.status is Status.ERR_RUN
    assert "'results.bad.array' is an array" in outcome.error
    assert outcome.state["results.good"] == 1
    assert outcome.state["results.bad.deep"] == math.inf


def test_saving_stores_the_state_of_that_moment(tmp_path, experiment):
    stored = []

    class Worker(NoWorker):
        def save(self, flat):
            stored.append(flat)

    def run(state, channel):
        for state.step in range(2):
            channel.save()
        raise RuntimeError

    execute(experiment(run), tmp_path, Worker())
    assert [flat["step"] for flat in stored] == [0, 1]


def test_an_experiment_may_delete_its_working_directory(tmp_path, experiment):
    workdir = tmp_path / "work"
    workdir.mkdir()

    def run(state, channel):
        for path in workdir.iterdir():
            path.unlink()
        workdir.rmdir()
        state.results = {"y": 1}

    assert execute(experiment(run), workdir).status is Status.DONE
    assert read_conf(workdir / "current.conf")["results.y"] == 1
