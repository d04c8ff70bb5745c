"""`TrainingSession`: a training under jobman: its channel, and the files in its directory."""

__all__ = ["TrainingSession"]

import os
from collections.abc import Callable, Collection, MutableMapping, MutableSequence
from pathlib import Path
from typing import Any

from pylearn2_jobman.model_file import making
from pylearn2_jobman.record_file import FILE
from pylearn2_jobman.running.checkpoint import CheckpointFile
from pylearn2_jobman.running.monitor_csv import MonitorCsv
from pylearn2_jobman.running.preemption import Preemption
from pylearn2_jobman.running.progress import latest, progress_keys
from pylearn2_jobman.running.runner import PhaseRunner
from pylearn2_jobman.tensorboard import TensorBoard


class TrainingSession:
    """Trains the phases of a job, in the present directory.

    It looks at ``JOBMAN_PROGRESS``, ``JOBMAN_TENSORBOARD`` and ``JOBMAN_RESTART``, which the
    options ``--progress``, ``--tensorboard`` and ``--restart`` set.

    Parameters
    ----------
    state
        The job's state; gets ``jobman.progress``, if there is a ``jobman``.
    channel
        The job's channel. One without ``switch`` cannot stop the training, nor have it saved.
    yaml_text
        The YAML text of the phases.
    wanted
        Monitoring channels that ``jobman.progress`` is to have, besides ``JOBMAN_PROGRESS``.
    """

    def __init__(
        self, state: Any, channel: Any, yaml_text: str, wanted: Collection[str] = ()
    ) -> None:
        self._state = state
        self._channel = channel
        self._wanted = sorted({*_names(os.environ.get("JOBMAN_PROGRESS", "")), *wanted})
        self._yaml_text = yaml_text
        self._file = CheckpointFile(
            Path.cwd(),
            yaml_text,
            not_before=float(os.environ.get("JOBMAN_RESTART", 0)),
            how_to_restart="begin anew with --restart",
        )

    def train(self, phases: MutableSequence[Any]) -> None:
        """Train one phase after the other, from where a checkpoint in the directory says.

        Raises
        ------
        TrainingStopped
            If the channel asks for it.
        CheckpointError
            If training cannot resume from the checkpoint that is there.
        """
        if not hasattr(self._channel, "switch"):
            for number, phase in enumerate(phases, 1):
                with making(yaml=self._yaml_text, phase=number):
                    phase.main_loop()
            return
        runner = PhaseRunner(phases, self._file)

        def saved() -> None:
            self._note_progress(runner.phase)
            self._channel.save()

        def main_loop(phase: Any) -> None:
            number, last = runner.ended + 1, runner.ended + 1 == len(phases)
            records = MonitorCsv(Path(FILE))
            observers: list[Callable[[Any], None]] = [records, *_tensorboard(number, len(phases))]
            channel = self._channel
            Preemption(
                runner, channel.switch, saved, observers,
                pruned=lambda: getattr(channel, "pruned", False),
            ).attach(phase)  # fmt: skip
            with making(yaml=self._yaml_text, phase=number):
                phase.main_loop()
            self._note_progress(phase)
            if not last:
                records.rename(f"monitor.phase{number}.csv")

        runner.restore()
        runner.train(main_loop)
        runner.save()  # an extractor that fails costs no training

    def remove_checkpoint(self) -> None:
        """Remove the checkpoints: there is nothing left to resume."""
        self._file.remove()

    def _note_progress(self, phase: Any) -> None:
        jobman = getattr(self._state, "jobman", None)
        keys = progress_keys(phase, self._wanted)
        if keys and isinstance(jobman, MutableMapping):
            jobman["progress"] = keys


def _tensorboard(number: int, phases: int) -> list[Callable[[Any], None]]:
    """Return the writer of a phase's event files, if these are wanted."""
    if not os.environ.get("JOBMAN_TENSORBOARD"):
        return []
    board = TensorBoard(Path("tensorboard" if phases == 1 else f"tensorboard/phase{number}"))
    return [lambda monitor: board.add(monitor.get_epochs_seen(), latest(monitor))]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
