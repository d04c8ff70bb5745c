"""What `pylearn2.train.Train` asks of a training algorithm."""

__all__ = ["TrainingAlgorithm"]

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model


class TrainingAlgorithm:
    """Trains a model on a dataset, epoch by epoch."""

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Get ready to train ``model``, and say what its monitor is to record."""
        raise NotImplementedError

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch."""
        raise NotImplementedError

    def continue_learning(self, model: Model) -> bool:
        """Return whether to train for another epoch."""
        raise NotImplementedError
