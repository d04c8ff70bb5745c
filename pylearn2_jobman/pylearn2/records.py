"""The records of a monitor: the channels, and how far training was."""

__all__ = ["MonitorRecords", "number_aware"]

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.channels import Channels, MonitorChannel
from pylearn2_jobman.pylearn2.utils.state import Stateful

_RECORDS = {
    "val_record": np.float64,
    "epoch_record": np.int64,
    "batch_record": np.int64,
    "example_record": np.int64,
    "time_record": np.float64,
}


class MonitorRecords(Stateful):
    """Channels and counts: all of a `pylearn2.monitor.Monitor` that needs neither model nor data.

    Attributes
    ----------
    channels : Channels
        The `MonitorChannel` objects by name; a name of before 2013 gives what it became.
    training_succeeded : bool
        Whether training ended as its termination criterion says.
    time_budget_exceeded : bool
        Whether it ended because its time was over.
    """

    def __init__(self) -> None:
        self.channels = Channels()
        self.training_succeeded = False
        self.time_budget_exceeded = False
        self._epochs_seen = 0
        self._batches_seen = 0
        self._examples_seen = 0
        self._began = time.time()

    def get_epochs_seen(self) -> int:
        """Return how many epochs the model was trained for."""
        return self._epochs_seen

    def get_batches_seen(self) -> int:
        """Return how many batches the model was trained on."""
        return self._batches_seen

    def get_examples_seen(self) -> int:
        """Return how many examples the model was trained on, counting repetitions."""
        return self._examples_seen

    def get_seconds(self) -> float:
        """Return how many seconds have passed since the monitor was made."""
        return time.time() - self._began

    def report_batch(self, num_examples: int) -> None:
        """Take note that the model was trained on a batch."""
        self._batches_seen += 1
        self._examples_seen += num_examples

    def report_epoch(self) -> None:
        """Take note that the model was trained for an epoch."""
        self._epochs_seen += 1

    def record(self, values: Mapping[str, float]) -> None:
        """Add a value to the channel of each name, with how far training is now."""
        seconds = self.get_seconds()
        for name, value in values.items():
            channel = self.channels.setdefault(name, MonitorChannel(name))
            channel.val_record.append(np.float64(value))
            channel.epoch_record.append(self._epochs_seen)
            channel.batch_record.append(self._batches_seen)
            channel.example_record.append(self._examples_seen)
            channel.time_record.append(seconds)

    def require(self, name: str, who: str) -> MonitorChannel:
        """Return a channel.

        Parameters
        ----------
        name
            The channel's name.
        who
            Who needs it, for the error message.

        Raises
        ------
        ValueError
            If there is no such channel; the message lists near names.
        """
        try:
            return self.channels[name]
        except KeyError:
            raise ValueError(_no_channel(name, who, self.channels)) from None

    def state_dict(self) -> dict[str, Any]:
        """Return the records and the counts."""
        channels = self.channels.values()
        return {
            "lengths": {name: len(channel.val_record) for name, channel in self.channels.items()},
            # One array for all channels: a file holds few large ones better than many small ones.
            "records": {
                record: np.array([v for c in channels for v in getattr(c, record)], dtype=kind)
                for record, kind in _RECORDS.items()
            },
            "seen": [self._epochs_seen, self._batches_seen, self._examples_seen],
            "seconds": self.get_seconds(),
            "training_succeeded": self.training_succeeded,
            "time_budget_exceeded": self.time_budget_exceeded,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.channels.clear()
        for name in state["lengths"]:
            self.channels[name] = MonitorChannel(name)
        ends = np.cumsum(list(state["lengths"].values()))[:-1]
        for record, values in state["records"].items():
            parts = np.split(values, ends)
            for channel, part in zip(self.channels.values(), parts, strict=False):
                setattr(channel, record, list(part) if record == "val_record" else part.tolist())
        self._epochs_seen, self._batches_seen, self._examples_seen = state["seen"]
        self._began = time.time() - state["seconds"]
        self.training_succeeded = state["training_succeeded"]
        self.time_budget_exceeded = state["time_budget_exceeded"]


def _no_channel(name: str, who: str, channels: Iterable[str]) -> str:
    channels = sorted(channels, key=number_aware)
    if not channels:
        return (
            f"{who} needs the monitoring channel {name!r}, but nothing is monitored: give the "
            "algorithm a monitoring_dataset"
        )
    return (
        f"{who} needs the monitoring channel {name!r}, which does not exist"
        f"{suggest(name, channels)}; there are {', '.join(channels)}"
    )


def number_aware(name: str) -> list[tuple[bool, int | str]]:
    """Return a key that sorts h2 before h10."""
    parts = re.split(r"(\d+)", name)
    return [(not part.isdigit(), int(part) if part.isdigit() else part) for part in parts if part]
