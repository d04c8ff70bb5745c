"""What `pylearn2.train.Train` asks of a training algorithm."""

__all__ = ["TrainingAlgorithm"]

from collections.abc import Callable, Iterator
from typing import Any

import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dataset import Batches, Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion, all_criteria
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.state import Stateful


class TrainingAlgorithm(Stateful):
    """Trains a model on a dataset, epoch by epoch.

    Attributes
    ----------
    on_boundary : function or None
        Called between batches, where everything is at rest. It may end training by an exception.
    """

    termination_criterion: TerminationCriterion | None = None
    on_boundary: Callable[[], None] | None = None
    dataset: Dataset
    _epoch: Batches | None = None  # what is left of the present one

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Get ready to train ``model``, and say what its monitor is to record."""
        raise NotImplementedError

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or for what is left of one."""
        raise NotImplementedError

    def at_boundary(self) -> None:
        """Say that everything is at rest; to be called after each batch."""
        if self.on_boundary is not None:
            self.on_boundary()

    def continue_learning(self, model: Model) -> bool:
        """Return what the termination criterion says; True without one."""
        if self.termination_criterion is None:
            return True
        return self.termination_criterion.continue_learning(model)

    def parts(self) -> list[Any]:
        """Return what the algorithm consists of that may change while training goes on."""
        return all_criteria(self.termination_criterion)

    def one_epoch(self, dataset: Dataset) -> Iterator[tuple[Any, int]]:
        """Yield the batches of an epoch, or of what is left of one; between them is a boundary.

        Each comes with the number of its examples.
        """
        if self._epoch is None:
            self._epoch = self.new_epoch(dataset)
        batches = self._epoch
        # Of batches that do not keep their position, only a whole epoch can be gone on with.
        has_position = has_state_dict(batches)
        for data in batches:
            yield data, batches.size
            if has_position:
                self.at_boundary()
        self._epoch = None

    def new_epoch(self, dataset: Dataset) -> Batches:
        """Return the batches of an epoch."""
        raise NotImplementedError

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what ``state_dict`` returned, after `setup`."""
        if state.get("_epoch") is not None:
            self._epoch = self.new_epoch(self.dataset)
        super().load_state_dict(state)

    def agree_on_batch_size(self, model: Model, batch_size: int | None, may_set: bool) -> int:
        """Return the batch size that algorithm and model agree on.

        Parameters
        ----------
        model
            The model, which may take batches of one size only.
        batch_size
            What the algorithm was given; None for what the model takes.
        may_set
            Whether the model may be changed to take ``batch_size``.

        Raises
        ------
        ValueError
            If neither has one, or they differ.
        """
        forced, name = model.force_batch_size, type(self).__name__
        if batch_size is None:
            if forced is None:
                raise ValueError(f"{name} needs batch_size, the number of examples in a batch")
            return forced
        if forced not in (None, batch_size):
            if not may_set:
                raise ValueError(
                    f"{name} has batch_size={batch_size}, but the model takes only batches of "
                    f"{forced}: make them equal, or give {name} set_batch_size: True"
                )
            model.set_batch_size(batch_size)
        return batch_size

    def check_cost(self, cost: Any) -> None:
        """Refuse what is no cost.

        Raises
        ------
        TypeError
            If ``cost`` is neither None nor a `Cost`.
        """
        if cost is not None and not isinstance(cost, Cost):
            raise TypeError(
                f"the cost of {type(self).__name__} must be a pylearn2.costs.cost.Cost; "
                f"it is a {type(cost).__name__}"
            )

    def check_monitoring(
        self, dataset: Any, batch_size: int | None, num_batches: int | None
    ) -> None:
        """Refuse what cannot be monitored, and to be told how where nothing is monitored.

        Raises
        ------
        ValueError
            If a size or a number of batches is given, but no dataset.
        TypeError
            If several datasets are given without names.
        """
        if isinstance(dataset, list | tuple):
            raise TypeError(
                "monitoring_dataset is one dataset, or several by the names that their channels "
                "are to begin with, such as {'train': ..., 'valid': ...}; it is a list"
            )
        if dataset is None and (batch_size, num_batches) != (None, None):
            raise ValueError(
                f"{type(self).__name__} has monitoring_batch_size or monitoring_batches, but no "
                "monitoring_dataset: give it one, or leave them out"
            )

    def check_finite(self, model: Model) -> None:
        """Refuse to go on with parameters that are no numbers any more.

        Raises
        ------
        FloatingPointError
            Naming the parameter.
        """
        for name, param in model.named_params():
            if not torch.isfinite(param).all():
                raise FloatingPointError(
                    f"{name} holds NaN or infinity after {model.monitor.get_epochs_seen()} whole "
                    "epochs: training diverges; a smaller learning_rate may help"
                )
