"""How the learning rate changes during training; `pylearn2.training_algorithms.sgd` has them too.

Some are extensions of `pylearn2.train.Train` and count monitorings, of which the first comes before
training; the others are ``update_callbacks`` of `SGD` and count batches.
"""

__all__ = [
    "AnnealedLearningRate",
    "EpochMonitor",
    "ExponentialDecay",
    "LinearDecay",
    "LinearDecayOverEpoch",
    "MonitorBasedLRAdjuster",
    "OneOverEpoch",
]

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils.state import Stateful, Stateless

log = logging.getLogger(__name__)


class HasLearningRate(Protocol):
    """An algorithm with a learning rate that may be changed, such as `SGD`."""

    learning_rate: float


class LinearDecayOverEpoch(TrainExtension, Stateful):
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

    def setup(self, model: Any, dataset: Any, algorithm: HasLearningRate) -> None:
        """Begin at the epoch where the model is."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count = model.monitor.get_epochs_seen()
        algorithm.learning_rate = self.current_learning_rate()

    def on_monitor(self, model: Any, dataset: Any, algorithm: HasLearningRate) -> None:
        """Move on by one epoch."""
        self._count += 1
        algorithm.learning_rate = self.current_learning_rate()

    def current_learning_rate(self) -> float:
        """Return the learning rate that this epoch should have."""
        assert self._initial is not None
        return _linear(self._initial, self._count, self.start, self.saturate, self.decay_factor)


class OneOverEpoch(TrainExtension, Stateful):
    """Lowers the learning rate as one over the number of epochs.

    From ``start`` on, the rate is the first one times
    ``half_life / (count - start + half_life)``.

    Parameters
    ----------
    start
        Number of the monitoring, the one before training being 1, until which nothing changes.
    half_life
        Number of epochs after which the rate is half the first; ``start`` + 1 by default.
    min_lr
        The least that the rate becomes; it must not begin below.
    """

    def __init__(self, start: int, half_life: float | None = None, min_lr: float = 1e-6) -> None:
        self.start = start
        self.half_life = half_life if half_life is not None else start + 1
        self.min_lr = min_lr
        if not self.half_life > 0:
            raise ValueError(f"half_life is {self.half_life}; it must be positive")
        self._count = 0
        self._initial: float | None = None

    def on_monitor(self, model: Any, dataset: Any, algorithm: HasLearningRate) -> None:
        """Move on by one epoch."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
            if self._initial < self.min_lr:
                raise ValueError(
                    f"OneOverEpoch: the learning rate begins at {self._initial}, below min_lr="
                    f"{self.min_lr}"
                )
        self._count += 1
        algorithm.learning_rate = self.current_learning_rate()

    def current_learning_rate(self) -> float:
        """Return the learning rate that this epoch should have."""
        assert self._initial is not None
        if self._count < self.start:
            return self._initial
        scaled = self._initial * self.half_life / (self._count - self.start + self.half_life)
        return max(scaled, self.min_lr)


class MonitorBasedLRAdjuster(TrainExtension, Stateless):
    """Changes the learning rate by how an objective develops.

    Parameters
    ----------
    high_trigger
        If the channel is more than this times its last value, the rate shrinks.
    shrink_amt
        Factor of the rate then.
    low_trigger
        If it is not, but still more than this times its last value, the rate grows.
    grow_amt
        Factor of the rate then.
    min_lr, max_lr
        The least and the most that the rate becomes.
    dataset_name
        The monitored dataset whose objective is looked at.
    channel_name
        The channel to look at; by default the objective of ``dataset_name``, or the only objective
        there is.
    """

    def __init__(
        self,
        high_trigger: float = 1.0,
        shrink_amt: float = 0.99,
        low_trigger: float = 0.99,
        grow_amt: float = 1.01,
        min_lr: float = 1e-7,
        max_lr: float = 1.0,
        dataset_name: str | None = None,
        channel_name: str | None = None,
    ) -> None:
        if channel_name is not None and dataset_name is not None:
            raise ValueError("give MonitorBasedLRAdjuster channel_name or dataset_name, not both")
        self.high_trigger = high_trigger
        self.shrink_amt = shrink_amt
        self.low_trigger = low_trigger
        self.grow_amt = grow_amt
        self.min_lr = min_lr
        self.max_lr = max_lr
        self.channel_name = f"{dataset_name}_objective" if dataset_name else channel_name

    def on_monitor(self, model: Any, dataset: Any, algorithm: HasLearningRate) -> None:
        """Change the learning rate, from the second record on."""
        name = self.channel_name or _only_objective(model.monitor.channels)
        record = model.monitor.require(name, "MonitorBasedLRAdjuster").val_record
        if len(record) < 2:
            return
        rate = algorithm.learning_rate
        if record[-1] > self.high_trigger * record[-2]:
            rate *= self.shrink_amt
        elif record[-1] > self.low_trigger * record[-2]:
            rate *= self.grow_amt
        algorithm.learning_rate = min(max(rate, self.min_lr), self.max_lr)


