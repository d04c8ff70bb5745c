"""Gradients by the steps backward are autograd's to the last bit, and where autograd serves."""

import itertools
from functools import partial

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost, MethodCost, SumOfCosts
from pylearn2_jobman.pylearn2.costs.mlp import Default, L1WeightDecay, WeightDecay
from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout
from pylearn2_jobman.pylearn2.models.maxout import Maxout
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    Linear,
    RectifiedLinear,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord

IRANGE = {"irange": 0.5}
HIDDEN = {
    "nothing": [],
    "sigmoid": [partial(Sigmoid, dim=17, **IRANGE)],
    "tanh": [partial(Tanh, dim=17, **IRANGE)],
    "rectifier": [partial(RectifiedLinear, dim=17, **IRANGE)],
    "leaky": [partial(RectifiedLinear, dim=17, left_slope=0.1, **IRANGE)],
    "maxout": [partial(Maxout, num_units=6, num_pieces=3, **IRANGE)],
    "overlapping": [
        partial(Maxout, num_units=6, num_pieces=3, pool_stride=1, min_zero=True, **IRANGE)
    ],
    "ties": [partial(Maxout, num_units=6, num_pieces=3, irange=0.0, min_zero=True)],
    "several": [
        partial(Linear, dim=9, use_bias=False, **IRANGE),
        partial(Softmax, n_classes=8, **IRANGE),
        partial(Tanh, dim=1, **IRANGE),
        partial(Sigmoid, dim=7, **IRANGE),
    ],
}
LAST = {
    "softmax": partial(Softmax, n_classes=4, **IRANGE),
    "nonredundant": partial(Softmax, n_classes=4, non_redundant=True, **IRANGE),
    "labels": partial(Softmax, n_classes=4, binary_target_dim=2, **IRANGE),
    "sigmoid": partial(Sigmoid, dim=4, **IRANGE),
    "squares": partial(Linear, dim=4, **IRANGE),
    "absolute": partial(Linear, dim=4, use_abs_loss=True, use_bias=False, **IRANGE),
}
DECAYS = [WeightDecay([0.3, 0.0]), L1WeightDecay({"y": 0.7})]
COSTS = {
    "default": Default(),
    "method": MethodCost("cost_from_X"),
    "dropout": Dropout(input_include_probs={"y": 0.8}, input_scales={"y": 1.25}),
    "some": Dropout(None, {"y": 0.5}, per_example=False),
    "sum": SumOfCosts([[0.3, Default()], [0.1, DECAYS[0]], [1.7, DECAYS[1]]]),
    "nested": SumOfCosts([[0.3, SumOfCosts([[0.7, Dropout()], DECAYS[0]])], DECAYS[1], Default()]),
}


def batch(model, examples, dtype):
    rng = np.random.RandomState(examples)
    X = torch.tensor(rng.randn(examples, 13), dtype=dtype)
    if getattr(model.layers[-1], "binary_target_dim", None):
        return X, torch.tensor(rng.randint(0, 4, (examples, 2)))
    return X, torch.tensor(rng.rand(examples, 4), dtype=dtype)  # its rows do not sum to 1


def build(hidden, last):
    layers = [layer(layer_name=f"h{i}") for i, layer in enumerate(hidden)]
    return MLP(nvis=13, layers=[*layers, last(layer_name="y")])


def by_autograd(cost, model, data):
    return torch.autograd.grad(cost.expr(model, data), model.get_params(), materialize_grads=True)


def with_the_same_masks(function, model, *data):
    """What a function gives for some batches, one after the other, in the same random streams."""
    model.rng.seed(5)
    tape = RandomCallRecord()
    results = []
    for each in data:
        with tape.evaluation():
            results.append(function(each))
    return results


def assert_same_bits(cost, model, dtype):
    assert cost.has_backward(model)
    data = [batch(model, examples, dtype) for examples in (20, 20, 7, 1)]
    ours = with_the_same_masks(partial(cost.get_gradients, model), model, *data)
    autograds = with_the_same_masks(partial(by_autograd, cost, model), model, *data)
    for mine, theirs in zip(ours, autograds, strict=True):
        for one, other, param in zip(mine, theirs, model.get_params(), strict=True):
            assert one.shape == param.shape
            assert one.dtype == dtype
            assert torch.equal(one, other)


