"""`PhaseRunner`: trains one train object after the other, saves on the way and resumes."""

__all__ = ["PhaseRunner", "TrainingStopped"]

import copy
import gc
from collections.abc import Callable, MutableSequence
from typing import Any

from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.running.checkpoint import CheckpointFile
from pylearn2_jobman.running.object_graph import ObjectGraph, is_theanos
from pylearn2_jobman.running.progress import note_resumption, position


class TrainingStopped(Exception):  # noqa: N818  (nothing went wrong)
    """Training was asked to stop, and has."""


class PhaseRunner:
    """Trains a list of train objects, the phases, one after the other.

    A phase that has ``state_dict()`` and ``load_state_dict(state)`` can be saved and resumed, and
    one that is written for Theano, between its epochs (`ObjectGraph`). Another one begins anew, and
    so do all where an earlier one is of that kind.

    Parameters
    ----------
    phases
        The train objects.
    file
        Where checkpoints are kept.
    release
        Whether to let go of each phase at its end, and of its memory.

    Attributes
    ----------
    ended : int
        How many phases have been trained.
    """

    def __init__(
        self, phases: MutableSequence[Any], file: CheckpointFile, *, release: bool = False
    ) -> None:
        self.ended = 0
        self._has_begun_before = False
        self._phases = phases
        self._file = file
        self._release = release
        self._states: list[Any] = []  # of the phases that were let go of
        self._keepers: dict[int, Any] = {}

    @property
    def phase(self) -> Any:
        """The phase that is trained now."""
        return self._phases[self.ended]

    @property
    def phase_is_saved(self) -> bool:
        """Whether a checkpoint holds the progress of the present phase."""
        return self._can_save and self._keeper(self.ended) is not None

    @property
    def _can_save(self) -> bool:
        """Whether the phases that have ended need not be trained again."""
        return all(state is not None for state in self._states) and all(
            self._keeper(number) is not None for number in range(len(self._states), self.ended)
        )

    def _keeper(self, number: int) -> Any:
        """Return what saves and restores a phase: itself, its graph of objects, or None."""
        if number not in self._keepers:
            phase = self._phases[number]
            keeper = phase if has_state_dict(phase) else None
            if keeper is None and is_theanos(phase):
                keeper = ObjectGraph(phase)
            self._keepers[number] = keeper
        return self._keepers[number]

    def restore(self) -> None:
        """Resume from the checkpoint, if there is one.

        Raises
        ------
        CheckpointError
            If training cannot resume from it.
        """
        self._has_begun_before = self._file.exists()
        saved = self._file.load()
        if saved is None:
            return
        from pylearn2_jobman.pylearn2.utils.state import set_generators

        for state in saved["phases"]:
            try:
                self._keeper(self.ended).load_state_dict(state)
                if self.ended < saved["ended"] and hasattr(self._keeper(self.ended), "restore_now"):
                    self._keeper(self.ended).restore_now()
            except Exception as error:
                error.add_note(f"while resuming from {self._file.path}")
                raise
            if self.ended == saved["ended"]:
                if self._keeper(self.ended) is self.phase:
                    note_resumption(self.phase)
            else:
                self._end_phase()
        set_generators(saved["generators"])

    def train(self, main_loop: Callable[[Any], None]) -> None:
        """Train the phases that are not trained yet.

        Parameters
        ----------
        main_loop
            Called with each phase; to call its ``main_loop()``.
        """
        while self.ended < len(self._phases):
            if self._has_begun_before and hasattr(self.phase, "allow_overwrite"):
                self.phase.allow_overwrite = True  # the file is its own, from before
            main_loop(self.phase)
            self._end_phase()

    def note_beginning(self) -> None:
        """Let the present phase take note of what it is made of, before it is trained."""
        keeper = self._keeper(self.ended)
        if isinstance(keeper, ObjectGraph):
            keeper.note_beginning()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the phases that have ended, and of the present one."""
        from pylearn2_jobman.pylearn2.utils.state import generators

        begun = range(len(self._states), min(self.ended + 1, len(self._phases)))
        live = [keeper.state_dict() for keeper in map(self._keeper, begun) if keeper is not None]
        return {
            "ended": self.ended,
            "phases": [*self._states, *live],
            "generators": generators(),
        }

    def check(self) -> None:
        """Raise CheckpointError if a part's state is not one that a checkpoint can hold."""
        if self.phase_is_saved:
            from pylearn2_jobman.running.packing import pack

            pack(self.state_dict())

    def save(self) -> None:
        """Write a checkpoint, if training could resume from it."""
        if not self._can_save or not (self.ended or self.phase_is_saved):
            return
        phase = min(self.ended + 1, len(self._phases))
        where = position(self._phases[phase - 1])
        self._file.save(self.state_dict(), {"phase": phase, "ended": self.ended, **where})

    def remove_checkpoint(self) -> None:
        """Remove the checkpoints: there is nothing left to resume."""
        self._file.remove()

    def _end_phase(self) -> None:
        if self._release and self.ended + 1 < len(self._phases):
            keeper = self._keeper(self.ended)
            self._states.append(None if keeper is None else copy.deepcopy(keeper.state_dict()))
            self._phases[self.ended] = self._keepers[self.ended] = None
            del keeper
            gc.collect()
        self.ended += 1
