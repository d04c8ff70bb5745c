"""Costs and sums of costs."""

import copy

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.cost import (
    Cost,
    DefaultDataSpecsMixin,
    LpPenalty,
    MethodCost,
    NullDataSpecsMixin,
    SumOfCosts,
)
from pylearn2_jobman.pylearn2.costs.mlp import Default, L1WeightDecay, WeightDecay
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

DATA = (torch.zeros(4, 3), torch.eye(2)[[0, 1, 0, 1]])


class OnlyGradients(Cost):
    def expr(self, model, data):
        return None


def test_weight_decay_is_the_squares_and_l1_the_absolute_values(mlp):
    h0, y = mlp.layers
    decay = WeightDecay(coeffs={"h0": 0.1, "y": 0.2}).expr(mlp, DATA)
    assert decay.item() == pytest.approx(
        (0.1 * h0.W.square().sum() + 0.2 * y.W.square().sum()).item()
    )
    l1 = L1WeightDecay(coeffs=[0.0, 0.5]).expr(mlp, DATA)
    assert l1.item() == pytest.approx((0.5 * y.W.abs().sum()).item())


def test_layers_without_a_coefficient_are_not_decayed(mlp):
    cost = WeightDecay(coeffs={})
    assert cost.expr(mlp, DATA) == 0
    assert cost.term_name(mlp) == "0_weight_decay"


def test_a_coefficient_for_no_layer_is_warned_of(mlp):
    with pytest.warns(UserWarning, match="no layer 'h00'; did you mean 'h0'"):
        WeightDecay(coeffs={"h00": 0.1}).expr(mlp, DATA)


def test_a_list_of_the_wrong_length_is_refused(mlp):
    with pytest.raises(ValueError, match="1 coefficients were given for 2 layers"):
        WeightDecay(coeffs=[0.1]).expr(mlp, DATA)


def test_a_sum_weights_its_terms(mlp):
    decay = WeightDecay(coeffs={"h0": 1.0})
    total = SumOfCosts([Default(), [0.5, decay]])
    expected = Default().expr(mlp, DATA) + 0.5 * decay.expr(mlp, DATA)
    assert total.expr(mlp, DATA).item() == pytest.approx(expected.item())
    assert total.supervised


def test_the_terms_of_a_sum_are_monitored_without_their_coefficients(mlp):
    decay = WeightDecay(coeffs={"h0": 1.0})
    channels = SumOfCosts([[2.0, Default()], [0.5, decay]]).get_monitoring_channels(mlp, DATA)
    assert list(channels) == ["term_0", "term_1_weight_decay"]
    torch.testing.assert_close(channels["term_0"], Default().expr(mlp, DATA))


def test_a_sum_with_a_term_that_has_only_gradients_has_no_value(mlp):
    cost = SumOfCosts([Default(), OnlyGradients()])
    assert cost.expr(mlp, DATA) is None
    assert list(cost.get_monitoring_channels(mlp, DATA)) == ["term_0"]


def test_gradients_come_in_the_order_of_the_parameters(mlp):
    gradients = Default().get_gradients(mlp, DATA)
    assert [g.shape for g in gradients] == [p.shape for p in mlp.get_params()]


def test_a_parameter_that_the_cost_does_not_use_has_gradient_zero(mlp):
    gradients = WeightDecay(coeffs={"h0": 1.0}).get_gradients(mlp, DATA)
    torch.testing.assert_close(gradients[0], 2 * mlp.layers[0].W.detach())
    assert all(np.all(g.numpy() == 0) for g in gradients[1:])


def test_a_decay_of_no_layer_has_no_gradient_and_says_so_in_its_name(mlp):
    nothing = WeightDecay(coeffs={})
    assert all(not g.any() for g in nothing.get_gradients(mlp, DATA))
    assert nothing.term_name(mlp) == "0_weight_decay"
    assert WeightDecay(coeffs=[0.0, 0.0]).term_name(mlp) == "weight_decay"


def test_a_cost_without_a_value_must_say_its_gradients(mlp):
    class Nothing(Cost):
        def expr(self, model, data):
            return None

    with pytest.raises(NotImplementedError, match="neither a value nor gradients"):
        Nothing().get_gradients(mlp, DATA)


def test_a_sum_of_nothing_or_of_no_costs_is_refused():
    with pytest.raises(ValueError, match="at least one cost"):
        SumOfCosts([])
    with pytest.raises(TypeError, match=r"costs\[1\] of SumOfCosts is a str"):
        SumOfCosts([Default(), [0.1, "decay"]])


def test_a_method_of_the_model_may_be_the_cost(mlp):
    torch.testing.assert_close(MethodCost("cost_from_X").expr(mlp, DATA), Default().expr(mlp, DATA))
    mlp.size_of_input = lambda X: X.numel()
    assert MethodCost("size_of_input").expr(mlp, DATA) == 12
    mlp.last_target = lambda data: data[1][-1, -1]
    assert MethodCost("last_target", supervised=True).expr(mlp, DATA) == 1
    assert MethodCost("last_target", data_specs="cost_from_X_data_specs").expr(mlp, DATA) == 1
    both = (None, ("features", "targets"))
    assert MethodCost("last_target", data_specs=both).expr(mlp, DATA) == 1
    mlp.last_target_data_specs = mlp.cost_from_X_data_specs
    assert MethodCost("last_target").expr(mlp, DATA) == 1


def test_a_method_that_does_not_exist_is_refused(mlp):
    with pytest.raises(ValueError, match="no method 'cost_from_x'; did you mean 'cost_from_X'"):
        MethodCost("cost_from_x").expr(mlp, DATA)


def test_a_penalty_is_the_sum_of_powers(mlp):
    W = mlp.layers[0].W
    torch.testing.assert_close(LpPenalty(W, 2).expr(mlp, DATA), W.square().sum())
    torch.testing.assert_close(LpPenalty([W, W], 1).expr(mlp, DATA), 2 * W.abs().sum())
    with pytest.raises(ValueError, match="p is -1"):
        LpPenalty(W, -1)


class Own(DefaultDataSpecsMixin, Cost):
    """A cost that gets what its data specs name, as pylearn2's did."""

    def expr(self, model, data, **kwargs):
        space, _ = self.get_data_specs(model)
        space.validate(data)
        X = data[0] if self.supervised else data
        return X.mean() + 0 * model.get_params()[0].sum()

    def get_monitoring_channels(self, model, data, **kwargs):
        return {"is_pair": float(isinstance(data, tuple))}


class OfTargets(Own):
    supervised = True


class OfNothing(NullDataSpecsMixin, Cost):
    def expr(self, model, data, **kwargs):
        assert data is None
        return sum((param**2).sum() for param in model.get_params())


def test_costs_of_ones_own_get_the_data_that_they_name(mlp, blobs):
    for cost, pairs in ((Own(), 0.0), (OfTargets(), 1.0), (SumOfCosts([OfNothing(), Own()]), 0.0)):
        algorithm = SGD(0.01, cost, batch_size=10, monitoring_dataset=blobs)
        algorithm.termination_criterion = EpochCounter(1)
        train = Train(blobs, copy.deepcopy(mlp), algorithm)
        train.main_loop()
        channels = train.model.monitor.channels
        assert channels["is_pair"].val_record == [pairs, pairs]
    assert channels["term_1"].val_record[0] == pytest.approx(blobs.X.mean(), rel=1e-5)


def test_a_cost_with_targets_by_its_data_specs_needs_them(mlp):
    assert OfTargets().needs_targets(mlp)
    assert not Own().needs_targets(mlp)
    assert not OfNothing().needs_targets(mlp)