def _only_objective(channels: Iterable[str]) -> str:
    objectives = [name for name in channels if name.endswith("objective")]
    if len(objectives) != 1:
        found = f"several objectives, {', '.join(objectives)}" if objectives else "no objective"
        raise ValueError(
            f"MonitorBasedLRAdjuster finds {found} among the monitored channels: give it "
            "channel_name, or the dataset_name of a monitored dataset"
        )
    return objectives[0]


class ExponentialDecay(Stateful):
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

    def __call__(self, algorithm: HasLearningRate) -> None:
        """Lower the algorithm's learning rate."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count += 1
        rate = self._initial / self.decay_factor**self._count
        self._reached = self._reached or rate <= self.min_lr
        algorithm.learning_rate = self.min_lr if self._reached else rate


class LinearDecay(Stateful):
    """Lowers the learning rate linearly, batch by batch.

    Parameters
    ----------
    start
        Number of the batch, from 1, after which the first step down is taken.
    saturate
        Number of the batch from which on the rate stays.
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

    def __call__(self, algorithm: HasLearningRate) -> None:
        """Lower the algorithm's learning rate."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count += 1
        algorithm.learning_rate = _linear(
            self._initial, self._count, self.start, self.saturate, self.decay_factor
        )


class AnnealedLearningRate(Stateful):
    """Lowers the learning rate as one over the number of batches, from some batch on.

    Parameters
    ----------
    anneal_start
        Number of that batch: later the rate is the first one times ``anneal_start`` / number.
    """

    def __init__(self, anneal_start: int) -> None:
        self.anneal_start = anneal_start
        self._count = 0
        self._initial: float | None = None

    def __call__(self, algorithm: HasLearningRate) -> None:
        """Lower the algorithm's learning rate."""
        if self._initial is None:
            self._initial = algorithm.learning_rate
        self._count += 1
        algorithm.learning_rate = self._initial * min(1.0, self.anneal_start / self._count)


def _linear(initial: float, count: int, start: int, saturate: int, factor: float) -> float:
    if count < start:
        return initial
    if count >= saturate:
        return initial * factor
    step = (initial - initial * factor) / (saturate - start + 1)
    return initial - step * (count - start + 1)


class EpochMonitor(Stateful):
    """Says, and monitors, how far an epoch is; for ``update_callbacks``.

    Parameters
    ----------
    model
        The model that is trained.
    tick_rate
        Number of batches from one line in the log to the next.
    monitor_rate
        Number of batches from one record of all channels to the next.
    """

    def __init__(
        self, model: Any, tick_rate: int | None = None, monitor_rate: int | None = None
    ) -> None:
        self.model = model
        self.tick_rate = tick_rate
        self.monitor_rate = monitor_rate
        self.batches = 0
        self.epoch = 1

    def __call__(self, algorithm: Any) -> None:
        """Count a batch."""
        if self.model.monitor.get_epochs_seen() == self.epoch:
            self.epoch += 1
            self.batches = 0
            return
        self.batches += 1
        if self.monitor_rate and self.batches % self.monitor_rate == 0:
            self.model.monitor()
        elif self.tick_rate and self.batches % self.tick_rate == 0:
            log.info("Epoch %d: %d batches seen", self.epoch, self.batches)

    def _attributes(self) -> dict[str, Any]:
        return {"batches": self.batches, "epoch": self.epoch}
