"""Base class of the extensions of `pylearn2.train.Train`: actions beside training."""

__all__ = ["TrainExtension"]

from typing import Any


class TrainExtension:
    """Does something when training is set up, after every epoch, or when the model is saved.

    Subclasses redefine what they need. One that changes during training has ``state_dict()`` and
    ``load_state_dict(state)`` as well, so that training can be stopped and resumed:
    `pylearn2.utils.state.Stateful` gives it both.
    """

    def change_data(self) -> None:
        """Change datasets, if need be; comes once, before the algorithm looks at them."""

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Get ready; comes once, before the first monitoring."""

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Act on the new records; comes before the first epoch and after every one.

        Raises
        ------
        StopIteration
            To end training.
        """

    def on_save(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Act before the model is saved."""
