"""Recorded runs of the real pylearn2, run again; and small things to train."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recorded_data

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Sigmoid, Softmax

DATA = Path(__file__).parent.parent / "data" / "pylearn2"

# Cases that load what others save.
_LOADS = {"17_2_dae_l2": ["17_1_dae_l1"], "17_3_dae_mlp": ["17_1_dae_l1", "17_2_dae_l2"]}


@pytest.fixture(scope="session")
def golden_data(tmp_path_factory):
    """A directory with the data under the file names that the recorded YAML files use."""
    folder = tmp_path_factory.mktemp("golden_data")
    recorded_data.write_to(folder)
    return folder


@dataclass
class Rerun:
    """A recorded run, and the same run of ours."""

    expected: dict[str, Any]
    train_obj: Any
    initial: dict[str, Any]
    batches: list[Any]

    def of(self, kind):
        prefix = f"{kind}/"
        return {
            key.removeprefix(prefix): value
            for key, value in self.expected.items()
            if key.startswith(prefix)
        }

    def params(self):
        return named_values(self.train_obj.model)


def named_values(model):
    """Parameters by the recorded names: a repeated one has its number."""
    values, seen = {}, {}
    for (name, _), value in zip(model.named_params(), model.get_param_values(), strict=True):
        seen[name] = seen.get(name, 0) + 1
        values[name if seen[name] == 1 else f"{name}__{seen[name]}"] = value
    return values


@pytest.fixture(scope="module")
def begin(golden_data, tmp_path_factory):
    """A function that builds a recorded case for a run of ours, which has not begun yet."""
    saved = tmp_path_factory.mktemp("golden_cases")

    def build(case, patch):
        patch.setenv("GOLDEN_DATA", str(golden_data))
        patch.setenv("GOLDEN_CASES", str(saved))  # what a case saves, a later one loads
        patch.setenv("PYLEARN2_FLOATX", "float32" if case.startswith("float32") else "float64")
        patch.setenv("PYLEARN2_TRAIN_FILE_FULL_STEM", case)  # as pylearn2-train does
        patch.chdir(tmp_path_factory.mktemp(case))
        with (DATA / "cases" / case / "case.yaml").open() as file:
            train_obj = yaml_parse.load(file)
        recorded = DATA / "cases" / case / "expected.npz"
        expected = dict(np.load(recorded)) if recorded.exists() else {}
        seen = _record_training_batches(train_obj, patch)
        return Rerun(expected, train_obj, named_values(train_obj.model), seen)

    return build


@pytest.fixture(scope="module")
def rerun(begin):
    """A function that runs a recorded case, once a module, and returns both runs."""
    done = {}

    def run(case):
        if case not in done:
            for earlier in _LOADS.get(case, ()):
                run(earlier)
            with pytest.MonkeyPatch.context() as patch:
                done[case] = begin(case, patch)
                done[case].train_obj.main_loop()
        return done[case]

    return run


def _record_training_batches(train_obj, patch):
    seen = []
    iterate, train = train_obj.dataset.batches, train_obj.algorithm.train

    def recording(*args):
        batches = iterate(*args)
        subset_of = batches.subsets._subset

        def recorded(start, stop):
            subset = subset_of(start, stop)
            seen.append(np.arange(train_obj.dataset.get_num_examples())[subset])
            return subset

        batches.subsets._subset = recorded
        return batches

    def training(dataset):
        with pytest.MonkeyPatch.context() as during:
            during.setattr(dataset, "batches", recording)
            train(dataset)

    patch.setattr(train_obj.algorithm, "train", training)
    return seen


@pytest.fixture
def blobs():
    """Forty points around two centres, with one-hot targets."""
    rng = np.random.RandomState(0)
    labels = np.arange(40) % 2
    X = rng.randn(40, 3) + 3 * labels[:, None]
    return DenseDesignMatrix(X=X, y=np.eye(2)[labels])


@pytest.fixture
def mlp():
    """A small classifier for `blobs`."""
    return MLP(
        nvis=3,
        layers=[
            Sigmoid(layer_name="h0", dim=4, irange=0.5),
            Softmax(layer_name="y", n_classes=2, irange=0.5),
        ],
    )
