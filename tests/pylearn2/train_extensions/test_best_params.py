"""The model of the best epoch is kept."""

import pytest

from pylearn2_jobman.pylearn2.costs.mlp import Default
from pylearn2_jobman.pylearn2.monitor import MonitorChannel, get_monitor
from pylearn2_jobman.pylearn2.train_extensions.best_params import (
    KeepBestParams,
    MonitorBasedSaveBest,
)
from pylearn2_jobman.pylearn2.utils import serial


def go_through(extension, model, values):
    """Let the extension see these values of channel 'c', the parameters counting the epochs."""
    monitor = get_monitor(model)
    channel = monitor.channels.setdefault("c", MonitorChannel("c"))
    for value in values:
        channel.val_record.append(value)
        model.set_param_vector(model.get_param_vector() * 0 + monitor.get_epochs_seen())
        extension.on_monitor(model, None, None)
        monitor.report_epoch()


def test_the_smallest_value_wins_and_the_first_of_equals(mlp, tmp_path):
    path = tmp_path / "best.pkl"
    extension = MonitorBasedSaveBest(channel_name="c", save_path=str(path))
    go_through(extension, mlp, [3.0, 1.0, 2.0, 1.0])
    assert serial.load(path).get_param_vector()[0] == 1
    assert extension.best_cost == 1.0


def test_the_largest_may_win(mlp):
    extension = MonitorBasedSaveBest("c", store_best_model=True, higher_is_better=True)
    go_through(extension, mlp, [1.0, 3.0, 2.0])
    assert extension.best_model.get_param_vector()[0] == 1


def test_the_kept_model_does_not_change_with_training(mlp):
    extension = MonitorBasedSaveBest("c", store_best_model=True)
    go_through(extension, mlp, [1.0, 2.0])
    assert extension.best_model.get_param_vector()[0] == 0
    assert len(extension.best_model.monitor.channels["c"].val_record) == 1


def test_epochs_before_the_start_do_not_count(mlp):
    extension = MonitorBasedSaveBest("c", store_best_model=True, start_epoch=2)
    go_through(extension, mlp, [1.0, 2.0, 4.0, 3.0])
    assert extension.best_model.get_param_vector()[0] == 3


def test_an_unknown_channel_is_refused(mlp):
    get_monitor(mlp).channels["valid_y_nll"] = MonitorChannel("valid_y_nll")
    with pytest.raises(ValueError, match=r"SaveBest needs .*did you mean 'valid_y_nll'"):
        MonitorBasedSaveBest("valid_y_nl", store_best_model=True).on_monitor(mlp, None, None)


def test_keeping_it_nowhere_is_refused():
    with pytest.raises(ValueError, match="keeps nothing"):
        MonitorBasedSaveBest("c")


def test_the_parameters_of_the_least_cost_are_kept(mlp, blobs):
    extension = KeepBestParams(mlp, Default(), blobs, batch_size=15)
    good = mlp.get_param_vector()
    extension.on_monitor(mlp, None, None)
    least = extension.best_cost
    mlp.set_param_vector(good * 100)
    extension.on_monitor(mlp, None, None)
    assert extension.best_cost == least
    mlp.set_param_values(extension.get_best_params())
    assert mlp.get_param_vector().tolist() == good.tolist()
