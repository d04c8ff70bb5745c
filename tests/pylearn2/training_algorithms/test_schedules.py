"""Learning rates follow their schedules."""

from types import SimpleNamespace

import pytest

from pylearn2_jobman.pylearn2.training_algorithms.sgd import ExponentialDecay, LinearDecayOverEpoch


def over_epochs(schedule, epochs, seen=0, rate=1.0):
    """The rate before training and after each monitoring."""
    algorithm = SimpleNamespace(learning_rate=rate)
    model = SimpleNamespace(monitor=SimpleNamespace(get_epochs_seen=lambda: seen))
    schedule.setup(model, None, algorithm)
    rates = [algorithm.learning_rate]
    for _ in range(epochs):
        schedule.on_monitor(model, None, algorithm)
        rates.append(algorithm.learning_rate)
    return rates


def over_batches(schedule, batches, rate=1.0):
    """The rate after each batch."""
    algorithm, rates = SimpleNamespace(learning_rate=rate), []
    for _ in range(batches):
        schedule(algorithm)
        rates.append(algorithm.learning_rate)
    return rates


def test_the_rate_falls_linearly_by_epochs_and_stays():
    schedule = LinearDecayOverEpoch(start=1, saturate=3, decay_factor=0.1)
    assert over_epochs(schedule, 4) == pytest.approx([1.0, 0.7, 0.4, 0.1, 0.1])


def test_a_trained_model_goes_on_where_the_rate_was():
    schedule = LinearDecayOverEpoch(start=1, saturate=3, decay_factor=0.1)
    assert over_epochs(schedule, 1, seen=2) == pytest.approx([0.4, 0.1])


def test_the_rate_falls_exponentially_by_batches_to_a_minimum():
    assert over_batches(ExponentialDecay(decay_factor=2.0, min_lr=0.2), 4) == [0.5, 0.25, 0.2, 0.2]


def test_the_initial_rate_is_the_algorithms():
    assert over_batches(ExponentialDecay(decay_factor=2.0, min_lr=0), 1, rate=0.5) == [0.25]


def test_impossible_schedules_are_refused():
    with pytest.raises(ValueError, match="saturate=1 is before start=2"):
        LinearDecayOverEpoch(start=2, saturate=1, decay_factor=0.1)
    with pytest.raises(ValueError, match="must be positive"):
        ExponentialDecay(decay_factor=0, min_lr=0.1)
