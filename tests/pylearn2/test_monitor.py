"""The monitor records what was asked for, weights batches rightly, and can be read afterwards."""

import logging
import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.cost import SumOfCosts
from pylearn2_jobman.pylearn2.costs.mlp import Default, WeightDecay
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.monitor import (
    Monitor,
    get_channel,
    get_monitor,
    push_monitor,
    read_channel,
)
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


@pytest.fixture
def monitor(mlp, blobs):
    monitor = get_monitor(mlp)
    monitor.setup(blobs, Default(), batch_size=15)
    return monitor


def test_a_mean_over_uneven_batches_is_the_mean_over_the_examples(monitor, mlp, blobs):
    monitor()
    X, Y = (torch.tensor(a, dtype=torch.float32) for a in (blobs.X, blobs.y))
    assert monitor.channels["y_nll"].val_record == [
        pytest.approx(mlp.cost_from_X((X, Y)).item(), rel=1e-5)
    ]


def test_values_are_numbers_of_numpy(monitor):
    monitor()
    for channel in monitor.channels.values():
        assert type(channel.val_record[0]) is np.float64
        assert channel.val_record[0].item() == channel.val_record[0]
        assert type(channel.time_record[0]) is float


def test_each_call_adds_a_record_with_what_was_seen_by_then(monitor):
    monitor()
    monitor.report_batch(10)
    monitor.report_batch(5)
    monitor.report_epoch()
    monitor()
    channel = monitor.channels["objective"]
    assert channel.epoch_record == [0, 1]
    assert channel.batch_record == [0, 2]
    assert channel.example_record == [0, 15]
    assert 0 <= channel.time_record[0] <= channel.time_record[1]


def test_a_cost_has_its_targets_where_the_model_needs_none(mlp, blobs):
    mlp.monitor_targets = False
    data = tuple(torch.tensor(a, dtype=torch.float32) for a in (blobs.X, blobs.y))
    expected = pytest.approx(mlp.cost_from_X(data).item(), rel=1e-5)
    assert get_channel(mlp, blobs, "objective", Default(), 40) == expected


def test_a_model_has_its_targets_where_the_cost_needs_none(mlp, blobs):
    decay = WeightDecay(coeffs=[0.1, 0.1])
    expected = get_channel(mlp, blobs, "y_nll", Default(), 40)
    assert get_channel(mlp, blobs, "y_nll", decay, 40) == expected


def test_channels_of_named_datasets_begin_with_the_name(mlp, blobs):
    monitor = get_monitor(mlp)
    monitor.setup({"train": blobs, "valid": blobs}, Default(), batch_size=20)
    monitor.add_channel("learning_rate", val=lambda: 0.1)
    monitor()
    names = set(monitor.channels)
    assert {"train_objective", "valid_objective", "learning_rate"} <= names
    assert not {"objective", "train_learning_rate", "valid_learning_rate"} & names


def test_a_constant_shows_the_rounding_that_the_original_shows(mlp, blobs, monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    mlp.double()
    mlp.input_space.dtype = "float64"
    monitor = Monitor(mlp)
    monitor.setup(blobs, Default(), batch_size=4)
    monitor.add_channel("learning_rate", val=lambda: 0.1)
    monitor()
    assert monitor.channels["learning_rate"].val_record == [0.09999999999999999]


def test_drawn_batches_are_the_same_at_every_epoch(mlp, blobs):
    monitor = get_monitor(mlp)
    monitor.setup(blobs, Default(), 5, 3, mode="random_uniform")
    monitor()
    monitor()
    first, second = monitor.channels["objective"].val_record
    assert first == second


def test_monitoring_keeps_no_graph(monitor, mlp):
    monitor()
    assert all(p.grad is None for p in mlp.get_params())


def test_two_channels_of_one_name_are_refused(mlp, blobs):
    monitor = get_monitor(mlp)
    with pytest.raises(ValueError, match="two channels are named 'y_nll'"):
        monitor.setup(blobs, Default(), 20, extra_costs={"y_nll": Default()})


def test_a_channel_without_a_dataset_is_refused(mlp):
    with pytest.raises(ValueError, match="'learning_rate' cannot be recorded"):
        get_monitor(mlp).add_channel("learning_rate", val=lambda: 0.1)


def test_impossible_batches_are_refused_before_training(mlp, blobs):
    with pytest.raises(ValueError, match="9 batches of 10"):
        get_monitor(mlp).setup(blobs, Default(), 10, 9)


def test_the_log_is_what_people_know(monitor, caplog):
    monitor.add_channel("large", val=lambda: 123456.0)
    monitor.add_channel("h10", val=lambda: 0.5)
    monitor.add_channel("h9", val=lambda: 0.5)
    with caplog.at_level(logging.INFO):
        monitor()
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:4] == [
        "Monitoring step:",
        "\tEpochs seen: 0",
        "\tBatches seen: 0",
        "\tExamples seen: 0",
    ]
    assert "\tlarge: 1.235e+05" in lines
    assert lines.index("\th9: 0.5") < lines.index("\th10: 0.5")


def test_records_survive_in_a_pickle_without_the_dataset(monitor, mlp, blobs):
    monitor()
    loaded = pickle.loads(pickle.dumps(mlp))
    assert read_channel(loaded, "objective") == read_channel(mlp, "objective")
    assert loaded.monitor.model is loaded
    assert blobs.X.tobytes() not in pickle.dumps(mlp)


