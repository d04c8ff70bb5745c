"""Train a model: the object that a YAML file describes."""

__all__ = ["Train"]

import logging
import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.models.prediction import DataView
from pylearn2_jobman.pylearn2.monitor import get_monitor
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.training_algorithms.default import TrainAll
from pylearn2_jobman.pylearn2.training_algorithms.training_algorithm import TrainingAlgorithm
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.shared import shares
from pylearn2_jobman.pylearn2.utils.state import NOT_KEPT, collect_state, restore_into, resumable

log = logging.getLogger(__name__)


@takes_old_arguments("pylearn2.train.Train")
@shares("training_seconds", "total_seconds")
class Train:
    """Trains a model on a dataset by an algorithm, and saves it.

    Its ``state_dict()``, taken at a boundary, holds all that training changes, in itself and its
    parts; another one, made from the same YAML text, resumes there.

    Parameters
    ----------
    dataset
        The examples to train on.
    model
        The model to train.
    algorithm
        The training algorithm. A model with ``train_all``, such as
        `pylearn2.models.kmeans.KMeans`, needs none.
    save_path
        File to save the model to; where ``PYLEARN2_TRAIN_FILE_FULL_STEM`` is set, by default that
        and ``.pkl``.
    save_freq
        Save after every so many epochs, and at the end; 0 never saves.
    extensions
        Further actions after each epoch.
    allow_overwrite
        Whether ``save_path`` may exist already, from another training.

    Attributes
    ----------
    extensions : list of TrainExtension
        May be added to until training begins.
    training_seconds, total_seconds : float
        How long the last epoch took: training alone, and with all that belongs to it. They have
        ``get_value()`` and ``set_value(value)`` too.
    boundaries : list of functions
        Called where everything is at rest: before the first epoch, between batches, and after an
        epoch with all that belongs to it. One may end training by an exception.

    Raises
    ------
    TypeError
        If a part is missing, or something else than its name says.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: Model,
        algorithm: TrainingAlgorithm | None = None,
        save_path: str | None = None,
        save_freq: int = 0,
        extensions: Sequence[TrainExtension] | None = None,
        allow_overwrite: bool = True,
    ) -> None:
        _check_is(dataset, Dataset, "dataset")
        _check_is(model, Model, "model")
        if algorithm is None and callable(getattr(model, "train_all", None)):
            algorithm = TrainAll()
        _check_is(algorithm, TrainingAlgorithm, "algorithm")
        assert algorithm is not None
        self.dataset = dataset
        self.model = model
        if source := getattr(dataset, "yaml_src", None):
            model.dataset_yaml_src = source
        model.data_view = DataView(dataset)
        self.algorithm = algorithm
        self.extensions = list(extensions or [])
        self.save_freq = save_freq
        self.save_path = save_path
        self.allow_overwrite = allow_overwrite
        if save_freq > 0 and save_path is None:
            stem = os.environ.get("PYLEARN2_TRAIN_FILE_FULL_STEM")
            if stem is None:
                raise ValueError(f"save_freq is {save_freq}, but there is no save_path to save to")
            self.save_path = f"{stem}.pkl"
        if save_freq <= 0 and save_path is not None:
            log.warning("save_path is given, but save_freq is 0: the model is never saved")
        self.boundaries: list[Callable[[], None]] = []
        self.training_seconds = 0.0
        self.total_seconds = 0.0
        self._restored = False
        self._ended_by_extension = False
        self._in_epoch = False
        self._epoch_began = 0.0  # on the monotonic clock

    def main_loop(self, time_budget: float | None = None) -> None:
        """Train until the algorithm has had enough.

        Parameters
        ----------
        time_budget
            Seconds after which no other epoch is begun.

        Raises
        ------
        FileExistsError
            If training begins, ``save_path`` exists and may not be overwritten.
        """
        began = time.monotonic()
        if self._restored:
            self._restored = False
        else:
            if self.save_path and not self.allow_overwrite and Path(self.save_path).exists():
                raise FileExistsError(
                    f"save_path {self.save_path} exists; move it, or allow_overwrite"
                )
            self.setup()
            self._ended_by_extension = not self.run_callbacks_and_monitoring()
            self._at_boundary()
        monitor = self.model.monitor
        while self._in_epoch or self._wants_another_epoch():
            if time_budget is not None and time.monotonic() - began > time_budget:
                log.info("Time budget of %s exceeded; training ends.", timedelta(0, time_budget))
                monitor.time_budget_exceeded = True
                break
            self._train_for_an_epoch()
            self._ended_by_extension = not self.run_callbacks_and_monitoring()
            if self.save_freq > 0 and monitor.get_epochs_seen() % self.save_freq == 0:
                self.save()
            self.total_seconds = time.monotonic() - self._epoch_began
            self._at_boundary()
        monitor.training_succeeded = True
        if self.save_freq > 0:
            self.save()

    def _wants_another_epoch(self) -> bool:
        return self.algorithm.continue_learning(self.model) and not self._ended_by_extension

    def _train_for_an_epoch(self) -> None:
        """Train for an epoch, or for the rest of one."""
        if not self._in_epoch:
            self._in_epoch, self._epoch_began = True, time.monotonic()
        self.algorithm.train(self.dataset)
        self._in_epoch = False
        self.training_seconds = time.monotonic() - self._epoch_began
        log.info("Time this epoch: %s", timedelta(seconds=self.training_seconds))
        self.model.monitor.report_epoch()

    def _at_boundary(self) -> None:
        for act in self.boundaries:
            act()

    def setup(self) -> None:
        """Get everything ready for the first epoch."""
        monitor = get_monitor(self.model)
        monitor.begin()
        self._in_epoch = False
        self.algorithm.on_boundary = self._at_boundary
        for extension in self.extensions:
            if isinstance(extension, TrainExtension):  # those that only look like one have setup
                extension.change_data()
        self.algorithm.setup(self.model, self.dataset)
        self.setup_extensions()
        if monitor.monitors_data:
            monitor.add_channel("training_seconds_this_epoch", val=lambda: self.training_seconds)
            monitor.add_channel("total_seconds_last_epoch", val=lambda: self.total_seconds)
        self.model.enforce_constraints()

    def setup_extensions(self) -> None:
        """Get the extensions ready for the first epoch."""
        for extension in self.extensions:
            extension.setup(self.model, self.dataset, self.algorithm)

    def run_callbacks_and_monitoring(self) -> bool:
        """Record the monitored channels and run the extensions.

        Returns
        -------
        bool
            False if an extension asked, by StopIteration, to end training.
        """
        get_monitor(self.model)()
        wanted = True
        for extension in self.extensions:
            try:
                extension.on_monitor(self.model, self.dataset, self.algorithm)
            except StopIteration:
                log.info("%s ends training.", type(extension).__name__)
                wanted = False
        return wanted

    def save(self) -> None:
        """Save the model to ``save_path``."""
        for extension in self.extensions:
            extension.on_save(self.model, self.dataset, self.algorithm)
        if self.save_path is None:
            return
        log.info("Saving to %s...", self.save_path)
        began = time.monotonic()
        serial.save(self.save_path, self.model, on_overwrite="backup")
        elapsed = time.monotonic() - began
        log.info("Saving to %s done. Time elapsed: %s", self.save_path, timedelta(seconds=elapsed))

    def state_dict(self) -> dict[str, Any]:
        """Return what training has changed so far: the very tensors and generators, no copies."""
        return {
            **collect_state(self._parts()),
            "training_seconds": float(self.training_seconds),
            "total_seconds": float(self.total_seconds),
            "epoch_seconds": time.monotonic() - self._epoch_began,
            "in_epoch": self._in_epoch,
            "goes_on": not self._ended_by_extension,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Let `main_loop` resume from what `state_dict` of a train object made alike returned."""
        if not self._restored:
            self.setup()
        for name, part in self._parts().items():
            restore_into(part, state.get(name, NOT_KEPT))
        self.training_seconds = state["training_seconds"]
        self.total_seconds = state["total_seconds"]
        self._epoch_began = time.monotonic() - state["epoch_seconds"]
        self._in_epoch = state["in_epoch"]
        self._ended_by_extension = not state["goes_on"]
        self._restored = True

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "algorithm": self.algorithm,
            "dataset": self.dataset,
            "extensions": resumable(self.extensions),
        }

    def parts_without_state(self) -> list[Any]:
        """Return the parts that cannot be resumed: should they have a state, it is lost."""
        parts = [*self.extensions, *self.algorithm.parts()]
        return [part for part in parts if not has_state_dict(part)]


def _check_is(value: Any, kind: type, argument: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(
            f"Train's {argument} must be a {kind.__name__}; it is "
            f"{'missing' if value is None else f'a {type(value).__name__}'}"
        )
