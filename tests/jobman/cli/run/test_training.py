"""The options for training reach the experiments through the environment."""

import os
import time

import click
import pytest
from click.testing import CliRunner

from pylearn2_jobman.jobman.cli.run.training import training_options

VARIABLES = ("JOBMAN_PROGRESS", "JOBMAN_TENSORBOARD", "JOBMAN_RESTART")


@pytest.fixture
def run(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")  # so that it is set back
        monkeypatch.delenv(variable)
    seen = []

    @click.command()
    @click.option("--other", type=int)
    @training_options
    def command(other):
        seen.append(other)

    def run(*arguments):
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert seen == [3]
        return {name: os.environ[name] for name in VARIABLES if name in os.environ}

    return run


def test_they_are_set_where_given(run):
    before = time.time()
    found = run("--other", "3", "--progress", "a,b", "--tensorboard", "--restart")
    assert (found["JOBMAN_PROGRESS"], found["JOBMAN_TENSORBOARD"]) == ("a,b", "1")
    assert before <= float(found["JOBMAN_RESTART"]) <= time.time()


def test_nothing_is_set_otherwise(run):
    assert run("--other", "3") == {}
