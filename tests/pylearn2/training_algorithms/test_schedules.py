"""Learning rates follow their schedules."""

import logging
from types import SimpleNamespace

import pytest

from pylearn2_jobman.pylearn2.monitor import Monitor, MonitorChannel
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import (
    SGD,
    AnnealedLearningRate,
    EpochMonitor,
    ExponentialDecay,
    LinearDecay,
    LinearDecayOverEpoch,
    MonitorBasedLRAdjuster,
    OneOverEpoch,
)


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


def test_the_rate_falls_linearly_by_batches():
    schedule = LinearDecay(start=2, saturate=4, decay_factor=0.1)
    assert over_batches(schedule, 5) == pytest.approx([1.0, 0.7, 0.4, 0.1, 0.1])


def test_the_rate_is_annealed_from_a_batch_on():
    assert over_batches(AnnealedLearningRate(2), 4) == pytest.approx([1.0, 1.0, 2 / 3, 0.5])


def test_the_rate_falls_as_one_over_the_epochs():
    schedule = OneOverEpoch(start=1, half_life=2, min_lr=0.45)
    assert over_epochs(schedule, 4) == pytest.approx([1.0, 1.0, 2 / 3, 0.5, 0.45])


def test_the_half_life_is_one_more_than_the_start_by_default():
    assert OneOverEpoch(start=4).half_life == 5


def adjusted(values, names=("objective",), **kwargs):
    """The rate after each value of the first channel."""
    monitor = Monitor(None)
    for name in names:
        monitor.channels[name] = MonitorChannel(name)
    algorithm, adjuster, rates = (
        SimpleNamespace(learning_rate=0.5),
        MonitorBasedLRAdjuster(**kwargs),
        [],
    )
    for value in values:
        monitor.channels[names[0]].val_record.append(value)
        adjuster.on_monitor(SimpleNamespace(monitor=monitor), None, algorithm)
        rates.append(algorithm.learning_rate)
    return rates


def test_the_rate_shrinks_when_the_objective_rises_and_grows_when_it_falls_too_slowly():
    rates = adjusted([1.0, 1.1, 1.095, 0.5])
    assert rates == pytest.approx([0.5, 0.495, 0.49995, 0.49995])


def test_the_adjusted_rate_stays_within_its_limits():
    assert adjusted([1.0, 2.0], shrink_amt=0.1, min_lr=0.2) == [0.5, 0.2]
    assert adjusted([1.0, 0.995], grow_amt=9.0, max_lr=0.8) == [0.5, 0.8]


def test_the_objective_to_adjust_by_may_be_chosen():
    names = ("valid_objective", "train_objective")
    assert adjusted([1.0, 2.0], names, dataset_name="valid")[1] < 0.5
    assert adjusted([1.0, 2.0], names, channel_name="valid_objective")[1] < 0.5
    with pytest.raises(ValueError, match="several objectives, valid_objective, train_objective"):
        adjusted([1.0], names)
    with pytest.raises(ValueError, match="no objective"):
        adjusted([1.0], ("y_nll",))


def test_impossible_schedules_are_refused():
    with pytest.raises(ValueError, match="saturate=1 is before start=2"):
        LinearDecayOverEpoch(start=2, saturate=1, decay_factor=0.1)
    with pytest.raises(ValueError, match="saturate=1 is before start=2"):
        LinearDecay(start=2, saturate=1, decay_factor=0.1)
    with pytest.raises(ValueError, match="must be positive"):
        ExponentialDecay(decay_factor=0, min_lr=0.1)
    with pytest.raises(ValueError, match="must be positive"):
        OneOverEpoch(start=1, half_life=0)
    with pytest.raises(ValueError, match=r"begins at 1\.0, below min_lr=2"):
        over_epochs(OneOverEpoch(start=1, min_lr=2), 1)
    with pytest.raises(ValueError, match="not both"):
        MonitorBasedLRAdjuster(dataset_name="valid", channel_name="objective")


def test_an_epoch_is_monitored_at_its_batches(blobs, mlp, caplog):
    caplog.set_level(logging.INFO, logger=EpochMonitor.__module__)
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=4,
        monitoring_dataset=blobs,
        update_callbacks=[EpochMonitor(model=mlp, tick_rate=3, monitor_rate=5)],
        termination_criterion=EpochCounter(2),
    )
    Train(blobs, mlp, algorithm).main_loop()
    batches = mlp.monitor.channels["objective"].batch_record
    assert batches == [0, 5, 10, 10, 16, 20]  # later epochs count from their second one
    ticks = [
        record.getMessage() for record in caplog.records if record.name == EpochMonitor.__module__
    ]
    assert ticks == [f"Epoch {e}: {n} batches seen" for e in (1, 2) for n in (3, 6, 9)]
