"""Batch gradient descent goes downhill, by the search that was asked for."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.optimization.batch_gradient_descent import BatchGradientDescent
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.bgd import BGD
from pylearn2_jobman.pylearn2.training_algorithms.default import DefaultTrainingAlgorithm

SLOPES = torch.tensor([1.0, 10.0], dtype=torch.float64)


def minimized(steps, **kwargs):
    """Where an ellipse's descent from (1, 1) is after some steps, and the optimizer."""
    at = torch.ones(2, dtype=torch.float64)
    optimizer = BatchGradientDescent([at], [1.0], lambda: None, max_iter=steps, **kwargs)
    optimizer.minimize(lambda: (SLOPES * at * at).sum().item(), lambda: [2 * SLOPES * at])
    return at, optimizer


def value(at):
    return (SLOPES * at * at).sum().item()


@pytest.mark.parametrize("mode", [None, "exhaustive"])
@pytest.mark.parametrize("conjugate", [False, True])
def test_each_search_goes_downhill(mode, conjugate):
    values = [
        value(minimized(steps, line_search_mode=mode, conjugate=conjugate)[0])
        for steps in (0, 2, 10, 40)
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.05 * values[0]


def test_conjugate_directions_need_fewer_steps():
    steepest, conjugate = (
        value(minimized(4, line_search_mode="exhaustive", conjugate=conjugate)[0])
        for conjugate in (False, True)
    )
    assert conjugate < 0.1 * steepest


def test_the_best_of_the_given_step_sizes_is_taken():
    at, optimizer = minimized(1, init_alpha=(0.1, 0.5, 3.0))
    direction = 2 * SLOPES / (2 * SLOPES).norm()
    torch.testing.assert_close(at, 1 - 0.5 * direction)
    assert optimizer.ave_step_size == 0.5
    assert optimizer.ave_grad_size == pytest.approx((2 * SLOPES).norm().item())


def test_the_last_step_sizes_may_be_kept_for_the_next_call():
    assert minimized(3, init_alpha=(0.001, 0.002))[1].alphas == [0.001, 0.002]
    assert minimized(3, init_alpha=(0.001, 0.002), reset_alpha=False)[1].alphas[0] > 0.001


def test_at_the_minimum_it_stays():
    at = torch.zeros(2, dtype=torch.float64)
    BatchGradientDescent([at], [1.0], lambda: None, 5).minimize(lambda: 0.0, lambda: [at * 0])
    assert at.tolist() == [0, 0]


def test_constraints_hold_at_every_point():
    at = torch.ones(1)
    optimizer = BatchGradientDescent([at], [1.0], lambda: at.clamp_(min=0.75), 5)
    optimizer.minimize(lambda: at.item(), lambda: [torch.ones(1)])
    assert at.item() == 0.75


def test_what_is_no_number_is_never_chosen_and_refused_at_the_start():
    at = torch.ones(1)
    optimizer = BatchGradientDescent([at], [1.0], lambda: None, 1, init_alpha=(0.5, 2.0))
    optimizer.minimize(lambda: float("nan") if at < 0 else at.item(), lambda: [torch.ones(1)])
    assert at.item() == 0.5
    with pytest.raises(FloatingPointError, match="not a number"):
        optimizer.minimize(lambda: float("nan"), lambda: [torch.ones(1)])


def test_impossible_searches_are_refused():
    with pytest.raises(ValueError, match="'exhaustive' or None"):
        minimized(1, line_search_mode="golden")
    with pytest.raises(ValueError, match="positive and growing"):
        minimized(1, init_alpha=(0.5, 0.1))


def test_data_that_are_no_numbers_are_blamed(blobs, mlp):
    blobs.X[3, 0] = np.inf
    with pytest.raises(FloatingPointError, match=r"1 of the 40 training examples .* index 3"):
        trained(mlp, blobs)


def trained(model, dataset, epochs=3, **kwargs):
    algorithm = BGD(
        monitoring_dataset=dataset, termination_criterion=EpochCounter(epochs), **kwargs
    )
    Train(dataset, model, algorithm).main_loop()
    return model.monitor.channels


def test_the_cost_of_a_model_falls(blobs, mlp):
    record = trained(mlp, blobs, conjugate=1, line_search_mode="exhaustive")["objective"]
    assert record.val_record == sorted(record.val_record, reverse=True)
    assert record.val_record[-1] < 0.3 * record.val_record[0]
    assert record.example_record[-1] == 3 * 40  # the whole dataset is the batch


def test_a_part_of_the_way_may_be_taken(blobs, mlp):
    before = mlp.get_param_vector()
    trained(mlp, blobs, epochs=1, scale_step=1e-3, updates_per_batch=3)
    assert 0 < np.abs(mlp.get_param_vector() - before).max() < 1e-2


def test_a_cost_without_a_value_is_refused(blobs, mlp):
    class OnlyGradients(Cost):
        def expr(self, model, data):
            return None

    with pytest.raises(ValueError, match="BGD cannot use a OnlyGradients"):
        trained(mlp, blobs, cost=OnlyGradients())


def test_a_model_that_cannot_train_itself_is_refused(blobs, mlp):
    with pytest.raises(ValueError, match=r"a MLP has none: use .*SGD"):
        Train(blobs, mlp, DefaultTrainingAlgorithm(batch_size=10)).setup()


def test_a_model_may_train_itself(blobs, mlp):
    class SelfMade(type(mlp)):
        batches = 0

        def train_batch(self, dataset, batch_size):
            self.batches += 1
            return self.batches < 5

    mlp.__class__ = SelfMade
    algorithm = DefaultTrainingAlgorithm(
        batch_size=10, batches_per_iter=3, monitoring_dataset=blobs, monitoring_batches=-1
    )
    Train(blobs, mlp, algorithm).main_loop()
    assert mlp.monitor.get_epochs_seen() == 2
    assert mlp.monitor.get_examples_seen() == 50
    assert "h0_max_x_max_u" in mlp.monitor.channels
    assert "objective" not in mlp.monitor.channels
