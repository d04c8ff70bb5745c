"""For models that know themselves how to train."""

__all__ = ["DefaultTrainingAlgorithm", "TrainAll"]

from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.monitor import get_monitor
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion
from pylearn2_jobman.pylearn2.training_algorithms.training_algorithm import TrainingAlgorithm


class DefaultTrainingAlgorithm(TrainingAlgorithm):
    """Calls the model's ``set_up_training()``, if it has that, and ``train_batch``.

    The latter is given the dataset and the batch size, and returns whether there is more to learn.

    Parameters
    ----------
    batch_size
        Examples in a batch; by default the model's ``batch_size``.
    batches_per_iter
        Batches in an epoch.
    monitoring_batch_size, monitoring_batches
        Size and number of the batches that are monitored; the size is ``batch_size`` by default.
    monitoring_dataset
        A dataset to record channels on, or several by name.
    termination_criterion
        When to end; when ``train_batch`` returns False, by default.
    set_batch_size
        Whether a model that forces another batch size is changed to take ``batch_size``.
    """

    def __init__(
        self,
        batch_size: int | None = None,
        batches_per_iter: int = 1000,
        monitoring_batch_size: int | None = None,
        monitoring_batches: int | None = None,
        monitoring_dataset: Dataset | Mapping[str, Dataset] | None = None,
        termination_criterion: TerminationCriterion | None = None,
        set_batch_size: bool = False,
    ) -> None:
        self.batch_size = batch_size
        self.batches_per_iter = batches_per_iter
        self.monitoring_batch_size = monitoring_batch_size
        self.monitoring_batches = None if monitoring_batches == -1 else monitoring_batches
        self.monitoring_dataset = monitoring_dataset
        self.termination_criterion = termination_criterion
        self.set_batch_size = set_batch_size
        self.learn_more = True
        self._batch = 0  # of the present epoch

    def setup(self, model: Any, dataset: Dataset) -> None:
        """Settle the batch size and the monitored datasets."""
        if not callable(getattr(model, "train_batch", None)):
            raise ValueError(
                f"DefaultTrainingAlgorithm is for models with train_batch; a "
                f"{type(model).__name__} has none: use pylearn2.training_algorithms.sgd.SGD"
            )
        self.model = model
        if hasattr(model, "set_up_training"):
            model.set_up_training()
        self.monitor = get_monitor(model)
        self._batch = 0
        self.batch_size = self.agree_on_batch_size(model, self.batch_size, self.set_batch_size)
        if self.monitoring_dataset:
            size = self.monitoring_batch_size or self.batch_size
            self.monitor.setup(self.monitoring_dataset, None, size, self.monitoring_batches)

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or the rest of one, or until the model has had enough."""
        assert self.batch_size is not None
        while self._batch < self.batches_per_iter and self.learn_more:
            self.learn_more = bool(self.model.train_batch(dataset, self.batch_size))
            self.monitor.report_batch(self.batch_size)
            self._batch += 1
            self.at_boundary()
        self._batch = 0

    def continue_learning(self, model: Any) -> bool:
        """Return whether neither the model nor the termination criterion ends training."""
        return self.learn_more and super().continue_learning(model)


class TrainAll(TrainingAlgorithm):
    """Calls the model's ``train_all(dataset)``, until its ``continue_learning()`` is False.

    A `pylearn2.train.Train` without an algorithm uses it.
    """

    def setup(self, model: Any, dataset: Dataset) -> None:
        """Get ready to train ``model``."""
        self.model = model
        self._began = False

    def train(self, dataset: Dataset) -> None:
        """Train the model."""
        self._began = True
        self.model.train_all(dataset)

    def continue_learning(self, model: Any) -> bool:
        """Return the model's ``continue_learning()``; True before it has been trained."""
        return not self._began or bool(model.continue_learning())
