"""`Model.predict`: raw arrays, in the data's own axes, are preprocessed; labels or outputs come."""

import pickle

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import (
    PCA,
    ZCA,
    CentralWindow,
    ExtractGridPatches,
    GlobalContrastNormalization,
    Pipeline,
    Standardize,
)
from pylearn2_jobman.pylearn2.datasets.preprocessor import Preprocessor
from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.models.autoencoder import Autoencoder
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    CompositeLayer,
    ConvRectifiedLinear,
    Linear,
    Sigmoid,
    Softmax,
)
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, VectorSpace
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


def mlp(nvis, **settings):
    layers = [Sigmoid(layer_name="h", dim=3, irange=0.5), softmax()]
    return MLP(layers=layers, nvis=nvis, **settings)


def softmax(name="y"):
    return Softmax(layer_name=name, n_classes=3, irange=0.5)


def convolutional(axes=("b", 0, 1, "c"), channels=2, shape=(6, 6)):
    first = ConvRectifiedLinear(
        output_channels=2,
        kernel_shape=[2, 2],
        pool_shape=[1, 1],
        pool_stride=[1, 1],
        layer_name="c",
        irange=0.5,
    )
    space = Conv2DSpace(shape, num_channels=channels, axes=axes)
    return MLP(layers=[first, softmax()], input_space=space)


def images(number=9, shape=(6, 6), channels=2):
    return np.random.RandomState(0).uniform(size=(number, *shape, channels))


def trained_on(model, dataset):
    """Return a model as it comes out of its file, after it was given to a Train."""
    dataset.y = np.zeros((dataset.get_num_examples(), 3)) if dataset.y is None else dataset.y
    Train(dataset, model, SGD(learning_rate=0.1, batch_size=3))
    return pickle.loads(pickle.dumps(model))


def test_labels_are_those_of_the_largest_probability_in_batches_of_any_size():
    model = mlp(4)
    X = np.random.RandomState(0).normal(size=(7, 4))
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (7, 3)
    assert probabilities.sum(1) == pytest.approx(np.ones(7))
    labels = model.predict(X)
    assert labels.dtype == np.int64
    assert labels.tolist() == probabilities.argmax(1).tolist()
    assert model.predict_proba(X, batch_size=2) == pytest.approx(probabilities)
    assert model.predict(X.tolist(), batch_size=3).tolist() == labels.tolist()


def test_a_model_of_one_batch_size_takes_any_number_of_examples():
    free, forced = mlp(4), mlp(4, batch_size=3)
    X = np.random.RandomState(0).normal(size=(7, 4))
    assert forced.predict_proba(X) == pytest.approx(free.predict_proba(X))


def test_other_outputs_come_as_they_are():
    X = np.random.RandomState(0).normal(size=(5, 4))
    line = MLP(layers=[Linear(layer_name="y", dim=2, irange=0.5)], nvis=4)
    assert line.predict(X) == pytest.approx(X @ line.layers[0].get_weights(), abs=1e-6)
    autoencoder = Autoencoder(nvis=4, nhid=2, act_enc="tanh", act_dec=None)
    assert autoencoder.predict(X) == pytest.approx(autoencoder.perform(X))
    several = MLP(
        layers=[CompositeLayer("both", [softmax("a"), Linear(layer_name="b", dim=2, irange=0.5)])],
        nvis=4,
    )
    labels, values = several.predict(X)
    assert labels.shape == (5,)
    assert values.shape == (5, 2)


def test_several_inputs_are_a_tuple():
    space = CompositeSpace([VectorSpace(2), VectorSpace(3)])
    layers = [
        CompositeLayer(
            "both",
            [Linear(layer_name=name, dim=2, irange=0.5) for name in "ab"],
            inputs_to_layers={0: [0], 1: [1]},
        ),
        softmax(),
    ]
    model = MLP(layers=layers, input_space=space, input_source=("left", "right"), batch_size=4)
    left, right = np.ones((6, 2)), np.ones((6, 3))
    assert model.predict((left, right)).shape == (6,)


@pytest.mark.parametrize("axes", [("b", 0, 1, "c"), ("c", 0, 1, "b"), ("b", "c", 0, 1)])
def test_images_are_in_the_axes_of_the_data(axes):
    topo = Conv2DSpace.convert_numpy(images(), ("b", 0, 1, "c"), axes)
    dataset = DenseDesignMatrix(topo_view=topo, axes=axes)
    model = trained_on(convolutional(), dataset)
    expected = model.predict_proba(dataset)  # as it is
    assert model.predict_proba(topo) == pytest.approx(expected)
    assert model.predict_proba(dataset.X) == pytest.approx(expected)


