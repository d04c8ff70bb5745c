"""Documents drawn at random from the vocabulary give what they gave on the real pylearn2."""

import json
import lzma
import shutil
from pathlib import Path

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.utils import serial

DATA = Path(__file__).parents[1] / "data" / "pylearn2" / "differential"

with lzma.open(DATA / "documents.jsonl.xz", "rt") as lines:
    DOCUMENTS = [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data of the documents, and the module that some of them name."""
    folder = tmp_path_factory.mktemp("differential")
    for path in DATA.glob("*.csv"):
        shutil.copy(path, folder)
    for name, array in np.load(DATA / "arrays.npz").items():
        np.save(folder / f"{name}.npy", array)
    (folder / "hx.py").write_text("def tup(items):\n    return tuple(items)\n")
    return folder


@pytest.fixture
def load(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FUZZ_DATA", str(folder))
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(tmp_path)
    np.random.seed(1)
    return yaml_parse.load


def of_kind(kind):
    chosen = [document for document in DOCUMENTS if document.get("kind") == kind]
    return pytest.mark.parametrize("document", chosen, ids=[each["id"] for each in chosen])


@of_kind(None)
@pytest.mark.filterwarnings("ignore")  # what the documents are warned of is not the matter here
def test_a_training_ends_with_the_same_numbers(document, load):
    real, train_obj = document["real"], load(document["yaml"])
    train_obj.main_loop()
    model, monitor = train_obj.model, train_obj.model.monitor
    assert_same_parameters(model, real["final"])
    ours = {name: c for name, c in monitor.channels.items() if "_seconds_" not in name}
    assert set(ours) == set(real["channels"])
    for name, record in real["channels"].items():
        assert_near(ours[name].val_record, record["v"], name)
        assert ours[name].epoch_record == record["e"]
        assert ours[name].batch_record == record["b"]
        assert ours[name].example_record == record["x"]
    seen = [monitor.get_epochs_seen(), monitor.get_batches_seen(), monitor.get_examples_seen()]
    assert seen == real["seen"]
    if "lr" in real:
        assert_near(float(train_obj.algorithm.learning_rate), real["lr"], "learning_rate")
    for name, params in real["files"].items():
        assert_same_parameters(serial.load(name), params)


@of_kind("data")
def test_a_dataset_holds_and_yields_the_same_examples(document, load):
    real, dataset = document["real"], load(document["yaml"])
    assert dataset.get_num_examples() == real["n"]
    assert_near(dataset.get_design_matrix(), array(real["X"]), "X")
    if real["y"] is not None:
        assert_near(dataset.get_targets(), array(real["y"]), "y")
    if real["topo"] is not None:
        assert_near(dataset.get_topological_view(), array(real["topo"]), "topo")
    for arguments, batches in zip(document["iters"], real["iters"], strict=True):
        if isinstance(batches, str):  # the real one's error
            with pytest.raises(ValueError, match="batch"):
                list(dataset.iterator(**arguments))
            continue
        ours = list(dataset.iterator(**arguments))
        assert len(ours) == len(batches)
        for batch, expected in zip(ours, batches, strict=True):
            assert_near(batch, array(expected), str(arguments))


def assert_same_parameters(model, expected):
    ours = [(name, np.asarray(value)) for name, value in named(model)]
    assert [name for name, _ in ours] == [name for name, _ in expected]
    for (name, value), (_, recorded) in zip(ours, expected, strict=True):
        assert_near(value, array(recorded), name)


def named(model):
    return zip([n for n, _ in model.named_params()], model.get_param_values(), strict=True)


def array(recorded):
    shape, values = recorded
    return np.reshape(np.array(values, float), shape)


def assert_near(ours, expected, name):
    expected = np.asarray(expected, float)
    scale = np.nanmax(np.abs(expected), initial=0) or 1
    np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-8 * scale, err_msg=name)
