"""Models of one's own have their parameters as they say, in memory, in files and in training."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from pylearn2_jobman.naming.signatures import signature
from pylearn2_jobman.pylearn2.costs.cost import MethodCost
from pylearn2_jobman.pylearn2.linear.matrixmul import MatrixMul
from pylearn2_jobman.pylearn2.models.autoencoder import Autoencoder
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    ConvElemwise,
    IdentityConvNonlinearity,
    Layer,
    Linear,
    Sigmoid,
    Softmax,
)
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Conv2DSpace, VectorSpace
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils import sharedX


class Forgetful(Model):
    """Calls no constructor, and lists its parameters as people did in 2013."""

    def __init__(self, nvis, scale=1.0):
        self.W = nn.Parameter(torch.full((nvis,), scale))
        self.b = nn.Parameter(torch.zeros(1))
        self.unused = nn.Parameter(torch.zeros(3))
        self._params = [self.b, self.W]
        self.input_space = VectorSpace(nvis)

    def loss(self, X):
        return ((X @ self.W + self.b - 1) ** 2).mean()


class Late(Forgetful):
    """Calls the constructor when it has its parameters already."""

    def __init__(self, nvis):
        Forgetful.__init__(self, nvis)
        del self._params
        Model.__init__(self)

    def get_params(self):
        return [self.W, *super().get_params()[1:2]]


def names(model):
    return [name for name, _ in model.named_params()]


def train(model, dataset):
    algorithm = SGD(
        learning_rate=0.01,
        batch_size=10,
        cost=MethodCost("loss"),
        termination_criterion=EpochCounter(1),
        monitoring_dataset=dataset,
    )
    Train(dataset, model, algorithm).main_loop()


@pytest.mark.parametrize(("made", "order"), [(Forgetful, ["b", "W"]), (Late, ["W", "b"])])
def test_a_model_lists_its_own_parameters(made, order, blobs):
    model = made(3)
    assert names(model) == order
    before = model.get_param_values()
    train(model, blobs)
    assert all(np.any(a != b) for a, b in zip(before, model.get_param_values(), strict=True))
    loaded = pickle.loads(pickle.dumps(model))
    assert names(loaded) == order
    loaded.set_param_values([np.zeros(value.shape) for value in before])
    assert not loaded.W.any()
    assert not loaded.b.any()


def test_what_it_takes_is_told():
    assert str(signature(Forgetful)) == "(nvis, scale=1.0)"


class Half(Sigmoid):
    def get_params(self):
        return [self.W]


def test_a_layer_lists_its_own_parameters():
    mlp = MLP(
        nvis=3,
        layers=[
            Half(layer_name="h", dim=2, irange=0.1),
            Softmax(layer_name="y", n_classes=2, irange=0.1),
        ],
    )
    assert names(mlp) == ["h_W", "softmax_b", "softmax_W"]
    assert mlp.get_params()[0] is mlp.layers[0].W


def test_an_mlp_may_get_its_input_space_later():
    def layers():
        return [Linear(layer_name="y", dim=2, irange=0.1)]

    later, at_once = MLP(layers=layers(), seed=5), MLP(layers=layers(), seed=5, nvis=3)
    with pytest.raises(ValueError, match="this MLP has no input_space yet"):
        later.get_input_space()
    later.set_input_space(VectorSpace(3))
    np.testing.assert_array_equal(later.get_param_vector(), at_once.get_param_vector())


class Rectifier(Layer):
    """A layer as people wrote it in 2013: by ``fprop``, with its list of parameters."""

    def __init__(self, dim, layer_name):
        super().__init__()
        self.__dict__.update(locals())
        del self.self

    def set_input_space(self, space):
        self.input_space, self.output_space = space, VectorSpace(self.dim)
        W = self.mlp.rng.randn(space.dim, self.dim) / 10
        self.transformer = MatrixMul(sharedX(W, self.layer_name + "_W"))

    def get_params(self):
        return self.transformer.get_params()

    def fprop(self, state_below):
        return self.transformer.lmul(state_below).clamp(min=0)

    def get_layer_monitoring_channels(self, state_below=None, state=None, targets=None):
        return {"mean": state.mean()}

    def cost(self, Y, Y_hat):
        return ((Y - Y_hat) ** 2).mean()


class Shifted(Linear):
    """A layer that goes on from one of pylearn2's, and calls it as that was called."""

    def set_input_space(self, space):
        super().set_input_space(space)
        self.shift = 1.0

    def get_output_space(self):
        assert self.shift
        return super().get_output_space()

    def get_layer_monitoring_channels(self, state_below=None, state=None, targets=None):
        channels = super().get_layer_monitoring_channels(state_below, state, targets)
        return {**channels, "shift": self.shift}


