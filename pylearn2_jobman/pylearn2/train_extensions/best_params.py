"""Keep the model, or the parameters, of the best epoch."""

__all__ = ["KeepBestParams", "MonitorBasedSaveBest"]

import copy
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.state import Stateful


class MonitorBasedSaveBest(TrainExtension, Stateful):
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

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Take note of the model."""
        self._model = model

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a state that ``state_dict`` returned."""
        if state["best_model"] is not None:
            self.best_model = copy.deepcopy(self._model)
        super().load_state_dict(state)

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
            serial.save(self.save_path, model, "backup", best=self.channel_name)


class KeepBestParams(TrainExtension, Stateful):
    """Keeps the parameters of the epoch at which a cost was least.

    Parameters
    ----------
    model
        The model.
    cost
        The cost.
    monitoring_dataset
        The dataset on which the cost is computed.
    batch_size
        Examples that it is computed on at once.

    Attributes
    ----------
    best_cost : float
        The least cost so far.
    """

    def __init__(self, model: Any, cost: Any, monitoring_dataset: Any, batch_size: int) -> None:
        self.model = model
        self.cost = cost
        self.dataset = monitoring_dataset
        self.batch_size = batch_size
        self.best_cost = np.inf
        self._best_params: list[Any] = model.get_param_values()

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Keep the parameters if the cost is the least so far."""
        value = self._value()
        if value < self.best_cost:
            self.best_cost = value
            self._best_params = model.get_param_values()

    @torch.no_grad()
    def _value(self) -> float:
        specs = self.model.get_data_specs(self.cost.needs_targets(self.model))
        batches = self.dataset.batches("sequential", self.batch_size, data_specs=specs)
        total = 0.0
        for data in batches:
            value = self.cost.expr(self.model, data)
            if value is None:
                raise ValueError(f"KeepBestParams: a {type(self.cost).__name__} has no value")
            total += value.item() * batches.size
        return float(total / batches.num_examples)

    def get_best_params(self) -> list[Any]:
        """Return the parameters of the best epoch, for ``model.set_param_values``."""
        return self._best_params