@pytest.mark.parametrize(("hidden", "last"), list(itertools.product(HIDDEN, LAST)))
@pytest.mark.parametrize("floatx", ["float32", "float64"])
def test_gradients_are_those_of_autograd_to_the_last_bit(hidden, last, floatx, monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", floatx)
    model = build(HIDDEN[hidden], LAST[last])
    for name, cost in COSTS.items():
        # All costs with one layer of each kind; the coefficients are of two layers.
        if name == "default" or ("sigmoid" in (hidden, last) and len(HIDDEN[hidden]) == 1):
            assert_same_bits(cost, model, getattr(torch, floatx))


@pytest.mark.parametrize("first", [0, 1, 2])
def test_terms_are_added_in_autograds_order(first, monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float32")
    terms = [[0.3, Default()], [0.1, DECAYS[0]], [0.7, WeightDecay([0.11, 0.13])]]
    cost = SumOfCosts(terms[first:] + terms[:first])
    assert_same_bits(cost, build(HIDDEN["sigmoid"], LAST["softmax"]), torch.float32)


def test_weights_may_lie_in_memory_by_rows_and_be_frozen_or_shared(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float32")
    model = build([partial(Tanh, dim=13, **IRANGE)] * 2, LAST["softmax"])
    first, second, last = model.layers
    first.W = torch.nn.Parameter(first.W.detach().clone(memory_format=torch.contiguous_format))
    assert_same_bits(Default(), model, torch.float32)
    second.W = first.W
    assert_same_bits(Default(), model, torch.float32)
    last.W.requires_grad_(False)
    assert_same_bits(Default(), model, torch.float32)
    assert len(model.get_params()) == 5  # the shared one twice


class Doubled(Sigmoid):
    def activation(self, Z):
        return 2 * super().activation(Z)


class Shifted(Sigmoid):
    def fprop(self, X):
        return super().fprop(X) + 1


class Scaled(Sigmoid):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.scale = torch.nn.Parameter(torch.ones(()))

    def get_weights_to_decay(self):
        return self.W * self.scale


class Sharper(Softmax):
    def cost(self, Y, Z):
        return super().cost(Y, 2 * Z)


class Twice(MLP):
    def preactivation(self, X):
        return super().preactivation(2 * X)


class Halved(Default):
    def expr(self, model, data):
        return 0.5 * super().expr(model, data)


class Half(Default):
    def get_gradients(self, model, data):
        return tuple(0.5 * gradient for gradient in super().get_gradients(model, data))


class Whole(Dropout):
    def drop(self, X, layer_name, rng):
        return X


class Cubes(WeightDecay):
    def size(self, W):
        return (W**3).sum()


def with_hook(model):
    model.layers[0].W.register_hook(lambda gradient: 2 * gradient)
    return model


def with_weight_norm(model):
    torch.nn.utils.parametrizations.weight_norm(model.layers[0], "W")
    return model


def with_own_activation(model):
    model.layers[0].activation = torch.sin
    return model


def with_layers(*layers, kind=MLP):
    return kind(nvis=13, layers=[layer(layer_name=f"l{i}") for i, layer in enumerate(layers)])


SOFTMAX, SIGMOID = LAST["softmax"], HIDDEN["sigmoid"][0]


@pytest.mark.parametrize(
    ("build", "cost"),
    [
        (lambda: with_layers(partial(Doubled, dim=5, **IRANGE), SOFTMAX), Default()),
        (lambda: with_layers(partial(Shifted, dim=5, **IRANGE), SOFTMAX), Default()),
        (lambda: with_layers(partial(Softplus, dim=5, **IRANGE), SOFTMAX), Default()),
        (lambda: with_layers(partial(Sharper, n_classes=4, **IRANGE)), Default()),
        (lambda: with_layers(partial(Scaled, dim=4, **IRANGE)), WeightDecay([0.5])),
        (lambda: with_layers(SIGMOID, SOFTMAX, kind=Twice), Default()),
        (lambda: with_layers(SIGMOID, SOFTMAX, kind=Twice), Dropout()),
        (lambda: with_layers(SIGMOID, SOFTMAX), Halved()),
        (lambda: with_layers(SIGMOID, SOFTMAX), SumOfCosts([Default(), Halved()])),
        (lambda: with_layers(SIGMOID, SOFTMAX), Whole()),
        (lambda: with_layers(SIGMOID, SOFTMAX), Cubes([1.0, 1.0])),
        (lambda: with_weight_norm(with_layers(SIGMOID, SOFTMAX)), Default()),
        (lambda: with_own_activation(with_layers(SIGMOID, SOFTMAX)), Default()),
        (
            lambda: with_layers(partial(MLP, layers=[SIGMOID(layer_name="inner")]), SOFTMAX),
            Default(),
        ),
    ],
)
def test_what_is_redefined_or_has_no_step_backward_goes_through_autograd(build, cost):
    model = build()
    assert not cost.has_backward(model)
    data = [batch(model, 20, torch.float32)]
    (ours,) = with_the_same_masks(partial(cost.get_gradients, model), model, *data)
    (autograds,) = with_the_same_masks(partial(by_autograd, cost, model), model, *data)
    assert all(torch.equal(*pair) for pair in zip(ours, autograds, strict=True))


def test_a_patched_class_goes_through_autograd(monkeypatch):
    monkeypatch.setattr(Sigmoid, "activation", lambda layer, Z: Z.sin())
    model = build(HIDDEN["sigmoid"], SOFTMAX)
    assert not Default().has_backward(model)


def test_hooks_of_parameters_are_called():
    model, hooked = (build(HIDDEN["sigmoid"], SOFTMAX) for _ in range(2))
    data = batch(model, 20, torch.float32)
    plain = Default().get_gradients(model, data)
    doubled = Default().get_gradients(with_hook(hooked), data)
    torch.testing.assert_close(doubled[0], 2 * plain[0])


def test_gradients_that_a_cost_defines_are_its_own_in_a_sum_too():
    model = build(HIDDEN["sigmoid"], SOFTMAX)
    data = batch(model, 20, torch.float32)
    plain = Default().get_gradients(model, data)
    for cost, factor in ((Half(), 0.5), (SumOfCosts([Default(), [2.0, Half()]]), 2.0)):
        for mine, expected in zip(cost.get_gradients(model, data), plain, strict=True):
            torch.testing.assert_close(mine, factor * expected)


def test_a_cost_of_ones_own_needs_no_step_backward(mlp):
    class Squares(Cost):
        def expr(self, model, data):
            return sum(param.square().sum() for param in model.get_params())

    for gradient, param in zip(Squares().get_gradients(mlp, None), mlp.get_params(), strict=True):
        torch.testing.assert_close(gradient, 2 * param.detach())
