"""Training ends when the criteria say so, asked in their order."""

from types import SimpleNamespace

import pytest

from pylearn2_jobman.pylearn2.monitor import Monitor, MonitorChannel, push_monitor
from pylearn2_jobman.pylearn2.termination_criteria import (
    And,
    ChannelInf,
    ChannelTarget,
    EpochCounter,
    MatchChannel,
    MonitorBased,
    Or,
)


class Model:
    """A model that has been trained for some epochs, with a channel."""

    def __init__(self, epochs=0, **channels):
        self.monitor = Monitor(self)
        for _ in range(epochs):
            self.monitor.report_epoch()
        for name in channels:
            self.monitor.channels[name] = MonitorChannel(name)
        self.record(**channels)

    def record(self, **values):
        for name, value in values.items():
            self.monitor.channels[name].val_record.append(value)


def answers(criterion, name, values):
    """What the criterion says as a channel takes these values."""
    model, said = Model(**{name: values[0]}), []
    for i, value in enumerate(values):
        if i:
            model.record(**{name: value})
            model.monitor.report_epoch()
        said.append(criterion.continue_learning(model))
    return said


class Asked:
    """Says what it is told, and remembers that it was asked."""

    def __init__(self, says):
        self.says, self.times = says, 0

    def continue_learning(self, model):
        self.times += 1
        return self.says


def test_epochs_are_counted_from_the_first_question():
    model, criterion = Model(epochs=7), EpochCounter(max_epochs=2)
    said = []
    for _ in range(3):
        said.append(criterion.continue_learning(model))
        model.monitor.report_epoch()
    assert said == [True, True, False]


def test_epochs_may_be_counted_from_the_beginning():
    def goes_on(epochs):
        criterion = EpochCounter(max_epochs=5, new_epochs=False)
        return criterion.continue_learning(Model(epochs=epochs))

    assert [goes_on(epochs) for epochs in (0, 4, 5, 7)] == [True, True, False, False]


def test_no_epochs_are_none():
    assert not EpochCounter(max_epochs=0).continue_learning(Model())


def test_training_goes_on_while_the_channel_falls_far_enough():
    criterion = MonitorBased(prop_decrease=0.1, N=2, channel_name="c")
    assert answers(criterion, "c", [1.0, 0.95, 0.8, 0.75, 0.73]) == [True, True, True, True, False]


def test_one_percent_within_five_epochs_is_far_enough_by_default():
    values = [1.0, *[0.9899] * 5, 0.98001]
    assert answers(MonitorBased(), "objective", values) == [True] * 5 + [True, False]


def test_a_small_improvement_still_moves_the_best_value():
    # .96 is not 5 % below 1, .92 is not 5 % below .96: the second time ends it.
    criterion = MonitorBased(prop_decrease=0.05, N=2, channel_name="c")
    assert answers(criterion, "c", [1.0, 0.96, 0.92]) == [True, True, False]


def test_not_a_number_is_no_improvement():
    criterion = MonitorBased(prop_decrease=0.0, N=1, channel_name="c")
    assert answers(criterion, "c", [1.0, float("nan")]) == [True, False]


def test_the_objective_is_the_channel_by_default():
    assert answers(MonitorBased(N=1), "objective", [1.0, 1.0]) == [True, False]


def test_a_missing_channel_is_refused_with_the_nearest():
    criterion = MonitorBased(channel_name="valid_y_missclass")
    with pytest.raises(ValueError, match=r"did you mean 'valid_y_misclass'.*valid_y_nll"):
        criterion.continue_learning(Model(valid_y_misclass=0.1, valid_y_nll=1.0))


def test_without_channels_a_monitoring_dataset_is_asked_for():
    with pytest.raises(ValueError, match="give the algorithm a monitoring_dataset"):
        MonitorBased().continue_learning(Model())


def test_a_target_ends_training_when_it_is_reached():
    assert answers(ChannelTarget("c", 0.5), "c", [0.6, 0.5]) == [True, False]


def test_infinity_ends_training():
    infinite, undefined = float("inf"), float("nan")
    assert answers(ChannelInf("c"), "c", [0.6, undefined, infinite]) == [True, True, False]


def test_an_earlier_training_may_set_the_target():
    model = push_monitor(Model(train_nll=0.3), "first")
    model.monitor.channels["valid_nll"] = MonitorChannel("valid_nll")
    criterion, said = MatchChannel("valid_nll", "train_nll", "first"), []
    for value in (0.4, 0.3):
        model.record(valid_nll=value)
        said.append(criterion.continue_learning(model))
    assert said == [True, False]


def test_an_earlier_training_that_was_not_is_asked_for():
    with pytest.raises(ValueError, match=r"no earlier monitor 'first'; .*push_monitor makes one"):
        MatchChannel("c", "c", "first").continue_learning(Model(c=1.0))


def test_and_ends_with_the_first_no_and_asks_no_further():
    last = Asked(True)
    assert not And([Asked(True), Asked(False), last]).continue_learning(Model())
    assert last.times == 0


def test_or_goes_on_with_the_first_yes_and_asks_no_further():
    last = Asked(False)
    assert Or([Asked(False), Asked(True), last]).continue_learning(Model())
    assert last.times == 0
    assert not Or([Asked(False), last]).continue_learning(Model())


def test_a_counter_that_is_asked_late_counts_from_then():
    # What the real program did: the counter is asked for the first time after three epochs.
    first, model = Asked(True), Model()
    criterion = Or([first, EpochCounter(max_epochs=2)])
    epochs = 0
    while criterion.continue_learning(model):
        model.monitor.report_epoch()
        epochs += 1
        first.says = epochs < 3
    assert epochs == 5


@pytest.mark.parametrize("combine", [And, Or])
def test_what_is_no_criterion_is_refused(combine):
    with pytest.raises(TypeError, match=rf"criteria\[1\] of {combine.__name__} is a int"):
        combine([EpochCounter(1), 5])
    with pytest.raises(ValueError, match=f"{combine.__name__} needs at least one criterion"):
        combine([])


def test_models_need_only_a_monitor():
    monitor = SimpleNamespace(get_epochs_seen=lambda: 0)
    assert EpochCounter(1).continue_learning(SimpleNamespace(monitor=monitor))
