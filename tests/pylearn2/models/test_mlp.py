"""Multi-layer perceptrons are built as described, or refused with the reason."""

import copy
import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    Linear,
    RectifiedLinear,
    Sigmoid,
    Softmax,
    Tanh,
)
from pylearn2_jobman.pylearn2.utils import serial


def one_layer(layer, nvis=6):
    return MLP(nvis=nvis, layers=[layer])


def test_fprop_is_the_layers_one_after_the_other(mlp):
    X = torch.randn(5, 3)
    h0, y = mlp.layers
    H = torch.sigmoid(X @ h0.W + h0.b)
    torch.testing.assert_close(mlp.fprop(X), torch.softmax(H @ y.W + y.b, 1))
    torch.testing.assert_close(mlp(X), mlp.fprop(X))


def test_parameters_have_the_names_and_the_order_of_pylearn2(mlp):
    assert [name for name, _ in mlp.named_params()] == ["h0_W", "h0_b", "softmax_b", "softmax_W"]
    shapes = [value.shape for value in mlp.get_param_values()]
    assert shapes == [(3, 4), (4,), (2,), (4, 2)]


def test_the_same_seed_gives_the_same_parameters():
    first, second, other = (
        one_layer(Linear(layer_name="y", dim=2, irange=1.0)),
        one_layer(Linear(layer_name="y", dim=2, irange=1.0)),
        MLP(nvis=6, seed=5, layers=[Linear(layer_name="y", dim=2, irange=1.0)]),
    )
    assert first.get_param_vector().tolist() == second.get_param_vector().tolist()
    assert first.get_param_vector().tolist() != other.get_param_vector().tolist()


def test_sparse_weights_give_every_unit_the_same_number_of_inputs():
    layer = Sigmoid(layer_name="h", dim=5, sparse_init=2, sparse_stdev=10.0)
    one_layer(layer)
    assert (layer.W != 0).sum(0).tolist() == [2] * 5
    assert layer.W.abs().max() > 3


def test_sparse_weights_stay_off_the_mask():
    mask = np.repeat([[1, 1, 1, 0, 0, 0]], 5, axis=0).T
    layer = Linear(layer_name="h", dim=5, sparse_init=3, mask_weights=mask)
    one_layer(layer)
    assert (layer.W[:3] != 0).all()
    assert (layer.W[3:] == 0).all()


def test_a_mask_is_enforced():
    mask = np.eye(6)[:, :4]
    layer = Linear(layer_name="h", dim=4, irange=1.0, mask_weights=mask)
    one_layer(layer).enforce_constraints()
    assert ((layer.W != 0).numpy() == (mask != 0)).all()


def test_include_prob_leaves_weights_out():
    layer = Linear(layer_name="h", dim=100, irange=1.0, include_prob=0.25)
    one_layer(layer, nvis=100)
    assert (layer.W != 0).float().mean() == pytest.approx(0.25, abs=0.03)


def test_biases_begin_where_they_are_told():
    layer = Linear(layer_name="h", dim=2, irange=1.0, init_bias=[1.0, 2.0])
    one_layer(layer)
    assert layer.b.tolist() == [1, 2]


def test_a_layer_without_bias_has_one_parameter():
    model = one_layer(Linear(layer_name="y", dim=2, irange=1.0, use_bias=False))
    assert [name for name, _ in model.named_params()] == ["y_W"]
    X = torch.randn(3, 6)
    torch.testing.assert_close(model.fprop(X), X @ model.layers[0].W)


@pytest.mark.parametrize(
    ("limits", "axis", "low", "high"),
    [
        ({"max_col_norm": 0.5}, 0, 0.0, 0.5),
        ({"max_row_norm": 0.5}, 1, 0.0, 0.5),
        ({"min_col_norm": 2.5}, 0, 2.5, np.inf),
        ({"max_col_norm": 1.0, "min_col_norm": 0.9}, 0, 0.9, 1.0),
    ],
)
def test_norms_are_kept_within_their_limits(limits, axis, low, high):
    layer = Linear(layer_name="h", dim=8, irange=1.0, **limits)
    model = one_layer(layer)
    before = layer.W.detach().clone()
    model.enforce_constraints()
    norms = layer.W.norm(dim=axis)
    assert norms.min() >= low - 1e-5
    assert norms.max() <= high + 1e-5
    # directions stay
    torch.testing.assert_close(
        layer.W / layer.W.norm(dim=axis, keepdim=True), before / before.norm(dim=axis, keepdim=True)
    )


def test_rates_of_single_parameters_are_scaled():
    layer = Sigmoid(layer_name="h", dim=2, irange=1.0, W_lr_scale=0.1, b_lr_scale=2.0)
    assert one_layer(layer).get_lr_scalers() == {layer.W: 0.1, layer.b: 2.0}


