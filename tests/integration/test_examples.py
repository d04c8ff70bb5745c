"""The examples run as their READMEs say."""

import gzip
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.status import Status

EXAMPLES = Path(__file__).parents[2] / "examples"
TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"


def run(*words, cwd, **environment):
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def directory(request, tmp_path):
    """A copy of the example that the test is named with."""
    return Path(shutil.copytree(EXAMPLES / request.param, tmp_path / request.param))


@pytest.mark.parametrize("directory", ["digits"], indirect=True)
def test_the_grid_from_python_is_the_grid_of_the_command_line(directory):
    url = "sqlite:///digits.db?table=digits"
    grid = ("learning_rate={{0.5,0.2,0.1,0.05}}", "nhid={{25,50,100}}")
    run("pylearn2_jobman", "schedule.py", cwd=directory)
    said = run(
        "pylearn2_jobman.jobman",
        *("sqlschedules", "-q", url, TRAIN, "mlp.conf"),
        *(f"hyper_parameters.{alternatives}" for alternatives in grid),
        cwd=directory,
    )
    # They differ in the name under which the experiment was given, which makes no job another.
    assert said.startswith("Added 0 on 12 jobs")
    with open_table(f"sqlite:///{directory}/digits.db?table=digits") as table:
        states = [job.state for job in table.jobs()]
    assert {s.hyper_parameters.nhid for s in states} == {25, 50, 100}
    assert {s.yaml_template for s in states} == {(directory / "mlp.yaml").read_text()}


def write_idx(path, array):
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(
        gzip.compress(header + array.tobytes())
        if path.suffix == ".gz"
        else header + array.tobytes()
    )


@pytest.fixture
def mnist(tmp_path):
    """A data directory with MNIST's files, small and made up."""
    rng = numpy.random.RandomState(0)
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for name, number, suffix in (("train", 300, ""), ("t10k", 50, ".gz")):
        images = rng.randint(0, 256, (number, 28, 28)).astype("uint8")
        write_idx(folder / f"{name}-images-idx3-ubyte{suffix}", images)
        write_idx(
            folder / f"{name}-labels-idx1-ubyte{suffix}", rng.randint(0, 10, number).astype("uint8")
        )
    return tmp_path / "data"


@pytest.mark.parametrize("directory", ["mnist"], indirect=True)
def test_mnist_with_draws_for_every_job(directory, mnist):
    url = "sqlite:///mnist.db?table=mnist"
    small = ("max_epochs=2", "train_stop=200", "valid_stop=300")
    for _ in range(2):
        run(
            *("pylearn2_jobman.jobman", "sqlschedule", url, TRAIN, "mlp.conf"),
            *(f"hyper_parameters.{value}" for value in small),
            cwd=directory,
        )
    run(
        *("pylearn2_jobman.jobman", "sql", "-n0", url, "experiments"),
        cwd=directory,
        PYLEARN2_DATA_PATH=str(mnist),
    )
    with open_table(f"sqlite:///{directory}/mnist.db?table=mnist") as table:
        jobs = list(table.jobs())
    assert [job.status for job in jobs] == [Status.DONE] * 2
    rates = [job.state.hyper_parameters.learning_rate for job in jobs]
    assert len(set(rates)) == 2
    assert all(1e-3 <= rate <= 1 for rate in rates)
    assert all(job.state.results.valid_nll > 0 for job in jobs)


@pytest.mark.parametrize("directory", ["mnist"], indirect=True)
def test_missing_data_files_are_named_in_the_table(directory, tmp_path):
    url = "sqlite:///mnist.db?table=mnist"
    run("pylearn2_jobman.jobman", "sqlschedule", url, TRAIN, "mlp.conf", cwd=directory)
    worker = [sys.executable, "-m", "pylearn2_jobman.jobman", "sql", url, "experiments"]
    environment = {**os.environ, "PYLEARN2_DATA_PATH": str(tmp_path / "nowhere")}
    assert subprocess.run(worker, cwd=directory, env=environment, check=False).returncode == 1
    with open_table(f"sqlite:///{directory}/mnist.db?table=mnist") as table:
        job = table.get(1)
    assert job.status is Status.ERR_RUN
    assert "nowhere/mnist/train-images-idx3-ubyte" in job.state.jobman.error


@pytest.mark.parametrize("directory", ["contractive"], indirect=True)
def test_the_second_phase_begins_with_what_the_first_one_learnt(directory):
    for name in ("digits.npz", "digits.py"):
        shutil.copy(EXAMPLES / "digits" / name, directory)
    url = "sqlite:///contractive.db?table=cae"
    short = ("nhid=20", "pretraining.max_epochs=2", "training.prop_decrease=0.1")
    run(
        *("pylearn2_jobman.jobman", "sqlschedule", url, TRAIN, "contractive.conf"),
        *(f"hyper_parameters.{value}" for value in short),
        cwd=directory,
    )
    run("pylearn2_jobman.jobman", "sql", "-n0", url, "experiments", cwd=directory)
    with open_table(f"sqlite:///{directory}/contractive.db?table=cae") as table:
        job = table.get(1)
    assert job.status is Status.DONE
    assert job.state.results.epoch > 2
    assert job.state.results.valid_error < 0.5
    assert job.state.results.reconstruction_error > 0
    assert (directory / "experiments/contractive.db/cae/1/contractive.pkl").exists()


@pytest.mark.parametrize("directory", ["own_classes"], indirect=True)
def test_classes_of_2013_and_of_today_give_the_same_numbers(directory):
    url = "sqlite:///own.db?table=moons"
    styles = "hyper_parameters.style={{of_2013,todays}}"
    run("pylearn2_jobman.jobman", "sqlschedules", url, TRAIN, "moons.conf", styles, cwd=directory)
    run("pylearn2_jobman.jobman", "sql", "-n0", url, "experiments", cwd=directory)
    with open_table(f"sqlite:///{directory}/own.db?table=moons") as table:
        old, new = (job.state.results for job in table.jobs())
    assert old == new
    assert old.valid_error < 0.1
    assert old.learning_rate == pytest.approx(0.3 * 0.95**21)
    assert set(old.largest) == {"h0_W", "h0_b", "softmax_W", "softmax_b"}


@pytest.mark.parametrize("directory", ["legacy"], indirect=True)
def test_jobs_are_scheduled_read_and_changed_by_the_old_interface(directory):
    def script(name):
        return run("pylearn2_jobman", name, cwd=directory).splitlines()

    def work():
        url = "sqlite:///descent.db?table=descent"
        command = [sys.executable, "-m", "pylearn2_jobman.jobman", "sql", "-n0", url, "experiments"]
        return subprocess.run(command, cwd=directory, check=False, capture_output=True).returncode

    assert script("schedule.py") == ["8 jobs added, 8 in descent of descent.db"]
    assert script("schedule.py") == ["0 jobs added, 8 in descent of descent.db"]
    assert work() == 1  # two jobs diverge
    said = script("results.py")
    assert said[0].startswith("6: 6.35e-09 after 100 steps of 0.05")
    assert said[-3].startswith("7: ValueError: it diverged")
    assert said[-1] == "6 done, 0 waiting"
    jobs = [(4, "not bad"), (6, ""), (7, "was 0.2"), (8, "was 0.2"), (9, "")]
    assert script("again.py") == ["job 9 is job 6 with 1000 steps", f"jobs: {jobs}"]
    assert work() == 0
    assert script("results.py")[-1] == "5 done, 0 waiting"
    with open_table(f"sqlite:///{directory}/descent.db?table=descent") as table:
        assert [row["id"] for row in table.view_rows("descent_view")] == [4, 6, 7, 8, 9]
