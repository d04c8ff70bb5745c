"""A progress bar for each epoch, on a terminal."""

__all__ = ["EpochProgress"]

import logging
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils.state import Stateless


class EpochProgress(TrainExtension, Stateless):
    """Shows how far an epoch of a train object has come, while in its ``with`` block.

    The log appears above the bar.

    Parameters
    ----------
    train_obj
        The train object; one whose algorithm has no ``update_callbacks`` is shown nothing of.
    console
        Where to show it; standard error by default.
    """

    def __init__(self, train_obj: Any, console: Console | None = None) -> None:
        self._train_obj = train_obj
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
            transient=True,
        )
        self._counts = False
        self._task = self._progress.add_task("", total=None, visible=False)

    def __enter__(self) -> "EpochProgress":
        self._train_obj.extensions.append(self)
        # The handlers must write to the stream that the bar watches.
        self._handlers = [
            handler
            for handler in logging.getLogger().handlers
            if isinstance(handler, logging.StreamHandler)
        ]
        self._streams = [handler.stream for handler in self._handlers]
        self._progress.start()
        for handler in self._handlers:
            handler.stream = _Above(self._progress.console)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for handler, stream in zip(self._handlers, self._streams, strict=True):
            handler.stream = stream
        self._progress.stop()

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Begin to count batches."""
        self._counts = True
        if hasattr(algorithm, "update_callbacks"):
            algorithm.update_callbacks.append(self._advance)
            examples = dataset.get_num_examples()
            total = algorithm.batches_per_iter or -(-examples // algorithm.batch_size)
            self._progress.update(self._task, total=total, visible=True)

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Begin the next epoch."""
        if not self._counts:  # a resumed training was set up before
            self.setup(model, dataset, algorithm)
        epoch = model.monitor.get_epochs_seen() + 1
        self._progress.update(self._task, completed=0, description=f"epoch {epoch}")

    def _advance(self, algorithm: Any) -> None:
        self._progress.advance(self._task)


class _Above:
    """A stream whose lines appear above the bar."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        self._console.print(text, end="", markup=False, highlight=False, soft_wrap=True)

    def flush(self) -> None:
        self._console.file.flush()
