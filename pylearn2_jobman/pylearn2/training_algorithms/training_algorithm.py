"""The base class of training algorithms: the methods that `pylearn2.train.Train` calls."""

__all__ = ["TrainingAlgorithm"]

from collections.abc import Callable
from typing import Any

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion, all_criteria
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

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Get ready to train ``model``, and set up the channels of its monitor."""
        raise NotImplementedError

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or for the rest of one."""
        raise NotImplementedError

    def at_boundary(self) -> None:
        """Call `on_boundary`; to be called after each batch, when everything is at rest."""
        if self.on_boundary is not None:
            self.on_boundary()

    def continue_learning(self, model: Model) -> bool:
        """Return whether the termination criterion lets training continue; True without one."""
        if self.termination_criterion is None:
            return True
        return self.termination_criterion.continue_learning(model)

    def parts(self) -> list[Any]:
        """Return the parts of the algorithm that may change during training."""
        return all_criteria(self.termination_criterion)

    def agree_on_batch_size(
        self, model: Model, batch_size: int | None, may_set: bool
    ) -> int | None:
        """Return the batch size that algorithm and model agree on.

        Parameters
        ----------
        model
            The model, which may take batches of one size only.
        batch_size
            The algorithm's; None for the model's.
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