def test_layers_of_2013_train_are_resumed_and_come_back_from_files(blobs):
    model = MLP([Rectifier(4, "h0"), Shifted(5, "h1", irange=0.1), Rectifier(2, "y")], nvis=3)
    before = model.get_param_values()
    algorithm = SGD(0.1, batch_size=10, monitoring_dataset=blobs)
    algorithm.termination_criterion = EpochCounter(1)
    train = Train(blobs, model, algorithm)
    train.main_loop()
    assert names(model) == ["h0_W", "h1_W", "h1_b", "y_W"]
    assert not any((a == b).all() for a, b in zip(before, model.get_param_values(), strict=True))
    assert model.monitor.channels["h1_shift"].val_record == [1.0, 1.0]
    assert set(train.state_dict()["model"]["parameters"]) > {"layers.0.transformer._W"}
    other = pickle.loads(pickle.dumps(model))
    assert other.layers[0].get_mlp() is other
    X = torch.ones(2, 3)
    assert (other.fprop(X) == model.fprop(X)).all()
    X = torch.ones(2, 4)
    assert (model.layers[1].transformer.lmul(X) == X @ model.layers[1].W).all()


@pytest.mark.parametrize("hook", ["modify_updates", "_modify_updates", "censor_updates"])
def test_a_class_changes_the_values_that_a_step_gives(hook, blobs):
    def positive(self, updates):
        updates[self.W] = updates[self.W].clamp(min=0)

    kind = type("Positive", (Linear,), {hook: positive})
    model = MLP([kind(2, "y", irange=0.1, max_col_norm=0.2)], nvis=3)
    algorithm = SGD(0.01, batch_size=10, termination_criterion=EpochCounter(1))
    Train(blobs, model, algorithm).main_loop()
    W = model.layers[0].get_weights()
    assert W.min() == 0
    assert 0 < np.linalg.norm(W, axis=0).max() < 0.2001


def test_weights_and_biases_are_asked_for_and_set():
    images = Conv2DSpace((4, 3), num_channels=2)
    conv = ConvElemwise(5, (2, 2), "h0", IdentityConvNonlinearity(), irange=0.1)
    model = MLP([conv, Softmax(3, "y", irange=0.1)], input_space=images)
    kernels = model.get_weights_topo()
    assert kernels.shape == (5, 2, 2, 2)
    assert (kernels[1, :, :, 0] == conv.W.get_value()[1, 0]).all()
    with pytest.raises(NotImplementedError, match=r"ask it for get_weights_topo\(\)"):
        model.get_weights()
    softmax = model.layers[-1]
    softmax.set_weights(np.zeros_like(softmax.get_weights()))
    softmax.set_biases([1, 2, 3])
    assert not softmax.get_weights().any()
    assert softmax.get_biases().tolist() == [1, 2, 3]
    assert softmax.get_weights_format() == ("v", "h")
    flat = MLP([Linear(6, "h", irange=0.1)], input_space=images)
    assert flat.get_weights_topo().shape == (6, 4, 3, 2)
    with pytest.raises(NotImplementedError, match="ask the dataset for get_weights_view"):
        MLP([Linear(6, "h", irange=0.1)], nvis=4).get_weights_topo()
    with pytest.raises(NotImplementedError, match="a Softmax has no W"):
        MLP([Softmax(4, "y", no_affine=True)], nvis=4).get_weights()
    assert Autoencoder(4, 3, "tanh", None).get_weights().shape == (4, 3)


def test_parameters_that_are_one_are_one_in_files():
    model = Model()
    model.W = sharedX(np.eye(3), "W")
    model.transformer = MatrixMul(model.W)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.transformer.get_params()[0] is other.W
        assert [param.name for param in other.parameters()] == ["W"]
