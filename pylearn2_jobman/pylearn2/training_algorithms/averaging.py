"""A model whose parameters are the mean of those that training went through."""

__all__ = ["PolyakAveraging"]

from collections.abc import Callable
from typing import Any, Protocol

import torch

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.state import Stateful


class HasUpdateCallbacks(Protocol):
    """An algorithm that calls functions after each batch, such as `SGD`."""

    update_callbacks: list[Callable[[Any], None]]


class PolyakAveraging(TrainExtension, Stateful):
    """Saves a model with the mean of the parameters, over batches (Polyak and Juditsky 1992).

    Parameters
    ----------
    start
        Number of the epoch after which averaging begins; 0 for at once.
    save_path
        File to save the averaged model to.
    save_freq
        Save after every so many epochs.
    """

    def __init__(self, start: int, save_path: str | None = None, save_freq: int = 1) -> None:
        if save_freq <= 0:
            raise ValueError(f"save_freq is {save_freq}; it must be positive")
        self.start = start
        self.save_path = save_path
        self.save_freq = save_freq
        self._count = 0
        self._batches = 0
        self._mean: list[torch.Tensor] = []

    def setup(self, model: Any, dataset: Any, algorithm: HasUpdateCallbacks) -> None:
        """Have a function called after each batch."""
        self._params = list(model.get_params())
        algorithm.update_callbacks.append(self._average)

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Begin to average, or save the mean."""
        if self._count == self.start:
            self._mean = [param.detach().clone() for param in self._params]
        elif self._count > self.start and self._count % self.save_freq == 0:
            self._save(model)
        self._count += 1

    @torch.no_grad()
    def _average(self, algorithm: Any) -> None:
        if not self._mean:
            return
        self._batches += 1
        torch._foreach_lerp_(self._mean, self._params, 1.0 / self._batches)

    def _save(self, model: Any) -> None:
        if self.save_path is None:
            return
        current = model.get_param_values()
        model.set_param_values(mean.cpu().numpy() for mean in self._mean)
        try:
            serial.save(self.save_path, model)
        finally:
            model.set_param_values(current)
