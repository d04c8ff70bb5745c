"""The records of training: channels, each a value for every epoch."""

__all__ = [
    "Monitor",
    "MonitorChannel",
    "get_channel",
    "get_monitor",
    "push_monitor",
    "read_channel",
]

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.channels import Channels
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.monitored_dataset import (
    ChannelSource,
    MonitoredDataset,
    cost_channels,
    cost_value,
)
from pylearn2_jobman.pylearn2.utils.python2 import dict_order
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord
from pylearn2_jobman.pylearn2.utils.state import Stateful, collect_state, restore_into

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.costs.cost import Cost

log = logging.getLogger(__name__)


_RECORDS = {
    "val_record": np.float64,
    "epoch_record": np.int64,
    "batch_record": np.int64,
    "example_record": np.int64,
    "time_record": np.float64,
}


class MonitorChannel:
    """One quantity, recorded before training and after every epoch.

    Attributes
    ----------
    name : str
        The channel's name.
    val_record : list of float
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

    def __repr__(self) -> str:
        latest = f", latest {self.val_record[-1]!r}" if self.val_record else ""
        return f"<MonitorChannel {self.name}: {len(self.val_record)} records{latest}>"


class Monitor(Stateful):
    """Records channels of a model on datasets.

    A value is the mean over the dataset's batches, each weighted by its number of examples: exact
    for what is itself a mean over examples; a mean of extremes for what is a maximum or a minimum
    over a batch.

    Parameters
    ----------
    model
        The model whose training is recorded.

    Attributes
    ----------
    channels : Channels
        The `MonitorChannel` objects by name; a name of before 2013 gives what it became.
    training_succeeded : bool
        Whether training ended as its termination criterion says.
    time_budget_exceeded : bool
        Whether it ended because its time was over.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.channels = Channels()
        self.training_succeeded = False
        self.time_budget_exceeded = False
        self._epochs_seen = 0
        self._batches_seen = 0
        self._examples_seen = 0
        self._began = time.time()
        self._watches: list[MonitoredDataset] = []

    @staticmethod
    def get_monitor(model: Model) -> "Monitor":
        """Return `get_monitor` of the model."""
        return get_monitor(model)

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

    def begin(self) -> None:
        """Begin a training: forget the datasets of one before, keep its records."""
        self._watches = []
        self.training_succeeded = False
        self.time_budget_exceeded = False

    def setup(
        self,
        dataset: Dataset | Mapping[str, Dataset],
        cost: "Cost | None",
        batch_size: int | None,
        num_batches: int | None = None,
        extra_costs: "Mapping[str, Cost] | None" = None,
        mode: str = "sequential",
    ) -> None:
        """Record a cost, and what cost and model find worth recording, on datasets.

        Parameters
        ----------
        dataset
            A dataset; or several by names, which the names of their channels begin with.
        cost
            What training makes smaller; its value is the channel 'objective'. None for a model
            that trains without one.
        batch_size, num_batches, mode
            How the datasets are visited: see `pylearn2.datasets.dataset.Dataset.iterator`.
        extra_costs
            More costs; a cost's value is the channel of its name.
        """
        extra_costs = extra_costs or {}
        costs = {name: extra_costs[name] for name in sorted(extra_costs)}
        if cost is not None:
            costs = {"": cost, **costs}
        datasets = dataset if isinstance(dataset, Mapping) else {"": dataset}
        targets = self.model.monitors_targets or any(
            each.needs_targets(self.model) for each in costs.values()
        )
        # The datasets share the expressions of what costs and model record about themselves, and
        # with them their random streams; each has its own of the costs.
        shared: list[ChannelSource] = [
            ChannelSource(cost_channels(self.model, each, name)) for name, each in costs.items()
        ]
        shared.append(ChannelSource(self.model.get_monitoring_channels))
        for name in dict_order(datasets):
            own: list[ChannelSource] = [
                ChannelSource(cost_value(self.model, each, cost_name))
                for cost_name, each in costs.items()
            ]
            watch = MonitoredDataset(
                dataset=datasets[name],
                prefix=f"{name}_" if name else "",
                mode=mode,
                batch_size=batch_size,
                num_batches=num_batches,
                targets=targets,
                sources=[*shared, *own],
            )
            self._watches.append(watch)
            watch.trace(self.model)

    def add_channel(
        self, name: str, val: Callable[[], float], dataset: Dataset | None = None
    ) -> None:
        """Record a quantity that does not depend on data.

        Parameters
        ----------
        name
            The channel's name, as it will be.
        val
            Returns the current value.
        dataset
            Ignored: such a quantity goes with the first dataset.
        """
        if not self._watches:
            raise ValueError(f"channel {name!r} cannot be recorded: no dataset is monitored")
        self._watches[0].constants[name] = val

    @property
    def monitors_data(self) -> bool:
        """Whether any dataset is monitored."""
        return bool(self._watches)

    def require(self, name: str, who: str) -> MonitorChannel:
        """Return a channel.

        Parameters
        ----------
        name
            The channel's name.
        who
            What needs it, for the error message.

        Raises
        ------
        ValueError
            If there is no such channel; the message lists near names.
        """
        try:
            return self.channels[name]
        except KeyError:
            raise ValueError(_no_channel(name, who, self.channels)) from None

    @torch.no_grad()
    def __call__(self) -> None:
        """Record a value of every channel, and log them."""
        values: dict[str, float] = {}
        for watch in self._watches:
            for name, value in watch.evaluate(self.model).items():
                if name in values:
                    raise ValueError(
                        f"two channels are named {name!r}: rename a layer or a monitored dataset"
                    )
                values[name] = value
        seconds = self.get_seconds()
        for name, value in values.items():
            channel = self.channels.setdefault(name, MonitorChannel(name))
            channel.val_record.append(value)
            channel.epoch_record.append(self._epochs_seen)
            channel.batch_record.append(self._batches_seen)
            channel.example_record.append(self._examples_seen)
            channel.time_record.append(seconds)
        self._log(values)

    def state_dict(self) -> dict[str, Any]:
        """Return the records, and where the random streams of what is monitored are."""
        channels = self.channels.values()
        state = {
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
        return state | collect_state({"tapes": self._tapes()})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        self.channels.clear()
        for name in state["lengths"]:
            self.channels[name] = MonitorChannel(name)
        ends = np.cumsum(list(state["lengths"].values()))[:-1]
        for record, values in state["records"].items():
            parts = np.split(values, ends)
            for channel, part in zip(self.channels.values(), parts, strict=False):
                setattr(channel, record, part.tolist())
        self._epochs_seen, self._batches_seen, self._examples_seen = state["seen"]
        self._began = time.time() - state["seconds"]
        self.training_succeeded = state["training_succeeded"]
        self.time_budget_exceeded = state["time_budget_exceeded"]
        restore_into(self._tapes(), state.get("tapes", ...))

    def _tapes(self) -> list[RandomCallRecord]:
        return [source.tape for watch in self._watches for source in watch.sources]

    def _log(self, values: Mapping[str, float]) -> None:
        log.info("Monitoring step:")
        log.info("\tEpochs seen: %d", self._epochs_seen)
        log.info("\tBatches seen: %d", self._batches_seen)
        log.info("\tExamples seen: %d", self._examples_seen)
        for name in sorted(values, key=_number_aware):
            value = values[name]
            log.info("\t%s: %s", name, value if abs(value) < 1e4 else f"{value:.3e}")

    def __getstate__(self) -> dict[str, Any]:
        # Datasets stay where they are; whoever trains on sets them up again.
        return {**self.__dict__, "_watches": []}


def _no_channel(name: str, who: str, channels: Iterable[str]) -> str:
    channels = sorted(channels, key=_number_aware)
    if not channels:
        return (
            f"{who} needs the monitoring channel {name!r}, but nothing is monitored: give the "
            "algorithm a monitoring_dataset"
        )
    return (
        f"{who} needs the monitoring channel {name!r}, which does not exist"
        f"{suggest(name, channels)}; there are {', '.join(channels)}"
    )


def _number_aware(name: str) -> list[tuple[bool, int | str]]:
    """Return a key that sorts h2 before h10."""
    parts = re.split(r"(\d+)", name)
    return [(not part.isdigit(), int(part) if part.isdigit() else part) for part in parts if part]


def get_monitor(model: Model) -> Monitor:
    """Return the model's monitor, made now if it has none."""
    if not hasattr(model, "monitor"):
        model.monitor = Monitor(model)
    return model.monitor


def push_monitor(
    model: Model, name: str, transfer_experience: bool = False, save_records: bool = False
) -> Model:
    """Put the model's monitor away and give it a new one, so that it can be trained once more.

    Parameters
    ----------
    model
        A model that has been trained.
    name
        Attribute of the model to keep the old monitor in.
    transfer_experience
        Whether the new one goes on counting epochs, batches and examples.
    save_records
        Whether the new one, if it goes on counting, also goes on with the records. It begins by
        monitoring where the old one ended, so each record's last entry is left out.
    """
    if hasattr(model, name):
        raise ValueError(f"the model has an attribute {name!r} already; choose another name")
    old = get_monitor(model)
    setattr(model, name, old)
    del model.monitor
    new = get_monitor(model)
    if transfer_experience:
        new._epochs_seen = old._epochs_seen
        new._batches_seen = old._batches_seen
        new._examples_seen = old._examples_seen
        if save_records:
            records = {name: channel.without_last() for name, channel in old.channels.items()}
            new.channels = Channels(records)
    return model


def read_channel(model: Model, channel_name: str, monitor_name: str = "monitor") -> float:
    """Return the last value of a channel of the model's monitor."""
    monitor: Monitor = getattr(model, monitor_name)
    return monitor.require(channel_name, "read_channel").val_record[-1]


def get_channel(
    model: Model, dataset: Dataset, channel: str, cost: "Cost", batch_size: int
) -> float:
    """Return the value of a channel now, on any dataset; the model's monitor stays as it is."""
    monitor = Monitor(model)
    monitor.setup(dataset, cost, batch_size)
    monitor()
    return monitor.require(channel, "get_channel").val_record[-1]
