"""Single kinds of layers compute what they are named after."""

import inspect
import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.pylearn2.config.yaml_parse import load
from pylearn2_jobman.pylearn2.models.maxout import Maxout
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    Linear,
    LinearGaussian,
    RectifiedLinear,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    beta_from_features,
    beta_from_targets,
    mean_of_targets,
)
from pylearn2_jobman.pylearn2.models.softmax_regression import SoftmaxRegression
from pylearn2_jobman.pylearn2.space import VectorSpace


def built(layer, nvis=4):
    MLP(nvis=nvis, layers=[layer])
    return layer


def test_softplus_is_exact_far_from_zero():
    layer = built(Softplus(layer_name="h", dim=3, irange=0.1))
    Z = torch.tensor([[-30.0, 0.0, 30.0]], dtype=torch.float64)
    np.testing.assert_allclose(layer.activation(Z), np.logaddexp(0, Z.numpy()), rtol=1e-12)


def test_a_maxout_unit_is_the_largest_of_its_neighbouring_columns():
    layer = built(Maxout(layer_name="h", num_units=2, num_pieces=3, irange=0.1))
    Z = torch.tensor([[1.0, 5.0, 2.0, -3.0, -1.0, -2.0]])
    assert layer.activation(Z).tolist() == [[5, -1]]
    assert layer.get_output_space().dim == 2


def test_maxout_pieces_may_overlap_and_zero_may_be_one():
    layer = built(
        Maxout(layer_name="h", num_units=2, num_pieces=3, pool_stride=1, irange=0.1, min_zero=True)
    )
    Z = torch.tensor([[1.0, 5.0, 2.0, -3.0, -1.0, -2.0]])
    assert layer.activation(Z).tolist() == [[5, 5, 2, 0]]
    assert layer.get_output_space().dim == 4


def test_maxout_weights_are_masked_and_limited():
    mask = np.ones((4, 4))
    mask[0] = 0
    layer = built(
        Maxout("h", num_units=2, num_pieces=2, irange=9.0, mask_weights=mask, max_col_norm=1.0)
    )
    layer.enforce_constraints()
    assert (layer.W[0] == 0).all()
    assert layer.W.norm(dim=0).max() <= 1.0001


def test_maxout_pieces_may_be_columns_drawn_at_random():
    rng = np.random.RandomState(3)
    layer = Maxout("h", num_units=3, num_pieces=2, irange=1.0, randomize_pools=True)
    layer.set_input_space(VectorSpace(4), np.random.RandomState(3))
    W = rng.uniform(-1, 1, (4, 6)) * (rng.uniform(0, 1, (4, 6)) < 1)
    permute = np.zeros((6, 6))
    for column in range(6):
        permute[rng.randint(6), column] = 1
    X = np.random.RandomState(5).randn(7, 4)
    expected = (X @ W @ permute).reshape(7, 3, 2).max(2)
    H = layer.fprop(torch.tensor(X, dtype=torch.float32))
    np.testing.assert_allclose(H.detach(), expected, atol=1e-6)
    loaded = pickle.loads(pickle.dumps(layer))
    assert torch.equal(loaded.fprop(torch.eye(4)), layer.fprop(torch.eye(4)))


def test_maxout_rows_are_limited_after_columns():
    layer = built(Maxout("h", 2, 2, irange=9.0, max_col_norm=1.0, max_row_norm=0.5))
    W = layer.W.detach().numpy().astype(float)
    W = W / np.maximum(np.linalg.norm(W, axis=0), 1)
    W = W / np.maximum(np.linalg.norm(W, axis=1, keepdims=True) / 0.5, 1)
    layer.enforce_constraints()
    np.testing.assert_allclose(layer.W.detach(), W, rtol=1e-5)


def test_maxout_columns_in_no_unit_are_refused():
    with pytest.raises(ValueError, match="some of the 6 columns are in no unit"):
        Maxout("h", num_units=2, num_pieces=3, pool_stride=2, irange=0.1)


def test_a_softmax_without_weights_has_none_to_decay():
    layer = Softmax(layer_name="y", n_classes=4, no_affine=True)
    layer.set_input_space(VectorSpace(4), np.random.RandomState(0))
    with pytest.raises(ValueError, match="layer 'y' is a Softmax, which has no weights to decay"):
        layer.get_weights_to_decay()


