"""What people's scripts and extensions ask of a trained model, its monitor and its dataset."""

import csv
import importlib
import io
from contextlib import redirect_stdout

import numpy as np
import pytest

from pylearn2_jobman.naming import aliases
from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.utils import serial

from .conftest import DATA

TRAINING = """
!obj:pylearn2.train.Train {
    dataset: &train !obj:pylearn2.testing.datasets.random_one_hot_topological_dense_design_matrix {
        rng: !obj:numpy.random.RandomState { seed: 1 },
        num_examples: 40, shape: [4, 4], channels: 1, axes: ['b', 0, 1, 'c'], num_classes: 3 },
    model: !obj:pylearn2.models.mlp.MLP { nvis: 16, layers: [
        !obj:pylearn2.models.mlp.Sigmoid { layer_name: h0, dim: 5, irange: 0.1 },
        !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 3, irange: 0.1 } ] },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        learning_rate: 0.1, batch_size: 10, monitoring_dataset: { train: *train },
        learning_rule: !obj:pylearn2.training_algorithms.learning_rule.Momentum {
            init_momentum: 0.5 },
        termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter { max_epochs: 2 } },
    save_path: %s, save_freq: 1 }
"""

MODULES = """
utils.serial utils.image utils.rng datasets.control datasets.preprocessing datasets.mnist
gui.patch_viewer gui.get_weights_report scripts.print_monitor scripts.plot_monitor scripts.train
scripts.show_weights scripts.summarize_model scripts.jobman.experiment scripts.jobman.tester monitor
space models.mlp costs.mlp.dropout config.yaml_parse train_extensions training_algorithms.sgd
training_algorithms.learning_rule
"""

# What pylearn2 answers and we do not, and why.
_THEANO = "it is Theano's: a graph, its shared variables or its compiled functions"
_ELSEWHERE = "it belongs to models or costs that only the real pylearn2 has"
REFUSED = {
    "ch.val_shared": _THEANO,
    "ch.data_specs": _THEANO,
    "mon.names_to_del": _THEANO,
    "m.names_to_del": _THEANO,
    "m.get_test_batch_size()": _THEANO,
    "m.get_params()[0].shape.eval()": _THEANO,
    "pylearn2.models.mlp.max_pool": _THEANO,
    "t.algorithm.on_load_batch": _THEANO,
    "m.score": _ELSEWHERE,
    "m.masked_fprop": _ELSEWHERE,
    "pylearn2.models.mlp.exhaustive_dropout_average": _ELSEWHERE,
    "m.extensions": "layers have extensions here, the MLP none",
    "m.get_total_input_dimension": "nobody was seen to call it",
    "pylearn2.datasets.preprocessing.Downsample": "nobody was seen to name it",
    "d.compress": "data are never compressed in memory",
    "d.design_loc": "a dataset's arrays are always pickled with it",
    "serial.get_pickle_protocol()": "files are of the newest protocol",
    "__import__('pylearn2.utils.string_utils', fromlist=['preprocess']).preprocess('${X}')": (
        "the variable X was set there"
    ),
    "pylearn2.config.yaml_parse.initialize()": "there is nothing to get ready",
    "np.asarray(m.get_params()[0])": "an array of one object there: get_value() is meant",
}

# Where the answer is of another kind, and why.
_SCALAR = "a scalar of NumPy, which also is a float"
OTHERWISE = {
    "t.model.monitor.channels['train_y_misclass'].val_record[-1]": _SCALAR,
    "min(ch.val_record)": _SCALAR,
    "pylearn2.monitor.read_channel(m, 'train_y_nll')": _SCALAR,
    "pylearn2.monitor.get_channel(m, d, 'y_nll', a.cost, 10)": _SCALAR,
    "__import__('pylearn2.utils', fromlist=['as_floatX']).as_floatX(1.)": _SCALAR,
}


@pytest.fixture
def scope(tmp_path, monkeypatch):
    """The names that the expressions use."""
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    aliases.install()
    train = yaml_parse.load(TRAINING % (tmp_path / "model.pkl"))
    train.main_loop()
    for name in MODULES.split():
        importlib.import_module(f"pylearn2.{name}")
    model = train.model
    return {
        "t": train,
        "m": model,
        "d": train.dataset,
        "mon": model.monitor,
        "a": train.algorithm,
        "ch": model.monitor.channels["train_y_nll"],
        "h0": model.layers[0],
        "Y": TRAINING % "model.pkl",
        "np": np,
        "pylearn2": importlib.import_module("pylearn2"),
        "serial": serial,
        "yaml_parse": yaml_parse,
    }


def kind(value):
    """Return what the table says of a value: its type, and an array's shape and type."""
    if isinstance(value, np.ndarray):
        return f"ndarray{str(value.shape).replace(' ', '')} {value.dtype}"
    return type(value).__name__


def test_what_people_ask_of_what_was_trained_is_answered(scope):
    refused, otherwise = {}, {}
    with (DATA / "expressions.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            expression, original = row["expression"], row["the_original"]
            if not original.startswith("ok"):
                continue
            try:
                with redirect_stdout(io.StringIO()):
                    value = eval(expression, scope)
            except Exception as error:
                refused[expression] = f"{type(error).__name__}: {error}"
                continue
            said = original.removeprefix("ok ").replace(", ", ",")
            if said.startswith("ndarray") and kind(value) != said:
                otherwise[expression] = f"{said} -> {kind(value)}"
    assert refused.keys() == REFUSED.keys(), refused
    assert otherwise.keys() == OTHERWISE.keys(), otherwise
