"""`TensorBoard`: the records of a training as event files."""

__all__ = ["TensorBoard"]

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError


class TensorBoard:
    """Writes the values of channels, step by step.

    Parameters
    ----------
    directory
        Where the event files are.

    Raises
    ------
    UsageError
        If tensorboard is not installed.
    """

    def __init__(self, directory: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise UsageError(
                "--tensorboard needs the package tensorboard: pip install "
                "'pylearn2_jobman[tensorboard]'"
            ) from None
        self._make_writer = SummaryWriter
        self._directory = str(directory.absolute())
        self._writer: Any = None

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Write the values of one step: an epoch, or a batch where there are none."""
        if self._writer is None:
            # Events of steps after the checkpoint, which are done again, are void.
            self._writer = self._make_writer(self._directory, purge_step=step)
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()
