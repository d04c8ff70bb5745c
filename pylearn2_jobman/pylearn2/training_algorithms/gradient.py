"""The common part of the algorithms that follow the gradient of a cost."""

__all__ = ["GradientAlgorithm"]

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.batches import Batches
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.monitor import get_monitor
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion
from pylearn2_jobman.pylearn2.training_algorithms.training_algorithm import TrainingAlgorithm
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.rng import make_np_rng

log = logging.getLogger(__name__)


class GradientAlgorithm(TrainingAlgorithm):
    """Makes a cost smaller, a step on one batch after the other.

    Subclasses redefine `begin`, `trace`, `step` and `add_channels`, which come in this order.

    Parameters
    ----------
    cost, batch_size, batches_per_iter, set_batch_size, theano_function_mode
        As an `SGD`'s.
    monitoring_batch_size, monitoring_batches, monitoring_dataset, termination_criterion
        Likewise.
    rng
        Generator of the order of the examples.

    Raises
    ------
    TypeError
        If the cost is none, or several datasets are given without names.
    ValueError
        If sizes of monitored batches are given, but no dataset.
    """

    cost: Any  # a Cost; None before `setup` where the model's own is meant
    train_iteration_mode = "shuffled_sequential"
    monitor_iteration_mode = "sequential"
    monitoring_costs: Mapping[str, Cost] | None = None
    update_callbacks: Sequence[Callable[[Any], None]] = ()
    _epoch: Batches | None = None  # the rest of the present one

    def __init__(
        self,
        *,
        cost: Cost | None,
        batch_size: int | None,
        batches_per_iter: int | None,
        monitoring_batch_size: int | None,
        monitoring_batches: int | None,
        monitoring_dataset: Dataset | Mapping[str, Dataset] | None,
        termination_criterion: TerminationCriterion | None,
        set_batch_size: bool,
        theano_function_mode: Any,
        rng: np.random.RandomState,
    ) -> None:
        name = type(self).__name__
        if cost is not None and not isinstance(cost, Cost):
            raise TypeError(
                f"the cost of {name} must be a pylearn2.costs.cost.Cost; "
                f"it is a {type(cost).__name__}"
            )
        if theano_function_mode is not None:
            log.info("theano_function_mode is ignored: PyTorch does the computing")
        if isinstance(monitoring_dataset, list | tuple):
            raise TypeError(
                "monitoring_dataset is one dataset, or several by the names that their channels "
                "are to begin with, such as {'train': ..., 'valid': ...}; it is a list"
            )
        sizes = (monitoring_batch_size, monitoring_batches)
        if monitoring_dataset is None and sizes != (None, None):
            raise ValueError(
                f"{name} has monitoring_batch_size or monitoring_batches, but no "
                "monitoring_dataset: give it one, or leave them out"
            )
        self.cost = cost
        self.batch_size = batch_size
        self.batches_per_iter = batches_per_iter
        self.monitoring_batch_size = monitoring_batch_size
        self.monitoring_batches = monitoring_batches
        self.monitoring_dataset = monitoring_dataset
        self.termination_criterion = termination_criterion
        self.set_batch_size = set_batch_size
        self.rng = rng

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Settle the cost, the batch size and the monitored datasets."""
        self.model = model
        self.dataset = dataset
        self.monitor = get_monitor(model)
        self._epoch = None
        if self.cost is None:
            self.cost = model.get_default_cost()
        self.batch_size = self.agree_on_batch_size(model, self.batch_size, self.set_batch_size)
        self._params: list[Any] = []
        self.look_up()
        self.begin()
        self.trace(next(self._batches(dataset, make_np_rng())))
        if self.monitoring_dataset:
            size, number = self.monitoring_batch_size, self.monitoring_batches
            if size is None and number is None:
                size, number = self.batch_size, self.batches_per_iter
            self.monitor.setup(
                self.monitoring_dataset,
                self.cost,
                size,
                number,
                self.monitoring_costs,
                self.monitor_iteration_mode,
            )
            self.add_channels()

    def look_up(self) -> None:
        """Look up what stays the same from batch to batch: the parameters and their rates."""
        self._params = list(self.model.get_params())
        scalers = self.model.get_lr_scalers()
        self._scales = [scalers.get(param, 1.0) for param in self._params]

    @property
    def params(self) -> list[Any]:
        """The parameters that are trained, once `setup` was called."""
        return list(self._params)

    def begin(self) -> None:
        """Make the state that goes with the parameters."""

    def trace(self, data: Any) -> None:
        """Try the cost on a batch: errors show before training, and random streams are dealt."""
        raise NotImplementedError

    def step(self, data: Any) -> None:
        """Change the parameters by a batch."""
        raise NotImplementedError

    def add_channels(self) -> None:
        """Let the monitor record the state of the algorithm."""

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or for the rest of one."""
        if self._epoch is None:
            self._epoch = self._batches(dataset, self.rng)
        batches = self._epoch
        # Of batches that do not keep their position, only a whole epoch can be resumed.
        has_position = has_state_dict(batches)
        for data in batches:
            self.step(data)
            self.monitor.report_batch(batches.size)
            for callback in self.update_callbacks:
                callback(self)
            if has_position:
                self.at_boundary()
        self._epoch = None

    def _batches(self, dataset: Dataset, rng: np.random.RandomState) -> Batches:
        """Return the batches of an epoch, pairs of inputs and targets, in an order drawn anew."""
        return dataset.batches(
            self.train_iteration_mode,
            self.batch_size,
            self.batches_per_iter,
            rng,
            self.model.get_data_specs(targets=self.cost.needs_targets(self.model)),
        )

    def bad_data(self) -> str | None:
        """Return where the training data hold something that is no number; None if nowhere."""
        targets = self.cost.needs_targets(self.model)
        waiting = [self.model.get_data_specs(targets=targets)[1]]
        while waiting:
            source = waiting.pop(0)
            if isinstance(source, tuple | list):
                waiting += source
            elif source:
                examples = self.dataset.source(source)[1]
                bad = (~torch.isfinite(examples)).flatten(1).any(1).nonzero()
                if len(bad):
                    return (
                        f"{len(bad)} of the {len(examples)} training examples hold NaN or infinity "
                        f"in {source!r}, the first one at index {int(bad[0])}"
                    )
        return None

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from what ``state_dict`` returned, after `setup`."""
        if state.get("_epoch") is not None:
            self._epoch = self._batches(self.dataset, self.rng)
        super().load_state_dict(state)