def test_a_rectifier_may_have_a_slope_below_zero():
    layer = RectifiedLinear(layer_name="h", dim=2, irange=1.0, left_slope=0.1)
    assert layer.activation(torch.tensor([[-1.0, 2.0]])).tolist() == [[pytest.approx(-0.1), 2.0]]


def test_a_softmax_begins_with_the_frequencies_of_the_classes(blobs):
    blobs.y = np.eye(2)[[0] * 30 + [1] * 10]
    layer = Softmax(layer_name="y", n_classes=2, irange=0.0, init_bias_target_marginals=blobs)
    model = one_layer(layer, nvis=3)
    assert model.fprop(torch.zeros(1, 3)).tolist() == [pytest.approx([0.75, 0.25])]


def test_a_softmax_may_be_without_weights():
    model = one_layer(Softmax(layer_name="y", n_classes=6, no_affine=True))
    assert model.get_params() == []
    X = torch.randn(2, 6)
    torch.testing.assert_close(model.fprop(X), X.softmax(1))
    assert set(model.get_monitoring_channels((X, torch.eye(6)[:2]))) == {
        *("y_mean_max_class", "y_max_max_class", "y_min_max_class", "y_misclass", "y_nll")
    }


def test_a_softmax_takes_labels_with_binary_target_dim():
    vectors = Softmax(layer_name="y", n_classes=3, irange=0.5)
    labels = Softmax(layer_name="y", n_classes=3, irange=0.5, binary_target_dim=1)
    one_layer(vectors), one_layer(labels)
    Z = torch.randn(4, 3)
    y = torch.tensor([[0], [2], [1], [1]])
    torch.testing.assert_close(vectors.cost(torch.eye(3)[y[:, 0]], Z), labels.cost(y, Z))


def test_with_several_labels_it_is_not_said_how_many_are_wrong():
    model = one_layer(Softmax(layer_name="y", n_classes=3, irange=0.5, binary_target_dim=2))
    channels = model.get_monitoring_channels((torch.randn(2, 6), torch.tensor([[0, 1], [2, 2]])))
    assert "y_nll" in channels
    assert "y_misclass" not in channels


def test_a_softmax_without_weights_may_fix_one_class():
    layer = Softmax(layer_name="y", n_classes=7, no_affine=True, non_redundant=True)
    X = torch.randn(2, 6)
    expected = torch.cat([torch.zeros(2, 1), X], 1).softmax(1)
    torch.testing.assert_close(one_layer(layer).fprop(X), expected)


def test_an_old_name_of_a_style_is_understood():
    with pytest.warns(UserWarning, match="now called 'bit_vector_class'"):
        layer = Sigmoid(layer_name="y", dim=2, irange=0.1, monitor_style="classification")
    assert layer.monitor_style == "bit_vector_class"


def test_a_linear_output_may_be_trained_by_the_absolute_error():
    Y, Z = torch.tensor([[0.0, 1.0], [2.0, 2.0]]), torch.tensor([[1.0, 3.0], [2.0, 1.0]])
    squared = Linear(layer_name="y", dim=2, irange=0.1)
    absolute = Linear(layer_name="y", dim=2, irange=0.1, use_abs_loss=True)
    assert squared.cost(Y, Z) == pytest.approx((5 + 1) / 2)
    assert absolute.cost(Y, Z) == pytest.approx((3 + 1) / 2)


def test_targets_are_not_monitored_where_they_are_not_wanted(mlp):
    mlp.monitor_targets = False
    names = mlp.get_monitoring_channels((torch.zeros(2, 3), None))
    assert "y_mean_max_class" in names
    assert "y_misclass" not in names


