"""The layers that pools, windows, conversions and extensions are made of."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.mlp.missing_target_cost import MissingTargetCost
from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension
from pylearn2_jobman.pylearn2.model_extensions.norm_constraint import (
    ConstrainFilterL2Norm,
    ConstrainFilterMaxNorm,
    MaxL2FilterNorm,
)
from pylearn2_jobman.pylearn2.models.maxout import Maxout
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    Linear,
    Sigmoid,
    Softmax,
    SoftmaxPool,
    SpaceConverter,
    Tanh,
    WindowLayer,
)
from pylearn2_jobman.pylearn2.space import Conv2DSpace, VectorSpace

RNG = np.random.RandomState(0)
X = torch.tensor(RNG.randn(6, 4), dtype=torch.float32)


def values(layer):
    return [value.astype(float) for value in layer.get_param_values()]


@pytest.mark.parametrize("pool_size", [1, 3])
def test_a_pool_is_on_when_one_of_its_units_is(pool_size):
    layer = SoftmaxPool(6, "h", pool_size, irange=1.0, init_bias=0.1)
    mlp = MLP(nvis=4, layers=[layer])
    W, b = values(layer)
    z = (X.numpy() @ W + b).reshape(6, -1, pool_size)
    off = 1 / (1 + np.exp(z).sum(2))
    np.testing.assert_allclose(mlp.fprop(X).detach(), 1 - off, rtol=1e-5)
    channels = mlp.get_monitoring_channels((X, None))
    prefix = "h_p_" if pool_size == 3 else "h_"
    assert channels[f"{prefix}max_x.max_u"].item() == pytest.approx((1 - off).max())
    assert mlp.get_output_space() == VectorSpace(6 // pool_size)
    with pytest.raises(ValueError, match="7 columns make no pools of 3"):
        SoftmaxPool(7, "h", 3)


@pytest.mark.parametrize("axes", [("b", 0, 1, "c"), ("c", 0, 1, "b")])
def test_a_window_of_images_becomes_vectors(axes):
    space = Conv2DSpace([4, 5], num_channels=2, axes=axes)
    images = RNG.rand(3, 4, 5, 2).astype(np.float32)
    mlp = MLP(
        input_space=space,
        layers=[
            WindowLayer("w", [1, 0, 2, 3]),
            SpaceConverter("v", VectorSpace(16)),
            Softmax(layer_name="y", n_classes=2, irange=0.1),
        ],
    )
    batch = torch.tensor(Conv2DSpace.convert_numpy(images, ("b", 0, 1, "c"), axes))
    vectors = mlp.layers[1].fprop(mlp.layers[0].fprop(batch))
    np.testing.assert_array_equal(vectors, images[:, 1:3, :4].reshape(3, 16))
    assert mlp.fprop(batch).shape == (3, 2)


def test_a_window_outside_of_the_images_is_refused():
    with pytest.raises(ValueError, match="it must be the first row and column"):
        WindowLayer("w", [2, 0, 1, 3])
    space = Conv2DSpace([2, 2], num_channels=1)
    with pytest.raises(ValueError, match="does not lie in images"):
        MLP(input_space=space, layers=[WindowLayer("w", [0, 0, 2, 1])])
    with pytest.raises(TypeError, match="takes images"):
        MLP(nvis=3, layers=[WindowLayer("w", [0, 0, 2, 1])])


def errors(kind, Y, Z):
    if kind is Linear:
        return (Y - Z) ** 2
    return Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z)


@pytest.mark.parametrize("kind", [Linear, Sigmoid])
def test_targets_that_are_missing_cost_nothing(kind):
    mlp = MLP(nvis=4, layers=[kind(layer_name="y", dim=3, irange=0.5)])
    W, b = values(mlp)
    Y = RNG.randint(-1, 2, (6, 3)).astype(np.float32)
    by_hand = (errors(kind, Y, X.numpy() @ W + b) * (Y != -1)).sum(1).mean()
    cost = MissingTargetCost().expr(mlp, (X, torch.tensor(Y)))
    assert cost.item() == pytest.approx(by_hand, rel=1e-5)
    dropped = MissingTargetCost(dropout_args={"default_input_include_prob": 0.5})
    assert dropped.expr(mlp, (X, torch.tensor(Y))).item() != pytest.approx(by_hand, rel=1e-3)


def test_targets_may_not_be_missing_of_a_softmax():
    mlp = MLP(nvis=4, layers=[Softmax(layer_name="y", n_classes=3, irange=0.5)])
    with pytest.raises(ValueError, match=r"'y' is a Softmax, .* wants a Linear or Sigmoid"):
        MissingTargetCost().expr(mlp, (X, torch.zeros(6, 3)))


class Halves(ModelExtension):
    def post_modify_updates(self, updates, model):
        updates[model.b] = updates[model.b] / 2


LAYERS = [
    lambda **kwargs: Tanh(layer_name="h", dim=5, irange=3.0, init_bias=2.0, **kwargs),
    lambda **kwargs: Sigmoid(layer_name="h", dim=5, irange=3.0, init_bias=2.0, **kwargs),
    lambda **kwargs: Maxout("h", 5, 1, irange=3.0, init_bias=2.0, **kwargs),
]


@pytest.mark.parametrize("make", LAYERS)
def test_extensions_change_the_parameters_before_norms_are_limited(make):
    layer = make(
        extensions=[ConstrainFilterMaxNorm(2.0), MaxL2FilterNorm(2.5, axis=1), Halves()],
        max_col_norm=1.5,
    )
    MLP(nvis=4, layers=[layer])
    W, b = values(layer)
    W = W.clip(-2, 2)
    for axis, limit in ((1, 2.5), (0, 1.5)):
        norms = np.linalg.norm(W, axis=axis, keepdims=True)
        W = W * (norms.clip(max=limit) / norms)
    layer.enforce_constraints()
    np.testing.assert_allclose(layer.W.detach(), W, rtol=1e-5)
    np.testing.assert_allclose(layer.b.detach(), b / 2)


def test_a_least_norm_lifts_the_small_ones():
    layer = Linear(
        layer_name="y", dim=3, irange=0.1, extensions=[ConstrainFilterL2Norm(None, min_limit=0.2)]
    )
    MLP(nvis=4, layers=[layer])
    (W, _) = values(layer)
    norms = np.linalg.norm(W, axis=0)
    layer.enforce_constraints()
    np.testing.assert_allclose(layer.W.detach(), W * (norms.clip(min=0.2) / norms), rtol=1e-5)
    with pytest.raises(ValueError, match="the largest norm, 1, is below the smallest one, 2"):
        ConstrainFilterL2Norm(1, min_limit=2)
