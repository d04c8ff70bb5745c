"""The how-to for one's own experiment goes from nothing to a ranked table; every trainer does."""

import doctest
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from documented import console_blocks, python_files, shell

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.files.models import model_file
from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table.schedule import job_state
from pylearn2_jobman.model_file import origin

pytest.importorskip("sklearn")

ROOT = Path(__file__).parents[2]
HOWTO = (ROOT / "docs/howto/any-library.rst").read_text()
TRAIN = "pylearn2.scripts.jobman.experiment.train_experiment"


def test_the_howto_goes_from_nothing_to_a_ranked_table(tmp_path):
    for name, content in python_files(HOWTO):
        (tmp_path / name).write_text(content)
    same = doctest.OutputChecker().check_output
    (steps,) = console_blocks(HOWTO)
    for command, expected in steps:
        status, output = shell(command, tmp_path)
        assert status == 0, f"{command}\n{output}"
        assert same(expected, output, doctest.ELLIPSIS), f"{command}\n{output}"
    assert len(steps) == 4
    # The function that can be stopped is, after its first epoch, and goes on.
    code = "; ".join(
        [
            "from jobman.channel import EmptyChannel",
            "from pylearn2_jobman import DD",
            "import preemptible",
            "channel, state = EmptyChannel(), DD(alpha=0.001, epochs=3)",
            "channel.switch = lambda message=None: 'stop'",
            "print([preemptible.train(state, channel) for _ in range(4)], state.results)",
        ]
    )
    status, output = shell(f'python -c "import pylearn2_jobman; {code}"', tmp_path)
    assert status == 0, output
    assert output.startswith("[True, True, True, None] {'valid_error': 0.0"), output


def test_the_digits_by_every_trainer(tmp_path, monkeypatch):
    directory = Path(shutil.copytree(ROOT / "examples/trainers", tmp_path / "trainers"))
    shutil.copy(ROOT / "examples/digits/digits.npz", directory)
    monkeypatch.chdir(directory)
    url = f"sqlite:///{directory}/trainers.db?table=digits"
    libraries = [name for name in ("sklearn", "torch", "lightgbm", "lightning") if find_spec(name)]
    with open_table(url) as table:
        for library in libraries:
            parameters = filemerge(f"{library}.conf", "hyper_parameters.max_epochs=2")
            table.insert(job_state(TRAIN, parameters), check=False)
        status, output = shell(
            f"cd {directory} && jobman sql -n0 --import torch,sklearn '{url}' experiments", tmp_path
        )
        assert status == 0, output
        jobs = list(table.jobs())
        assert [job.status for job in jobs] == [Status.DONE] * len(libraries)
        for job, library in zip(jobs, libraries, strict=True):
            assert job.state.results.valid_error < 0.5, library
            assert job.state.results.epoch in (0, 1, 2), library
            records = directory / f"experiments/trainers.db/digits/{job.id}/monitor.csv"
            assert "valid_y_nll" in records.read_text(), library
            monkeypatch.syspath_prepend(str(directory))
            with model_file(table, job.id) as (path, _):
                assert origin(path).job == f"trainers.db/digits/{job.id}"
            with np.load("digits.npz") as data:
                predicted = table.load_model(job.id).predict(data["pixels"][1400:] / 16)
                assert np.mean(predicted != data["labels"][1400:]) < 0.5, library
