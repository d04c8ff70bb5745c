"""What is done beside training: base class of the extensions of `pylearn2.train.Train`."""

__all__ = ["TrainExtension"]

from typing import Any


class TrainExtension:
    """Does something when training is set up, after every epoch, or when the model is saved.

    Subclasses redefine what they need. One that changes while training goes on has ``state_dict()``
    and ``load_state_dict(state)`` as well, so that training can be stopped and gone on with:
    `pylearn2.utils.state.Stateful` gives it both.
    """

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Get ready; comes once, before the first monitoring."""

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Act on what was recorded; comes before the first epoch and after every one.

        Raises
        ------
        StopIteration
            To end training.
        """

    def on_save(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Act before the model is saved."""
