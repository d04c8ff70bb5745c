"""`Trainer`: what the trainers of all libraries share."""

__all__ = ["TrainedModel", "Trainer"]

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.model_file import Origin, versions
from pylearn2_jobman.pylearn2.records import MonitorRecords
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter, all_criteria
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.state import (
    NOT_KEPT,
    collect_state,
    restore_into,
    resumable,
)

log = logging.getLogger(__name__)


class TrainedModel:
    """What is trained, as extractors, extensions and model files know it.

    Attributes
    ----------
    monitor : MonitorRecords
        The records of its training: ``monitor.channels[name].val_record``.
    """

    def __init__(self) -> None:
        self.monitor = MonitorRecords()


class Trainer:
    """Trains in epochs, and records channels after each.

    A subclass has `train`, which calls `end_epoch` after each epoch, and its own state in
    `own_state` and `restore`.

    Parameters
    ----------
    model
        What is trained.
    termination_criterion
        When to end: one of `pylearn2.termination_criteria`; by default when there is no more to do.
    extensions
        Further actions after each epoch, as those of `pylearn2.train.Train`.
    save_path
        File to save the model to at the end.
    seed
        What Python's, NumPy's and PyTorch's own generators begin with, when training does.

    Attributes
    ----------
    extensions : list of TrainExtension
        May be added to until training begins.
    boundaries : list of functions
        Called where everything is at rest: before the first epoch, where the library allows it
        between batches, after every epoch. One may end training by an exception.
    """

    def __init__(
        self,
        model: TrainedModel,
        termination_criterion: Any = None,
        extensions: Sequence[Any] | None = None,
        save_path: str | None = None,
        seed: int = 0,
    ) -> None:
        self.model = model
        self.seed = seed
        self.termination_criterion = termination_criterion
        self.extensions = list(extensions or [])
        self.save_path = save_path
        self.boundaries: list[Callable[[], None]] = []
        self._goes_on = True
        self._restored = False
        self._end: float | None = None  # on the monotonic clock

    # For subclasses

    def train(self) -> None:
        """Train, from where the last call of `end_epoch` was on, until `end_epoch` says no."""
        raise NotImplementedError

    def own_state(self) -> dict[str, Any]:
        """Return what training has changed so far, besides what is shared."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `own_state` returned."""
        raise NotImplementedError

    def end_epoch(self, values: Mapping[str, Any], *, last: bool = False) -> bool:
        """Record the channels of an epoch, and stop or save if that is asked for.

        Parameters
        ----------
        values
            A number for each channel.
        last
            Whether no epoch is left.

        Returns
        -------
        bool
            Whether to train for another epoch.
        """
        self.model.monitor.report_epoch()
        self.record(values, last=last)
        if self._goes_on:
            self.at_boundary()
        return self._goes_on

    def record(self, values: Mapping[str, Any], *, last: bool = False) -> None:
        """Record channels, let the extensions act, and ask whether to go on."""
        monitor = self.model.monitor
        monitor.record({name: float(value) for name, value in values.items()})
        log.info(
            "epoch %d: %s",
            monitor.get_epochs_seen(),
            ", ".join(f"{name} {float(value):.4g}" for name, value in values.items()),
        )
        wanted = not last
        for extension in self.extensions:
            try:
                extension.on_monitor(self.model, None, self)
            except StopIteration:
                log.info("%s ends training.", type(extension).__name__)
                wanted = False
        criterion = self.termination_criterion
        if wanted and criterion is not None:
            wanted = criterion.continue_learning(self.model)
        if wanted and self._end is not None and time.monotonic() >= self._end:
            log.info("The time budget is over; training ends.")
            monitor.time_budget_exceeded = True
            wanted = False
        self._goes_on = wanted

    def at_boundary(self) -> None:
        """Stop or save, if that is asked for."""
        for act in self.boundaries:
            act()

    # For those who train it

    def main_loop(self, time_budget: float | None = None) -> None:
        """Train until there is no more to do.

        Parameters
        ----------
        time_budget
            Seconds after which no other epoch is begun.
        """
        self._end = None if time_budget is None else time.monotonic() + time_budget
        if not self._restored:
            random.seed(self.seed)
            np.random.seed(self.seed)
            torch.manual_seed(self.seed)
            self._set_up()
        self._restored = False
        if self._goes_on:
            self.at_boundary()
            self.train()
            self._goes_on = False
        self.at_boundary()
        self.model.monitor.training_succeeded = True
        if self.save_path is not None:
            for extension in self.extensions:
                extension.on_save(self.model, None, self)
            serial.save(self.save_path, self.model, "backup")

    def _set_up(self) -> None:
        for extension in self.extensions:
            extension.setup(self.model, None, self)
        model: Any = self.model
        for criterion in all_criteria(self.termination_criterion):
            if isinstance(criterion, EpochCounter):  # others are not asked before there is a record
                criterion.continue_learning(model)

    def state_dict(self) -> dict[str, Any]:
        """Return what training has changed so far."""
        return {
            **collect_state(self._parts()),
            "goes_on": self._goes_on,
            "versions": versions(),
            "own": self.own_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Let `main_loop` resume from what `state_dict` of a trainer made alike returned.

        Raises
        ------
        CheckpointError
            If a library has another version now.
        """
        if differences := Origin(versions=state["versions"]).differences():
            raise CheckpointError(
                f"the checkpoint is of another training, whose result would not be that of this "
                f"one: {differences}. Undo that, or begin anew with --restart"
            )
        self._set_up()
        for name, part in self._parts().items():
            restore_into(part, state.get(name, NOT_KEPT))
        self._goes_on = state["goes_on"]
        self.restore(state["own"])
        self._restored = True

    def _parts(self) -> dict[str, Any]:
        return {
            "monitor": self.model.monitor,
            "termination_criterion": self.termination_criterion,
            "extensions": resumable(self.extensions),
        }

    def parts_without_state(self) -> list[Any]:
        """Return the parts that cannot be resumed: should they have a state, it is lost."""
        criterion = self.termination_criterion
        parts = [*self.extensions, *([] if criterion is None else [criterion])]
        return [part for part in parts if not has_state_dict(part)]
