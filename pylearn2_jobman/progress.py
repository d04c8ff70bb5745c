"""What a training run tells its worker's display: the epoch and the main channel."""

__all__ = ["ProgressReport"]

from typing import Any


class ProgressReport:
    """A train extension that says after every epoch how far it is.

    Parameters
    ----------
    channel
        The job's channel; its ``switch(message)`` takes the message.
    """

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing: what there is to say comes with the first monitoring."""

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Say ``epoch 12, valid_objective 0.1234``."""
        monitor = model.monitor
        text = f"epoch {monitor.get_epochs_seen()}"
        name = _main_channel(monitor.channels)
        if name is not None and monitor.channels[name].val_record:
            text += f", {name} {float(monitor.channels[name].val_record[-1]):.4g}"
        self._channel.switch(text)

    def on_save(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Do nothing."""


def _main_channel(names: Any) -> str | None:
    """Return the objective on held-out data, where there is one."""
    objectives = sorted(name for name in names if name.endswith("objective"))
    held_out = [name for name in objectives if name.startswith("valid")]
    return next(iter([*held_out, *objectives]), None)
