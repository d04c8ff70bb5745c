"""`Preemption`: asks, while a model is trained, whether to stop or to save, and does it."""

__all__ = ["Preemption"]

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from pylearn2_jobman.running.progress import describe
from pylearn2_jobman.running.runner import PhaseRunner, TrainingStopped

log = logging.getLogger(__name__)

_ASK_SECONDS = 0.2


class Preemption:
    """The extension of a train object through which it can be stopped and saved.

    A train object with ``boundaries``, a list of functions that it calls where everything is at
    rest, is asked there; another one after each epoch, by ``on_monitor``.

    Parameters
    ----------
    runner
        Saves the training.
    switch
        Called with a report on how far the training is, or None; returns 'stop' or 'finish-up' to
        stop, 'save' to save, None to continue.
    saved
        Called after each save.
    observers
        Called with the monitor after each of its records.
    pruned
        Asked, after 'finish-up', whether that is for good: then there is nothing to save.
    """

    def __init__(
        self,
        runner: PhaseRunner,
        switch: Callable[[str | None], str | None],
        saved: Callable[[], None] = lambda: None,
        observers: Sequence[Callable[[Any], None]] = (),
        pruned: Callable[[], bool] = lambda: False,
    ) -> None:
        self._runner = runner
        self._switch = switch
        self._saved = saved
        self._observers = observers
        self._pruned = pruned
        self._answer: str | None = None
        self._ask_at = 0.0
        self._checked = False
        self._has_boundaries = False

    def attach(self, phase: Any) -> bool:
        """Become an extension of a train object.

        Returns
        -------
        bool
            Whether it can be stopped; one without extensions cannot.
        """
        kind = f"a {type(phase).__module__}.{type(phase).__qualname__}"
        extensions = getattr(phase, "extensions", None)
        if not isinstance(extensions, list):
            log.warning("%s has no extensions: if it is stopped, its progress is lost", kind)
            return False
        if not self._runner.phase_is_saved:
            log.warning(
                "%s (or a phase before it) has no state_dict() and load_state_dict(): if it is "
                "stopped, its progress is lost",
                kind,
            )
        forgetful: list[Any] = getattr(phase, "parts_without_state", list)()
        for part in sorted({type(each).__qualname__ for each in forgetful}):
            log.warning(
                "%s has no state_dict() and load_state_dict(): if training is stopped and resumed, "
                "it begins anew then",
                part,
            )
        extensions.append(self)
        boundaries = getattr(phase, "boundaries", None)
        self._has_boundaries = isinstance(boundaries, list)
        if isinstance(boundaries, list):
            boundaries.append(self.at_boundary)
        return True

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing yet."""

    def on_save(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing."""

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Report how far the training is, and take note of the answer."""
        monitor = getattr(model, "monitor", None)
        if monitor is not None:
            for observe in self._observers:
                observe(monitor)
        self._ask(None if monitor is None else describe(monitor))
        if not self._has_boundaries:
            self.at_boundary()

    def at_boundary(self) -> None:
        """Stop or save, if that was asked for.

        Raises
        ------
        TrainingStopped
            If training is to stop; it is saved as far as it can be.
        CheckpointError
            The first time, if the state cannot be saved.
        """
        if not self._checked:
            self._checked = True
            self._runner.note_beginning()
            self._runner.check()
        if self._answer is None:
            if time.monotonic() < self._ask_at:
                return
            self._ask(None)
        answer, self._answer = self._answer, None
        if answer in ("save", "stop", "finish-up"):
            self._obey(answer)

    def _ask(self, text: str | None) -> None:
        self._answer = self._switch(text) or self._answer
        self._ask_at = time.monotonic() + _ASK_SECONDS

    def _obey(self, answer: str) -> None:
        if answer == "finish-up" and self._pruned():
            raise TrainingStopped
        lost = not self._runner.phase_is_saved
        if answer == "finish-up" and lost:
            return  # better to train on, and perhaps come to the end
        self._runner.save()
        self._saved()
        if answer != "save":
            if lost:
                log.warning("Training is stopped; the progress of this phase is lost.")
            raise TrainingStopped