def test_without_data_images_are_in_the_axes_of_the_input():
    model = convolutional(axes=("c", 0, 1, "b"))
    other = convolutional()
    topo = images()
    assert model.predict_proba(topo.transpose(3, 1, 2, 0)) == pytest.approx(
        other.predict_proba(topo)
    )


def test_the_axis_of_a_single_channel_may_be_left_out():
    topo = images(channels=1)
    model = trained_on(convolutional(channels=1), DenseDesignMatrix(topo_view=topo))
    assert model.predict_proba(topo[..., 0]) == pytest.approx(model.predict_proba(topo))
    flat = mlp(36)
    assert flat.predict(topo[..., 0]).tolist() == flat.predict(topo.reshape(9, -1)).tolist()


class Halved(Preprocessor):
    """Somebody's own, which cannot be pickled."""

    def __init__(self):
        self.halve = lambda X: X / 2

    def apply(self, dataset, can_fit=False):
        dataset.set_design_matrix(self.halve(dataset.get_design_matrix()))


@pytest.mark.parametrize(
    "preprocessor",
    [
        Standardize(),
        ZCA(),
        PCA(5),
        GlobalContrastNormalization(sqrt_bias=10.0, use_std=True),
        Pipeline([GlobalContrastNormalization(), Standardize(), PCA(5, whiten=True)]),
    ],
    ids=lambda preprocessor: type(preprocessor).__name__,
)
def test_raw_examples_are_preprocessed_as_the_data_were(preprocessor, monkeypatch):
    topo = images(30)
    dataset = DenseDesignMatrix(topo_view=topo)
    raw = dataset.X
    dataset.apply_preprocessor(preprocessor, can_fit=True)
    assert dataset.X.shape != raw.shape or not np.allclose(dataset.X, raw)
    model = trained_on(mlp(dataset.X.shape[1]), dataset)
    expected = model.predict_proba(dataset)
    assert model.predict_proba(raw[:4]) == pytest.approx(expected[:4], abs=1e-5)
    assert model.predict_proba(topo[:4]) == pytest.approx(expected[:4], abs=1e-5)


def test_preprocessing_that_changes_the_images_sees_them_raw():
    topo = images(12, shape=(8, 8))
    dataset = DenseDesignMatrix(topo_view=topo, preprocessor=CentralWindow((6, 6)))
    model = trained_on(convolutional(), dataset)
    assert model.predict_proba(topo) == pytest.approx(model.predict_proba(dataset))


def test_the_models_below_are_part_of_the_preprocessing():
    raw = DenseDesignMatrix(
        X=np.random.RandomState(0).normal(size=(9, 4)), y=np.zeros((9, 3)), preprocessor=None
    )
    below = Autoencoder(nvis=4, nhid=5, act_enc="tanh", act_dec=None)
    dataset = TransformerDataset(raw, below)
    model = mlp(5)
    Train(dataset, model, SGD(learning_rate=0.1, batch_size=3))
    loaded = pickle.loads(pickle.dumps(model))
    assert loaded.predict_proba(raw.X) == pytest.approx(model.predict_proba(dataset))


def test_other_examples_are_an_error():
    dataset = DenseDesignMatrix(topo_view=images(4))
    dataset.apply_preprocessor(ExtractGridPatches((3, 3), (3, 3)))
    model = trained_on(mlp(18), dataset)
    with pytest.raises(ValueError, match="ExtractGridPatches, which makes other examples"):
        model.predict(images(2))


def test_a_model_is_saved_without_preprocessing_that_cannot_be(caplog):
    dataset = DenseDesignMatrix(X=np.ones((5, 4)), preprocessor=Halved())
    model = trained_on(mlp(4), dataset)
    assert "saved without the preprocessing of its data" in caplog.text
    assert len(model.predict(dataset)) == 5
    with pytest.raises(ValueError, match="could not be saved with it"):
        model.predict(dataset.X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones(4), r"shape \(4,\); its first axis is the examples"),
        (np.ones((2, 5)), r"takes 4 numbers an example; X has shape \(2, 5\)"),
        (np.ones((0, 4)), "no examples to predict for"),
    ],
)
def test_a_wrong_shape_is_named(X, message):
    with pytest.raises(ValueError, match=message):
        mlp(4).predict(X)
