"""What was written before the package had rooms is read: models, checkpoints, tables, names."""

import importlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from trainings import Channel, attempt

from pylearn2_jobman import open_table
from pylearn2_jobman.errors import NameNotAllowedError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.naming import names
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.running import checkpoint

BEFORE = Path(__file__).parent / "data" / "before_rooms"


@pytest.mark.parametrize(
    "path", sorted(BEFORE.glob("*/trained_model.pkl")), ids=lambda p: p.parent.name
)
def test_a_saved_model_is_what_it_was(path):
    model = serial.load(path)
    with np.load(path.with_name("parameters.npz")) as file:
        expected = list(file.values())
    for value, before in zip(model.get_param_values(), expected, strict=True):
        assert np.array_equal(value, before)
    assert model.monitor.get_epochs_seen() > 1
    model.enforce_constraints()
    for value, before in zip(model.get_param_values(), expected, strict=True):
        np.testing.assert_allclose(value, before, rtol=1e-6)
    assert model.get_lr_scalers().keys() <= set(model.get_params())


@pytest.mark.parametrize(
    "path", sorted(BEFORE.glob("*/checkpoint.pt")), ids=lambda p: p.parent.name
)
def test_training_is_resumed_from_a_checkpoint(path, tmp_path, monkeypatch):
    for file in path.parent.iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    saved = torch.load("checkpoint.pt", weights_only=True)
    # Of other versions the last bits may differ, and a checkpoint is refused.
    torch.save({**saved, "versions": checkpoint._versions()}, "checkpoint.pt")
    outcome = attempt((tmp_path / "training.yaml").read_text(), Channel())
    expected = json.loads((tmp_path / "results.json").read_text())
    assert outcome.questions < 30
    assert outcome.results == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.fixture
def table(tmp_path):
    shutil.copy(BEFORE / "jobs.sqlite", tmp_path)
    with open_table(f"sqlite:///{tmp_path}/jobs.sqlite?table=t") as table:
        yield table


def test_a_table_has_its_jobs(table):
    assert {status: n for status, n in table.counts().items() if n} == {
        Status.DONE: 2,
        Status.START: 2,
    }
    done = table.get(2).state
    assert done.results == {"y": 4, "nested": {"list": [1, 2.5, None]}}
    assert table.claim().job_id == 3


def test_a_table_is_queried(table):
    found = table.query("select jobman.id, results.* where jobman.status = DONE and results.y > 3")
    assert found.ids == [2]
    assert found.columns["results.y"] == [4]
    assert table.query("where hyper_parameters.lr = 0.1").ids == [3]


def test_a_job_is_the_same_one_as_before(table):
    state = {
        "jobman.experiment": "pylearn2_jobman.experiment.train_experiment",
        "yaml_template": "!obj:x",
        "extract_results": "pylearn2_jobman.experiment.results_extractor",
        "hyper_parameters.lr": 0.1,
        "hyper_parameters.nan": float("nan"),
    }
    assert table.insert(state, check=False) is None
    assert table.insert({**state, "hyper_parameters.lr": 0.2}, check=False) == 5


FORMER = [
    "pylearn2_jobman.aliases.install",
    "pylearn2_jobman.jobman.answer.Answer",
    "pylearn2_jobman.jobman.building.make",
    "pylearn2_jobman.jobman.directories.find_conf_files",
    "pylearn2_jobman.jobman.directories.job_directory",
    "pylearn2_jobman.jobman.export.export",
    "pylearn2_jobman.jobman.params.standard",
    "pylearn2_jobman.jobman.records.read_records",
    "pylearn2_jobman.jobman.summary.Summary",
    "pylearn2_jobman.jobman.summary.summarize",
    "pylearn2_jobman.jobman.table.JobTable",
    "pylearn2_jobman.jobman.table.open_table",
    "pylearn2_jobman.names.resolve",
    "pylearn2_jobman.pylearn2.scripts.jobman.experiment.train_experiment",
    "pylearn2_jobman.pylearn2.scripts.train.main",
    "pylearn2_jobman.results.storable",
    "pylearn2_jobman.template.render",
    "pylearn2_jobman.vocabulary.entries",
]


@pytest.mark.parametrize("name", FORMER)
def test_a_documented_name_is_found_where_it_was(name):
    module, _, attribute = name.rpartition(".")
    assert names.resolve(name) is getattr(importlib.import_module(module), attribute)
    assert callable(names.resolve(name))


@pytest.mark.parametrize(
    "name",
    [
        "pylearn2_jobman.jobman.building.make",
        "jobman.building.make",
        "pylearn2_jobman.jobman.params.standard",
        "pylearn2_jobman.results.storable",
        "pylearn2_jobman.template.render",
    ],
)
def test_a_pattern_of_jobman_allow_means_what_it_meant(name, monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", name)
    assert callable(names.resolve(name))
    with pytest.raises(NameNotAllowedError):
        names.resolve("pylearn2_jobman.values.plain")
