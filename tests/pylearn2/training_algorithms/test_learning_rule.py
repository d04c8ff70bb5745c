"""Learning rules turn gradients into the steps that their formulas say."""

from types import SimpleNamespace

import pytest
import torch

from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import (
    AdaDelta,
    AdaGrad,
    Momentum,
    MomentumAdjustor,
    PlainRule,
    RMSProp,
)


def steps(rule, gradients, rates=(0.1,)):
    """Where a parameter that begins at 0 is after each gradient."""
    parameter = torch.zeros(1)
    rule.setup([parameter])
    path = []
    for gradient in gradients:
        rule.step([parameter], [torch.tensor([gradient])], list(rates))
        path.append(parameter.item())
    return path


def test_without_a_rule_steps_follow_the_gradient():
    assert steps(PlainRule(), [1.0, 2.0]) == pytest.approx([-0.1, -0.3])


def test_momentum_keeps_a_part_of_the_last_step():
    # v = -.1, then .5 * -.1 - .1 = -.15
    assert steps(Momentum(init_momentum=0.5), [1.0, 1.0]) == pytest.approx([-0.1, -0.25])


def test_nesterov_looks_one_step_ahead():
    # v = -.1: p = .5 * -.1 - .1 = -.15; then v = -.15: p += .5 * -.15 - .1
    rule = Momentum(init_momentum=0.5, nesterov_momentum=True)
    assert steps(rule, [1.0, 1.0]) == pytest.approx([-0.15, -0.325])


def test_adagrad_divides_by_all_that_was():
    assert steps(AdaGrad(), [3.0, 4.0]) == pytest.approx([-0.1, -0.1 - 0.1 * 4 / 5])


def test_rmsprop_divides_by_what_was_lately():
    # mean squares: .5 * 4 = 2, then .5 * 2 + .5 * 4 = 3
    path = steps(RMSProp(decay=0.5), [2.0, 2.0])
    assert path == pytest.approx([-0.2 / 2**0.5, -0.2 / 2**0.5 - 0.2 / 3**0.5])


@pytest.mark.parametrize("rule", [AdaGrad(max_scaling=2.0), RMSProp(max_scaling=2.0)])
def test_a_tiny_gradient_is_scaled_up_only_so_far(rule):
    assert steps(rule, [1e-9]) == [pytest.approx(-0.1 * 2 * 1e-9)]


def test_adadelta_steps_as_far_as_lately():
    # E[g2] = .5, d = -sqrt(0 + .1) / sqrt(.5 + .1)
    assert steps(AdaDelta(decay=0.5), [1.0]) == [pytest.approx(-((0.1 / 0.6) ** 0.5))]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AdaDelta(decay=1.0), "decay is 1.0"),
        (lambda: RMSProp(decay=-0.1), "decay is -0.1"),
        (lambda: AdaGrad(max_scaling=0), "max_scaling is 0"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


RULES = [PlainRule(), Momentum(0.5), Momentum(0.5, True), AdaDelta(), AdaGrad(), RMSProp()]


@pytest.mark.parametrize("rule", RULES)
def test_each_parameter_has_its_own_rate(rule):
    together = [torch.zeros(1), torch.zeros(1)]
    rule.setup(together)
    for _ in range(2):
        rule.step(together, [torch.ones(1), torch.ones(1)], [0.1, 0.3])
    for parameter, rate in zip(together, (0.1, 0.3), strict=True):
        assert parameter.item() == pytest.approx(steps(rule, [1.0, 1.0], [rate])[-1])


@pytest.mark.parametrize("momentum", [-0.1, 1.0])
def test_a_momentum_out_of_range_is_refused(momentum):
    with pytest.raises(ValueError, match="0 <= momentum < 1"):
        Momentum(momentum)


def adjusted(adjustor, epochs, seen=0):
    """The momentum before training and after each epoch's monitoring."""
    algorithm = SimpleNamespace(learning_rule=Momentum(0.5))
    model = SimpleNamespace(monitor=SimpleNamespace(get_epochs_seen=lambda: seen))
    adjustor.setup(model, None, algorithm)
    values = [algorithm.learning_rule.momentum]
    for _ in range(epochs):
        adjustor.on_monitor(model, None, algorithm)
        values.append(algorithm.learning_rule.momentum)
    return values


def test_the_momentum_moves_linearly_between_start_and_saturation():
    adjustor = MomentumAdjustor(final_momentum=0.9, start=1, saturate=3)
    assert adjusted(adjustor, 4) == pytest.approx([0.5, 0.5, 0.7, 0.9, 0.9])


def test_the_momentum_may_jump():
    adjustor = MomentumAdjustor(final_momentum=0.9, start=2, saturate=2)
    assert adjusted(adjustor, 3) == pytest.approx([0.5, 0.5, 0.9, 0.9])


def test_a_trained_model_goes_on_where_it_was():
    adjustor = MomentumAdjustor(final_momentum=0.9, start=1, saturate=3)
    assert adjusted(adjustor, 1, seen=2) == pytest.approx([0.7, 0.9])


def test_without_momentum_there_is_nothing_to_adjust():
    adjustor = MomentumAdjustor(final_momentum=0.9, start=1, saturate=3)
    algorithm = SimpleNamespace(learning_rule=PlainRule())
    with pytest.raises(ValueError, match=r"adjusts learning_rule: Momentum, .* PlainRule"):
        adjustor.setup(None, None, algorithm)


@pytest.mark.parametrize(("final", "start", "saturate"), [(0.9, 3, 2), (1.5, 1, 2), (-0.1, 1, 2)])
def test_an_impossible_schedule_is_refused(final, start, saturate):
    with pytest.raises(ValueError, match=r"is before|must be 0 to 1"):
        MomentumAdjustor(final, start, saturate)
