"""What people's classes import from pylearn2 is there, and does what it did."""

import importlib
import logging

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2 import utils
from pylearn2_jobman.pylearn2.compat import first_key, first_value
from pylearn2_jobman.pylearn2.costs.cost import DefaultDataSpecsMixin, NullDataSpecsMixin
from pylearn2_jobman.pylearn2.datasets import cache, control
from pylearn2_jobman.pylearn2.format.target_format import (
    OneHotFormatter,
    compressed_one_hot,
    convert_to_one_hot,
)
from pylearn2_jobman.pylearn2.linear.matrixmul import MatrixMul
from pylearn2_jobman.pylearn2.utils.exc import NoDataPathError, reraise_as
from pylearn2_jobman.pylearn2.utils.mnist_ubyte import read_mnist_images, read_mnist_labels
from pylearn2_jobman.pylearn2.utils.rng import make_np_rng
from pylearn2_jobman.pylearn2.utils.timing import log_timing

# Names that at least two users' modules without a line of Theano import.
WANTED = """
config.yaml_parse datasets.Dataset datasets.DenseDesignMatrix datasets.cache
datasets.dataset.Dataset datasets.dense_design_matrix.DefaultViewConverter
datasets.dense_design_matrix.DenseDesignMatrix expr.preprocessing.global_contrast_normalize
models.mlp.Layer models.mlp.MLP models.model.Model space.CompositeSpace space.Conv2DSpace
space.IndexSpace space.VectorSpace train_extensions.TrainExtension
training_callbacks.training_callback.TrainingCallback utils.contains_nan
utils.data_specs.is_flat_specs utils.iteration.SubsetIterator
utils.iteration.resolve_iterator_class utils.iteration.safe_izip utils.iteration.wraps
utils.one_hot utils.safe_zip utils.serial utils.sharedX utils.timing.log_timing
"""


@pytest.mark.filterwarnings("ignore::pylearn2_jobman.errors.OldNameWarning")
@pytest.mark.parametrize("name", WANTED.split())
def test_a_name_can_be_imported(name):
    module, _, last = f"pylearn2.{name}".rpartition(".")
    if not hasattr(importlib.import_module(module), last):
        importlib.import_module(f"{module}.{last}")


def test_what_needs_theano_says_so():
    with pytest.raises(AttributeError, match=r"works on Theano's symbolic graphs; .*PyTorch"):
        utils.function


def test_pairs_of_sequences_have_one_length():
    assert list(utils.safe_zip([1, 2], "ab")) == [(1, "a"), (2, "b")]
    with pytest.raises(ValueError, match="argument 0 has length 1, but argument 1 has length 2"):
        utils.safe_zip([1], "ab")


def test_unions_and_parts():
    assert utils.safe_union([1, 2], [2, 3]) == [1, 2, 3]
    assert utils.safe_update({1: 2}, {3: 4}) == {1: 2, 3: 4}
    with pytest.raises(KeyError):
        utils.safe_update({1: 2}, {1: 4})
    assert utils.subdict({1: 2, 3: 4}, [3, 5]) == {3: 4}
    assert (first_key({5: 6}), first_value({5: 6})) == (5, 6)


def test_numbers_that_are_none_are_found():
    assert utils.contains_nan(np.array([1, np.nan]))
    assert not utils.contains_nan(np.array([np.inf, -np.inf]))
    assert utils.contains_inf(np.array([1, np.inf]))
    assert utils.isfinite(np.ones(3))
    assert not utils.isfinite(np.array([np.nan]))


def test_numbers_have_the_float_type():
    assert utils.as_floatX(np.arange(3)).dtype == np.float32
    assert utils.as_floatX(1).dtype == np.float32
    assert utils.as_floatX(torch.ones(2, dtype=torch.float64)).dtype is torch.float32
    shared = utils.sharedX(np.ones((2, 2)), name="W")
    assert isinstance(shared, torch.nn.Parameter)
    assert MatrixMul(shared).lmul(torch.eye(2)).tolist() == [[1, 1], [1, 1]]
    assert not utils.block_gradient(shared).requires_grad


def test_a_task_is_timed(caplog):
    took = []
    caplog.set_level(logging.INFO)
    with log_timing(logging.getLogger(), "work", callbacks=[took.append]):
        pass
    assert [record.getMessage()[:12] for record in caplog.records] == ["work...", "work done. T"]
    assert took[0] >= 0


def test_an_exception_is_raised_in_place_of_another():
    def fail():
        try:
            {}["x"]
        except KeyError:
            reraise_as(ValueError("better"))

    with pytest.raises(ValueError, match="better") as caught:
        fail()
    assert isinstance(caught.value.__cause__, KeyError)
    assert "PYLEARN2_DATA_PATH" in str(NoDataPathError())


@pytest.mark.parametrize("mode", ["stack", "concatenate", "merge"])
def test_labels_become_one_hot(mode):
    labels = np.array([[0, 2], [1, 1]])
    stacked = np.eye(3)[labels]
    expected = {
        "stack": stacked,
        "concatenate": stacked.reshape(2, 6),
        "merge": np.array([[1, 0, 1], [0, 1, 0]]),
    }[mode]
    np.testing.assert_array_equal(OneHotFormatter(3).format(labels, mode), expected)
    if mode != "stack":
        sparse = OneHotFormatter(3).format(labels, mode, sparse=True)
        np.testing.assert_array_equal(sparse.toarray(), expected)


def test_labels_that_occur_become_one_hot():
    assert convert_to_one_hot([1, 0]).tolist() == [[0, 1], [1, 0]]
    hot, occurring = compressed_one_hot([7, 3, 9])
    assert (hot.tolist(), occurring.tolist()) == ([[0, 1, 0], [1, 0, 0], [0, 0, 1]], [3, 7, 9])
    assert compressed_one_hot([7, 3])[0].tolist() == [[1], [0]]
    with pytest.raises(TypeError, match="must be integers"):
        convert_to_one_hot([0.5])
    with pytest.raises(ValueError, match="they must be 0 to 1"):
        OneHotFormatter(2).format(np.array([2]))


def test_files_of_mnist_are_read(tmp_path):
    (tmp_path / "images").write_bytes(
        bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255])
    )
    (tmp_path / "labels").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    path = str(tmp_path / "images")
    assert read_mnist_images(path).tolist() == [[[0, 255]]]
    assert read_mnist_images(path, "float32").tolist() == [[[0, 1]]]
    assert read_mnist_images(path, "bool").tolist() == [[[False, True]]]
    assert read_mnist_labels(str(tmp_path / "labels")).tolist() == [7, 9]
    with pytest.raises(ValueError, match="not of 3 axes"):
        read_mnist_images(tmp_path / "labels")


def test_datasets_ask_for_their_files():
    assert control.get_load_data()
    control.push_load_data(False)
    assert not control.get_load_data()
    control.pop_load_data()
    assert cache.datasetCache.cache_file("x.npy") == "x.npy"
    assert make_np_rng(None, 3, which_method="uniform").uniform() == make_np_rng(3).uniform()


def test_costs_of_ones_own_say_what_they_take(mlp):
    class Mine(DefaultDataSpecsMixin):
        supervised = True

    space, sources = Mine().get_data_specs(mlp)
    assert sources == ("features", "targets")
    assert space.components == (mlp.get_input_space(), mlp.get_target_space())
    Mine.supervised = False
    assert Mine().get_data_specs(mlp) == (mlp.get_input_space(), "features")
    assert NullDataSpecsMixin().get_data_specs(mlp)[1] == ""
