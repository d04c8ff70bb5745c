"""Layers that are made of layers compute what these compute."""

import pickle

import pytest
import torch

from pylearn2_jobman.pylearn2.costs.mlp import WeightDecay
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    CompositeLayer,
    FlattenerLayer,
    Linear,
    PretrainedLayer,
    Sigmoid,
    Softmax,
    Tanh,
)
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import CompositeSpace, VectorSpace


def side_by_side(**kwargs):
    return CompositeLayer(
        layer_name="both",
        layers=[
            Tanh(layer_name="a", dim=2, irange=0.5),
            Sigmoid(layer_name="b", dim=3, irange=0.5),
        ],
        **kwargs,
    )


class Halver(Model):
    """Something that was trained before."""

    def __init__(self):
        super().__init__()
        self.input_space = VectorSpace(4)
        self.add_param("scale", 0.5)

    def get_output_space(self):
        return self.input_space

    def upward_pass(self, X):
        return self.scale * X


def test_each_layer_gets_the_whole_input():
    composite = side_by_side()
    model = MLP(nvis=4, layers=[composite])
    X = torch.randn(5, 4)
    a, b = composite.layers
    first, second = model.fprop(X)
    torch.testing.assert_close(first, a.fprop(X))
    torch.testing.assert_close(second, b.fprop(X))


def test_the_next_layer_sees_the_outputs_side_by_side():
    composite, top = side_by_side(), Linear(layer_name="y", dim=1, irange=0.5)
    model = MLP(nvis=4, layers=[composite, top])
    X = torch.randn(5, 4)
    hidden = torch.cat([layer.fprop(X) for layer in composite.layers], 1)
    torch.testing.assert_close(model.fprop(X), hidden @ top.W + top.b)


def test_inputs_may_be_sent_to_single_layers():
    composite = side_by_side(inputs_to_layers={0: [1], 2: []})
    spaces = [VectorSpace(4), VectorSpace(2), VectorSpace(7)]
    model = MLP(input_space=CompositeSpace(spaces), layers=[composite])
    X = tuple(torch.randn(5, space.dim) for space in spaces)
    first, second = model.fprop(X)
    a, b = composite.layers
    torch.testing.assert_close(first, a.fprop(X[1]))
    torch.testing.assert_close(second, b.fprop((X[0], X[1])))


def test_impossible_routes_are_refused():
    with pytest.raises(ValueError, match=r"sends input 0 to the layers \[2\]; .* 0 to 1"):
        side_by_side(inputs_to_layers={0: [2]})
    with pytest.raises(ValueError, match=r"the inputs \[1\], but the input is VectorSpace"):
        MLP(nvis=4, layers=[side_by_side(inputs_to_layers={1: [0]})])
    routed = side_by_side(inputs_to_layers={0: [0], 1: [0]})
    with pytest.raises(ValueError, match="layer 'b' gets no input"):
        MLP(input_space=CompositeSpace([VectorSpace(1), VectorSpace(1)]), layers=[routed])


def test_a_later_layers_parameters_come_first():
    model = MLP(nvis=4, layers=[side_by_side()])
    assert [name for name, _ in model.named_params()] == ["b_W", "b_b", "a_W", "a_b"]


def outputs(layer_name="out"):
    return CompositeLayer(
        layer_name=layer_name,
        layers=[
            Softmax(layer_name="kind", n_classes=3, irange=0.5),
            Linear(layer_name="size", dim=2, irange=0.5),
        ],
    )


def test_flattened_targets_are_taken_apart_for_the_layers_costs():
    raw = outputs()
    model = MLP(nvis=4, layers=[FlattenerLayer(raw)])
    X, kinds, sizes = torch.randn(6, 4), torch.eye(3)[[0, 1, 2, 0, 1, 2]], torch.randn(6, 2)
    Y = torch.cat([kinds, sizes], 1)
    kind, size = raw.layers
    expected = kind.cost(kinds, kind.preactivation(X)) + size.cost(sizes, size.preactivation(X))
    torch.testing.assert_close(model.cost_from_X((X, Y)), expected)
    assert model.fprop(X).shape == (6, 5)
    channels = model.get_monitoring_channels((X, Y))
    assert {"out_kind_misclass", "out_size_max_x_max_u"} <= set(channels)


def test_decay_reaches_the_layers_inside():
    composite = side_by_side()
    model = MLP(nvis=4, layers=[composite, Linear(layer_name="y", dim=1, irange=0.5)])
    a, b = (layer.W.square().sum() for layer in composite.layers)
    data = (None, None)
    torch.testing.assert_close(WeightDecay({"both": 0.5}).expr(model, data), 0.5 * (a + b))
    torch.testing.assert_close(WeightDecay({"both": [0.0, 2.0]}).expr(model, data), 2 * b)
    torch.testing.assert_close(WeightDecay({"both": {"a": 3.0}}).expr(model, data), 3 * a)


def test_an_mlp_may_be_a_layer():
    inner = MLP(layer_name="inner", layers=[Tanh(layer_name="h", dim=3, irange=0.5)])
    model = MLP(nvis=4, layers=[inner, Softmax(layer_name="y", n_classes=2, irange=0.5)])
    flat = MLP(
        nvis=4,
        layers=[
            Tanh(layer_name="h", dim=3, irange=0.5),
            Softmax(layer_name="y", n_classes=2, irange=0.5),
        ],
    )
    assert model.get_param_vector().tolist() == flat.get_param_vector().tolist()
    X, Y = torch.randn(5, 4), torch.eye(2)[[0, 1, 0, 1, 0]]
    torch.testing.assert_close(model.cost_from_X((X, Y)), flat.cost_from_X((X, Y)))
    assert "inner_h_max_x_max_u" in model.get_monitoring_channels((X, Y))


def test_constraints_and_scalers_reach_the_layers_inside():
    inside = Tanh(layer_name="h", dim=3, irange=5.0, max_col_norm=0.1, W_lr_scale=0.5)
    model = MLP(nvis=4, layers=[MLP(layer_name="inner", layers=[inside])])
    model.enforce_constraints()
    assert inside.W.norm(dim=0).max() <= 0.1001
    assert model.get_lr_scalers() == {inside.W: 0.5}


def test_a_pretrained_layer_is_the_upward_pass_of_its_model():
    content = Halver()
    model = MLP(nvis=4, layers=[PretrainedLayer(layer_name="p", layer_content=content)])
    X = torch.randn(2, 4)
    torch.testing.assert_close(model.fprop(X), 0.5 * X)
    assert [name for name, _ in model.named_params()] == ["scale"]


def test_frozen_parameters_are_not_trained_but_saved():
    layer = PretrainedLayer(layer_name="p", layer_content=Halver(), freeze_params=True)
    model = MLP(nvis=4, layers=[layer, Linear(layer_name="y", dim=1, irange=0.1)])
    assert [name for name, _ in model.named_params()] == ["y_W", "y_b"]
    assert len(model.get_params()) == 2
    assert "layers.0.layer_content.scale" in model.state_dict()
    loaded = pickle.loads(pickle.dumps(model))
    assert loaded.layers[0].layer_content.scale == 0.5
    assert len(loaded.get_params()) == 2


def test_a_pretrained_model_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"trained on VectorSpace\(dim=4\); it now gets .*dim=5"):
        MLP(nvis=5, layers=[PretrainedLayer(layer_name="p", layer_content=Halver())])
    with pytest.raises(TypeError, match="a MLP has none"):
        PretrainedLayer(layer_name="p", layer_content=MLP(nvis=1, layers=[outputs()]))
