"""Keep the model of the best epoch."""

__all__ = ["MonitorBasedSaveBest"]

import copy
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils import serial


class MonitorBasedSaveBest(TrainExtension):
    """Saves the model whenever a channel is better than at any epoch before.

    Parameters
    ----------
    channel_name
        The channel.
    save_path
        File to save to, which always holds the best so far.
    store_best_model
        Whether to keep a copy as ``best_model`` in memory.
    start_epoch
        First epoch that may be the best.
    higher_is_better
        Whether to look for the largest instead of the smallest value.
    tag_key
        Not used; models have no tags here.

    Attributes
    ----------
    best_cost : float
        The best value so far.
    best_model : Model or None
        The model that had it, with ``store_best_model``.
    """

    def __init__(
        self,
        channel_name: str,
        save_path: str | None = None,
        store_best_model: bool = False,
        start_epoch: int = 0,
        higher_is_better: bool = False,
        tag_key: str | None = None,
    ) -> None:
        if save_path is None and not store_best_model:
            raise ValueError(
                "MonitorBasedSaveBest needs save_path, store_best_model: True, or both: otherwise "
                "it keeps nothing"
            )
        self.channel_name = channel_name
        self.save_path = save_path
        self.store_best_model = store_best_model
        self.start_epoch = start_epoch
        self.higher_is_better = higher_is_better
        self.best_cost = -np.inf if higher_is_better else np.inf
        self.best_model: Any = None

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Save the model if this epoch is the best."""
        channel = model.monitor.require(self.channel_name, "MonitorBasedSaveBest")
        value = channel.val_record[-1]
        better = value > self.best_cost if self.higher_is_better else value < self.best_cost
        if not better or model.monitor.get_epochs_seen() < self.start_epoch:
            return
        self.best_cost = value
        if self.store_best_model:
            self.best_model = copy.deepcopy(model)
        if self.save_path is not None:
            serial.save(self.save_path, model, on_overwrite="backup")
