"""The channels of a monitor: their values, and their names, old ones included."""

__all__ = ["Channels", "MonitorChannel"]

import re
import warnings
from typing import Any

import numpy as np

from pylearn2_jobman.errors import OldNameWarning

# Until 2012 the cost was named after the algorithm that it was given to, and its input, as in
# sgd_cost(ExhaustiveSGD[X]); a dataset's name stood before it.
_OLD_COST = re.compile(r"sgd_cost\(.*\)$")


class MonitorChannel:
    """One quantity, recorded before training and after every epoch.

    Attributes
    ----------
    name : str
        The channel's name.
    val_record : list of numpy.float64
        Its values.
    epoch_record, batch_record, example_record : list of int
        Number of epochs, batches and examples trained on when each value was recorded.
    time_record : list of float
        Seconds since the monitor was made, likewise.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.val_record: list[float] = []
        self.epoch_record: list[int] = []
        self.batch_record: list[int] = []
        self.example_record: list[int] = []
        self.time_record: list[float] = []

    def without_last(self) -> "MonitorChannel":
        """Return a copy whose records lack their last entry."""
        channel = MonitorChannel(self.name)
        for record in ("val", "epoch", "batch", "example", "time"):
            setattr(channel, f"{record}_record", getattr(self, f"{record}_record")[:-1])
        return channel

    def __getstate__(self) -> dict[str, Any]:
        # As plain floats, which make smaller files.
        return {**vars(self), "val_record": [float(value) for value in self.val_record]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.val_record = [np.float64(value) for value in self.val_record]

    def __repr__(self) -> str:
        latest = f", latest {self.val_record[-1]}" if self.val_record else ""
        return f"<MonitorChannel {self.name}: {len(self.val_record)} records{latest}>"


class Channels(dict[str, MonitorChannel]):
    """Channels by name; asked for one by an old name, it gives what that became, with a warning."""

    def __missing__(self, name: str) -> MonitorChannel:
        new = _OLD_COST.sub("objective", name) if isinstance(name, str) else name
        if new == name or new not in self:
            raise KeyError(name)
        # The default filter shows each text once.
        warnings.warn(f"the channel {name} is now called {new}", OldNameWarning, stacklevel=2)
        return self[new]
