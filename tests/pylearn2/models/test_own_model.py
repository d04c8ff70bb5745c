"""Models of one's own have their parameters as they say, in memory, in files and in training."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from pylearn2_jobman.naming.signatures import signature
from pylearn2_jobman.pylearn2.costs.cost import MethodCost
from pylearn2_jobman.pylearn2.models.mlp import MLP, Linear, Sigmoid, Softmax
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import VectorSpace
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


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