def test_a_channel_that_is_not_there_is_refused_with_near_names(monitor, mlp):
    monitor()
    with pytest.raises(ValueError, match="did you mean 'objective'"):
        read_channel(mlp, "objectiv")


def test_a_pushed_monitor_is_kept_and_a_new_one_begins(monitor, mlp):
    monitor()
    monitor.report_epoch()
    push_monitor(mlp, "pretraining")
    assert mlp.pretraining is monitor
    assert mlp.monitor.channels == {}
    assert mlp.monitor.get_epochs_seen() == 0


def test_experience_may_be_transferred(monitor, mlp):
    monitor.report_batch(5)
    monitor.report_epoch()
    push_monitor(mlp, "pretraining", transfer_experience=True)
    seen = mlp.monitor
    assert (seen.get_epochs_seen(), seen.get_batches_seen(), seen.get_examples_seen()) == (1, 1, 5)


def test_records_may_be_transferred_but_for_the_last_which_comes_again(monitor, mlp):
    monitor()
    monitor.report_epoch()
    monitor()
    push_monitor(mlp, "pretraining", transfer_experience=True, save_records=True)
    assert mlp.monitor.channels["objective"].epoch_record == [0]
    assert monitor.channels["objective"].epoch_record == [0, 1]


def test_a_name_is_used_again_for_the_monitor_put_away_last(monitor, mlp, caplog):
    push_monitor(mlp, "before")
    second = mlp.monitor
    push_monitor(mlp, "before")
    assert mlp.before is second
    assert "The monitor before gives way" in caplog.text


def test_a_monitor_is_not_pushed_over_something_else(mlp):
    with pytest.raises(ValueError, match="'layers' already"):
        push_monitor(mlp, "layers")


def test_a_channel_may_be_computed_on_any_dataset(monitor, mlp, blobs):
    monitor()
    assert get_channel(mlp, blobs, "y_nll", Default(), 15) == read_channel(mlp, "y_nll")
    assert mlp.monitor is monitor
    assert len(monitor.channels["y_nll"].val_record) == 1


def test_maxima_are_averaged_over_batches(mlp, blobs):
    monitor = get_monitor(mlp)
    monitor.setup(blobs, Default(), batch_size=10)
    monitor()
    H = mlp.layers[0](torch.tensor(blobs.X, dtype=torch.float32)).detach().numpy()
    expected = np.mean([H[i : i + 10].max(axis=0).max() for i in range(0, 40, 10)])
    assert monitor.channels["h0_max_x_max_u"].val_record[0] == pytest.approx(expected, rel=1e-5)


def test_a_batch_goes_through_the_layers_once(mlp, blobs, monkeypatch):
    calls = []
    compute = type(mlp.layers[0]).preactivation

    def counting(layer, X):
        calls.append(layer.layer_name)
        return compute(layer, X)

    monitor = get_monitor(mlp)
    cost = SumOfCosts([Default(), Default()])
    monitor.setup(blobs, cost, batch_size=20)
    monkeypatch.setattr(type(mlp.layers[0]), "preactivation", counting)
    monitor()
    assert calls.count("h0") == 2
    before = mlp.fprop(torch.ones(1, 3))
    mlp.set_param_vector(mlp.get_param_vector() * 2)
    assert not torch.equal(mlp.fprop(torch.ones(1, 3)), before)


def test_functions_of_the_batch_are_recorded_on_datasets_that_are_added(mlp, blobs):
    other = DenseDesignMatrix(X=blobs.X[:20] + 1, y=blobs.y[:20])
    monitor = get_monitor(mlp)
    monitor.add_dataset([blobs, other], "sequential", [10, 5])
    monitor.add_dataset(other, batch_size=7)  # it is there already
    features = (mlp.get_input_space(), "features")
    monitor.add_channel("mean", ipt="X", val=torch.mean, dataset=other, data_specs=features)
    monitor.add_channel("y", ("X", "Y"), lambda batch: batch[1].mean(), dataset=blobs)
    monitor.add_channel("rate", None, SGD(0.5).learning_rate, dataset=other)
    monitor.add_channel("three", None, 3)
    seen = []
    monitor.add_channel("pre", "X", torch.max, other, [lambda X: seen.append(len(X))], features)
    monitor()
    values = {name: channel.val_record[-1] for name, channel in monitor.channels.items()}
    assert values == pytest.approx(
        {
            "mean": other.X.mean(),
            "y": 0.5,
            "rate": 0.5,
            "three": 3.0,
            "pre": np.mean([other.X[i : i + 5].max() for i in range(0, 20, 5)]),
        },
        rel=1e-5,
    )
    assert seen == [5, 5, 5, 5]


def test_what_a_channel_lacks_is_said(mlp, blobs):
    monitor = get_monitor(mlp)
    monitor.add_dataset([blobs, DenseDesignMatrix(X=blobs.X, y=blobs.y)], batch_size=10)
    with pytest.raises(ValueError, match="'a' has no val"):
        monitor.add_channel("a", "X")
    with pytest.raises(ValueError, match="'a': say which of the monitored datasets is meant"):
        monitor.add_channel("a", "X", torch.mean)
    with pytest.raises(ValueError, match="'a': its dataset is not monitored; add_dataset adds it"):
        monitor.add_channel("a", "X", torch.mean, DenseDesignMatrix(X=blobs.X))
    with pytest.raises(ValueError, match="its val must be a function of it; it is a float"):
        monitor.add_channel("a", "X", 1.0, blobs)
