"""`TensorBoard`: the records of a monitor as event files."""

__all__ = ["TensorBoard"]

from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError


class TensorBoard:
    """Writes the latest values of all channels, with the epoch as their step.

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

    def __call__(self, monitor: Any) -> None:
        """Write the latest values."""
        epoch = monitor.get_epochs_seen()
        if self._writer is None:
            # Events of epochs after the checkpoint, which are trained again, are void.
            self._writer = self._make_writer(self._directory, purge_step=epoch)
        for name, channel in monitor.channels.items():
            if channel.val_record:
                self._writer.add_scalar(name, channel.val_record[-1], epoch)
        self._writer.flush()