def gaussian(**kwargs):
    arguments = {"init_beta": 2.0, "min_beta": 1.0, "max_beta": 3.0, "beta_lr_scale": 0.1}
    return LinearGaussian(layer_name="y", dim=2, irange=0.1, **{**arguments, **kwargs})


def test_a_gaussian_output_is_trained_by_the_likelihood():
    layer = built(gaussian())
    Y, Z = torch.randn(5, 2), torch.randn(5, 2)
    normal = torch.distributions.Normal(Z, layer.beta**-0.5)
    constant = np.log(2 * np.pi)  # half of it, for each of two units
    expected = -normal.log_prob(Y).sum(1).mean() - constant
    torch.testing.assert_close(layer.cost(Y, Z), expected.to(torch.float32))


def test_precisions_stay_within_their_limits():
    layer = built(gaussian(init_beta=[0.5, 9.0]))
    layer.enforce_constraints()
    assert layer.beta.tolist() == [1, 3]
    assert layer.get_lr_scalers() == {layer.beta: 0.1}
    each = built(gaussian(init_beta=4.0, min_beta=[1.0, 5.0], max_beta=[3.0, 6.0]))
    each.enforce_constraints()
    assert each.beta.tolist() == [3, 5]


def test_precisions_are_monitored_with_the_error():
    layer = built(gaussian(init_beta=[1.0, 3.0]))
    H, Y = torch.zeros(2, 2), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    channels = layer.get_layer_monitoring_channels(None, H, H, Y)
    values = [channels[name].item() for name in ("beta_min", "beta_mean", "beta_max", "mse")]
    assert values == [1, 2, 3, 0.5]


def test_limits_of_precisions_are_checked():
    with pytest.raises(ValueError, match="0 < min_beta <= max_beta"):
        gaussian(min_beta=0.0)


def test_a_good_precision_is_found_in_the_data(blobs):
    np.testing.assert_allclose(beta_from_targets(blobs), 1 / blobs.y.var(axis=0))
    np.testing.assert_allclose(
        beta_from_features(blobs, max_var=0.5), 1 / np.clip(blobs.X.var(axis=0), 0, 0.5)
    )
    np.testing.assert_allclose(mean_of_targets(blobs), blobs.y.mean(axis=0))


def test_softmax_regression_is_an_mlp_of_a_softmax():
    model = SoftmaxRegression(n_classes=3, nvis=4, irange=0.1)
    assert [name for name, _ in model.named_params()] == ["softmax_b", "softmax_W"]
    assert model.fprop(torch.randn(2, 4)).sum(1).tolist() == pytest.approx([1, 1])


class Steep(Sigmoid):
    """A user's own layer."""

    def __init__(self, slope, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope


@pytest.mark.parametrize("name", ["pylearn2.models.mlp.Sigmoid", f"{__name__}.Steep"])
def test_a_misspelt_argument_that_is_passed_up_is_found_before_anything_is_built(name, monkeypatch):
    import sys
    import types

    module = types.ModuleType(__name__)
    module.Steep = Steep
    monkeypatch.setitem(sys.modules, __name__, module)
    slope = "slope: 2, " if "Steep" in name else ""
    with pytest.raises(ConfigError) as caught:
        load(f"!obj:{name} {{ {slope}dim: 3, layer_name: h, irnage: 0.1 }}")
    message = str(caught.value)
    assert f"{name} takes no argument 'irnage'; did you mean 'irange'?" in message
    assert "monitor_style='detection', dim, layer_name, irange=None" in message
    with pytest.raises(ConfigError, match="needs the argument 'dim'"):
        load(f"!obj:{name} {{ {slope}layer_name: h, irange: 0.1 }}")


def test_python_shows_all_that_a_layer_takes():
    shown = str(inspect.signature(Steep))
    assert shown.startswith("(slope, *, monitor_style: str = 'detection', dim: int, layer_name")
    assert "use_bias: bool = True" in shown


@pytest.mark.parametrize("kind", [Tanh, RectifiedLinear, Softplus])
def test_an_activation_without_a_cost_refuses_to_be_the_last_layer(kind):
    layer = built(kind(layer_name="h", dim=2, irange=0.1))
    assert isinstance(layer, Linear)  # as in pylearn2
    with pytest.raises(
        NotImplementedError, match=f"layer 'h' is a {kind.__name__}, for which no cost"
    ):
        layer.cost(torch.zeros(1, 2), torch.zeros(1, 2))