def test_the_bit_vector_style_counts_an_example_with_any_wrong_bit():
    layer = Sigmoid(layer_name="y", dim=2, irange=0.1, monitor_style="bit_vector_class")
    one_layer(layer)
    H = torch.tensor([[0.9, 0.9], [0.9, 0.1], [0.1, 0.1]])
    Y = torch.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    channels = layer.get_layer_monitoring_channels(None, H.logit(), H, Y)
    assert channels["misclass"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MLP(nvis=2, layers=[]), "at least one layer"),
        (
            lambda: MLP(layers=[Tanh(layer_name="h", dim=2, irange=0.1)]).get_input_space(),
            "this MLP has no input_space yet: give it one, or call",
        ),
        (lambda: one_layer(Tanh(layer_name="h", dim=2)), "layer 'h' needs one of irange.*none"),
        (
            lambda: one_layer(Tanh(layer_name="h", dim=2, irange=0.1, istdev=0.1)),
            "irange and istdev are given",
        ),
        (
            lambda: one_layer(Tanh(layer_name="h", dim=2, sparse_init=7)),
            "sparse_init=7 is more than the 6 inputs",
        ),
        (
            lambda: one_layer(Tanh(layer_name="h", dim=2, irange=0.1, mask_weights=np.eye(2))),
            r"mask_weights has shape \(2, 2\); the weights have \(6, 2\)",
        ),
        (
            lambda: Linear(layer_name="h", dim=2, irange=1, max_row_norm=1, max_col_norm=1),
            "of rows .* or of columns",
        ),
        (lambda: Linear(layer_name="h", dim=2, irange=1, copy_input=1), "copy_input had a bug"),
        (
            lambda: Linear(layer_name="h", dim=2, irange=1, use_bias=False, b_lr_scale=1),
            "use_bias is False",
        ),
        (
            lambda: Sigmoid(layer_name="y", dim=2, irange=0.1, monitor_style="detect"),
            "no monitor_style 'detect'; did you mean 'detection'",
        ),
        (
            lambda: one_layer(Softmax(layer_name="y", n_classes=2, no_affine=True)),
            "n_classes=2 the input must have 2 numbers; it has 6",
        ),
        (lambda: Softmax(layer_name="y", n_classes=2, binary_target_dim=0), "not positive"),
        (
            lambda: Linear(layer_name="h", dim=2, irange=1, max_col_norm=1, min_col_norm=2),
            "the largest norm, 1, is below the smallest one, 2",
        ),
        (
            lambda: Linear(layer_name="h", dim=2, irange=1, max_col_norm=-1),
            "the largest norm, -1, is below the smallest one, 0",
        ),
        (
            lambda: one_layer(Linear(layer_name="h", dim=0, irange=1)),
            r"layer 'h' cannot have weights of shape \(6, 0\)",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_two_layers_of_one_name_are_refused():
    layers = [Tanh(layer_name="h", dim=2, irange=0.1) for _ in range(2)]
    with pytest.raises(ValueError, match="more than one layer named 'h'"):
        MLP(nvis=2, layers=layers)


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match="is a str"):
        MLP(nvis=2, layers=["sigmoid"])


def test_an_output_without_a_cost_says_what_to_do():
    model = one_layer(Tanh(layer_name="y", dim=2, irange=0.1))
    with pytest.raises(NotImplementedError, match="'y' is a Tanh, for which no cost"):
        model.cost_from_X((torch.zeros(1, 6), torch.zeros(1, 2)))


def test_parameters_are_set_by_values_and_by_a_vector(mlp):
    values = [value + 1 for value in mlp.get_param_values()]
    mlp.set_param_values(values)
    vector = mlp.get_param_vector()
    np.testing.assert_array_equal(vector, np.concatenate([v.ravel() for v in values]))
    mlp.set_param_vector(vector * 2)
    np.testing.assert_array_equal(mlp.get_param_vector(), vector * 2)


def test_values_that_do_not_fit_change_nothing(mlp):
    before = mlp.get_param_vector()
    values = mlp.get_param_values()
    with pytest.raises(ValueError, match="3 values were given for 4 parameters"):
        mlp.set_param_values(values[:3])
    with pytest.raises(ValueError, match=r"softmax_W has shape \(4, 2\)"):
        mlp.set_param_values([*(v * 2 for v in values[:3]), values[3].T])
    with pytest.raises(ValueError, match=r"must be \(26,\)"):
        mlp.set_param_vector(before[1:])
    np.testing.assert_array_equal(mlp.get_param_vector(), before)


def test_a_model_comes_back_from_a_file_as_it_was(mlp, tmp_path):
    serial.save(tmp_path / "mlp.pkl", mlp)
    loaded = serial.load(tmp_path / "mlp.pkl")
    X = torch.randn(5, 3)
    assert torch.equal(loaded.fprop(X), mlp.fprop(X))
    assert [layer.layer_name for layer in loaded.layers] == ["h0", "y"]
    assert all(p.requires_grad for p in loaded.get_params())


def test_a_layer_without_biases_comes_back_without_biases():
    mlp = one_layer(Linear(layer_name="y", dim=2, irange=0.1, use_bias=False))
    loaded = pickle.loads(pickle.dumps(mlp))
    X = torch.randn(5, 6)
    assert loaded.layers[0].b is None
    assert torch.equal(loaded.fprop(X), mlp.fprop(X))


def test_the_file_of_a_model_has_nothing_of_pytorch_in_it(mlp):
    assert b"torch" not in pickle.dumps(mlp).replace(b"pytorch", b"")


def test_a_model_may_be_loaded_where_only_pylearn2_is_allowed(mlp, tmp_path, monkeypatch):
    serial.save(tmp_path / "mlp.pkl", mlp)
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*")
    monkeypatch.chdir(tmp_path)
    assert len(serial.load(tmp_path / "mlp.pkl").layers) == 2


def test_a_copy_of_a_model_is_independent(mlp):
    other = copy.deepcopy(mlp)
    other.set_param_vector(other.get_param_vector() + 1)
    assert mlp.get_param_vector().tolist() != other.get_param_vector().tolist()
