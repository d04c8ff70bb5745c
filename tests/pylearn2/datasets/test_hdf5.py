"""Arrays in HDF5 files are trained on as those in memory are."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.hdf5 import HDF5Dataset
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.space import Conv2DSpace, VectorSpace
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

h5py = pytest.importorskip("h5py", reason="the extra hdf5 is not installed")

X = np.random.RandomState(0).rand(23, 4)
Y = np.eye(3)[np.arange(23) % 3]
SOURCES = {"sources": ["data", "labels"], "aliases": ["features", "targets"]}


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["data"], file["labels"], file["images"] = X, Y, X.reshape(23, 2, 2, 1)
    return str(tmp_path / "x.h5")


def trained(dataset):
    model = MLP(nvis=4, layers=[Softmax(layer_name="y", n_classes=3, irange=0.1)])
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=5,
        monitoring_dataset=dataset,
        termination_criterion=EpochCounter(2),
    )
    Train(dataset, model, algorithm).main_loop()
    return model.get_param_vector()


@pytest.mark.parametrize("load_all", [False, True])
@pytest.mark.parametrize("how", [{"X": "data", "y": "labels"}, SOURCES])
def test_a_file_is_trained_on(path, how, load_all):
    dataset = HDF5Dataset(path, load_all=load_all, cache_size=1 << 20, **how)
    assert dataset.get_num_examples() == dataset.get_num_examples("targets") == 23
    np.testing.assert_array_equal(trained(dataset), trained(DenseDesignMatrix(X=X, y=Y)))


def test_examples_come_in_any_order(path):
    dataset = HDF5Dataset(path, sources=["data"], spaces=[VectorSpace(4)])
    (rows,) = dataset.get(("data",), [5, 1, 5])
    np.testing.assert_array_equal(rows, X[[5, 1, 5]])


def test_images_are_images(path):
    space = Conv2DSpace([2, 2], num_channels=1)
    dataset = HDF5Dataset(path, sources=["images"], spaces=[space], aliases=["features"])
    wanted = space.with_axes(("c", 0, 1, "b"))
    batch = next(dataset.iterator("sequential", 6, data_specs=(wanted, "features")))
    expected = X[:6].reshape(6, 2, 2, 1).transpose(3, 1, 2, 0)
    np.testing.assert_allclose(batch, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": "date"}, "has no array 'date'; did you mean 'data'"),
        ({}, "needs sources"),
        ({"sources": ["data"], "spaces": []}, "needs sources, and a space"),
        ({"topo_view": "images"}, "does not take topo_view any more"),
    ],
)
def test_what_is_missing_is_said(path, arguments, message):
    with pytest.raises(ValueError, match=message):
        HDF5Dataset(path, **arguments)
