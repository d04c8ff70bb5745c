"""How the learning rate changes during training; `pylearn2.training_algorithms.sgd` has them too.

Some are extensions of `pylearn2.train.Train` and count monitorings, of which the first comes before
training; the others are ``update_callbacks`` of `SGD` and count batches.
"""

__all__ = ["ExponentialDecay", "LinearDecayOverEpoch"]

from typing import TYPE_CHECKING, Any

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


class LinearDecayOverEpoch(TrainExtension):
    """Lowers the learning rate linearly, epoch by epoch.

    Parameters
    ----------
    start
        Number of the monitoring, the one before training being 1, at which the first step down is
        taken.
    saturate
        Number of the monitoring from which on the rate stays.
    decay_factor
        The last rate, as a part of the first.
    """

    def __init__(self, start: int, saturate: int, decay_factor: float) -> None:
        if saturate < start:
            raise ValueError(f"saturate={saturate} is before start={start}")
        self.start = start
        self.saturate = saturate
        self.decay_factor = decay_factor
        self._count = 0
        self._initial: float | None = None

    def setup(self, model: Any, dataset: Any, algorithm: "SGD") -> None:
        """Begin at the epoch where the model is."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count = model.monitor.get_epochs_seen()
        algorithm.learning_rate = self.current_learning_rate()

    def on_monitor(self, model: Any, dataset: Any, algorithm: "SGD") -> None:
        """Move on by one epoch."""
        self._count += 1
        algorithm.learning_rate = self.current_learning_rate()

    def current_learning_rate(self) -> float:
        """Return the learning rate that this epoch should have."""
        assert self._initial is not None
        return _linear(self._initial, self._count, self.start, self.saturate, self.decay_factor)


class ExponentialDecay:
    """Divides the learning rate by a constant after every batch, down to a minimum.

    Parameters
    ----------
    decay_factor
        The constant; greater than 1.
    min_lr
        The minimum.
    """

    def __init__(self, decay_factor: float, min_lr: float) -> None:
        if not decay_factor > 0:
            raise ValueError(f"decay_factor is {decay_factor}; it must be positive")
        self.decay_factor = decay_factor
        self.min_lr = min_lr
        self._count = 0
        self._initial: float | None = None
        self._reached = False

    def __call__(self, algorithm: "SGD") -> None:
        """Lower the algorithm's learning rate."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count += 1
        rate = self._initial / self.decay_factor**self._count
        self._reached = self._reached or rate <= self.min_lr
        algorithm.learning_rate = self.min_lr if self._reached else rate


def _linear(initial: float, count: int, start: int, saturate: int, factor: float) -> float:
    if count < start:
        return initial
    if count >= saturate:
        return initial * factor
    step = (initial - initial * factor) / (saturate - start + 1)
    return initial - step * (count - start + 1)
