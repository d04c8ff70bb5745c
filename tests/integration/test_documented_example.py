"""The example of the jobman documentation runs as it stands, with its names of 2012."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.status import Status

EXAMPLE = Path(__file__).parents[1] / "data" / "jobman_example"
URL = "sqlite:///test.db?table=test_jobman_pylearn2"
TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"


@pytest.fixture
def directory(tmp_path):
    """The files of the example, and a matrix where it looks for one."""
    matrix = tmp_path / "data" / "UTLC" / "pca" / "sylvester_train_x_pca32.npy"
    matrix.parent.mkdir(parents=True)
    numpy.save(matrix, numpy.random.RandomState(0).rand(60, 32))
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example"))


def run(directory, *words):
    environment = {**os.environ, "PYLEARN2_DATA_PATH": str(directory.parent / "data")}
    words = [sys.executable, "-m", *words]
    done = subprocess.run(
        words, cwd=directory, env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_scheduled_from_python_and_by_the_command_line_it_is_done(directory):
    run(directory, "pylearn2_jobman", "insert.py")
    run(directory, "pylearn2_jobman.jobman", "sqlschedule", URL, TRAIN, "cae.conf")
    run(directory, "pylearn2_jobman.jobman", "sql", "-n0", URL, "experiments")
    with open_table(f"sqlite:///{directory}/test.db?table=test_jobman_pylearn2") as table:
        jobs = list(table.jobs())
    assert [job.status for job in jobs] == [Status.DONE] * 2
    inserted, scheduled = (job.state.results for job in jobs)
    assert list(inserted.batch_num) == [0, 6, 12]
    # The two are the same training, written as in 2013 and as in 2012.
    assert scheduled.best_epoch == 2
    assert scheduled.batch_num == 12
    assert scheduled.train_rec_error == min(inserted.reconstruction_error) > 0
    said = (directory / "experiments/test.db/test_jobman_pylearn2/1/stderr").read_text()
    for old, new in (
        ("pylearn2.scripts.train.Train", "pylearn2.train.Train"),
        ("pylearn2.autoencoder", "pylearn2.models.autoencoder"),
        ("sgd.EpochCounter", "pylearn2.termination_criteria.EpochCounter"),
        ("the channel sgd_cost(ExhaustiveSGD[X])", "objective"),
    ):
        notes = [line for line in said.splitlines() if old in line and f"now called {new}" in line]
        assert len(notes) == 1, said
