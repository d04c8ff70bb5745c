"""The monitor: computes the channels of a model on datasets, and records them."""

__all__ = [
    "Monitor",
    "MonitorChannel",
    "get_channel",
    "get_monitor",
    "push_monitor",
    "read_channel",
]

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch

from pylearn2_jobman.pylearn2.channels import Channels, MonitorChannel
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.monitored_dataset import (
    ChannelSource,
    MonitoredDataset,
    Source,
    cost_channels,
    cost_value,
)
from pylearn2_jobman.pylearn2.records import MonitorRecords, number_aware
from pylearn2_jobman.pylearn2.space import DataSpecs
from pylearn2_jobman.pylearn2.utils.python2 import dict_order
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord
from pylearn2_jobman.pylearn2.utils.state import NOT_KEPT, collect_state, restore_into

log = logging.getLogger(__name__)


class Monitor(MonitorRecords):
    """Records channels of a model on datasets.

    A value is the mean over the dataset's batches, each weighted by its number of examples: exact
    for what is itself a mean over examples; a mean of extremes for what is a maximum or a minimum
    over a batch.

    Parameters
    ----------
    model
        The model whose training is recorded.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self._watches: list[MonitoredDataset] = []  # saved models have this name

    @staticmethod
    def get_monitor(model: Model) -> "Monitor":
        """Return `get_monitor` of the model."""
        return get_monitor(model)

    def begin(self) -> None:
        """Begin a training: forget the datasets of one before, keep its records."""
        self._watches = []
        self.training_succeeded = False
        self.time_budget_exceeded = False

    def setup(
        self,
        dataset: Dataset | Mapping[str, Dataset],
        cost: Cost | None,
        batch_size: int | None,
        num_batches: int | None = None,
        extra_costs: Mapping[str, Cost] | None = None,
        mode: str = "sequential",
    ) -> None:
        """Monitor datasets: the value of a cost, and the channels that cost and model have.

        Parameters
        ----------
        dataset
            A dataset; or several by names, which the names of their channels begin with.
        cost
            The cost that is trained; its value is the channel 'objective'. None for a model that
            trains without one.
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
        # The datasets share the channels that costs and model have, and with them their random
        # streams; the values of the costs are each dataset's own.
        shared: list[ChannelSource] = [
            ChannelSource(cost_channels(self.model, each, name)) for name, each in costs.items()
        ]
        shared.append(ChannelSource(self.model.get_monitoring_channels))
        for name in dict_order(datasets):
            own: list[ChannelSource] = [
                ChannelSource(cost_value(self.model, each, cost_name))
                for cost_name, each in costs.items()
            ]
            monitored = MonitoredDataset(
                dataset=datasets[name],
                prefix=f"{name}_" if name else "",
                mode=mode,
                batch_size=batch_size,
                num_batches=num_batches,
                targets=targets,
                sources=[*shared, *own],
            )
            self._watches.append(monitored)
            monitored.trace(self.model)

    def add_dataset(
        self,
        dataset: Dataset | Sequence[Dataset],
        mode: Any = "sequential",
        batch_size: Any = None,
        num_batches: Any = None,
        seed: Any = None,
    ) -> None:
        """Monitor a dataset, or several, on which `add_channel` then records.

        Parameters
        ----------
        dataset
            The dataset; one that is monitored already stays as it is.
        mode, batch_size, num_batches, seed
            How it is visited: see `pylearn2.datasets.dataset.Dataset.iterator`. For several
            datasets, a list of one for each, or one for all.
        """
        datasets = list(dataset) if isinstance(dataset, list | tuple) else [dataset]
        ways = [_for_each(each, len(datasets)) for each in (mode, batch_size, num_batches, seed)]
        targets = self.model.monitors_targets
        for each, how, size, number, begin in zip(datasets, *ways, strict=True):
            if not any(watch.dataset is each for watch in self._watches):
                watch = MonitoredDataset(each, "", how, size, number, targets, seed=begin)
                self._watches.append(watch)

    def add_channel(
        self,
        name: str,
        ipt: Any = None,
        val: Any = None,
        dataset: Dataset | None = None,
        prereqs: Sequence[Callable[..., Any]] | None = None,
        data_specs: DataSpecs | None = None,
    ) -> None:
        """Record a quantity.

        Parameters
        ----------
        name
            The channel's name, as it will be.
        ipt
            What ``val`` depends on: None for nothing. Theano's variables stood here, which say
            nothing any more; but that there are some says that ``val`` is given the batch.
        val
            The value: a number, something with ``get_value()``, or a function that returns a
            number. Where Theano's expression was, it is a function of the batch, as ``data_specs``
            nest it, that returns a scalar.
        dataset
            Where a batch comes from: a dataset that is monitored; by default the only one.
        prereqs
            Functions of the batch that are called before ``val``.
        data_specs
            Space and source of the batch; by default what the model's own channels are given.

        Raises
        ------
        ValueError
            If there is no such dataset, several among which none is named, or no value.
        """
        if val is None:
            raise ValueError(f"channel {name!r} has no val, the value to record")
        depends = ipt is not None if data_specs is None else bool(data_specs[1])
        watch = self._watch_of(name, dataset, depends)
        if not depends:
            if callable(getattr(val, "get_value", None)):
                val = val.get_value
            watch.constants[name] = val if callable(val) else partial(float, val)
            return
        if not callable(val):
            raise ValueError(
                f"channel {name!r} depends on the batch, so that its val must be a function of it; "
                f"it is a {type(val).__name__}"
            )

        def source(data: Any) -> dict[str, Any]:
            for prereq in prereqs or ():
                prereq(data)
            return {name: val(data)}

        watch.sources.append(ChannelSource(source, data_specs, whole_names=True))

    def _watch_of(self, name: str, dataset: Dataset | None, depends: bool) -> MonitoredDataset:
        if not self._watches:
            raise ValueError(f"channel {name!r} cannot be recorded: no dataset is monitored")
        if dataset is None:
            if depends and len(self._watches) > 1:
                raise ValueError(f"channel {name!r}: say which of the monitored datasets is meant")
            return self._watches[0]
        for watch in self._watches:
            if watch.dataset is dataset:
                return watch
        raise ValueError(f"channel {name!r}: its dataset is not monitored; add_dataset adds it")

    def add_source(self, source: Source) -> None:
        """Record channels that are a function of the batch, on every dataset that is monitored.

        Parameters
        ----------
        source
            From a batch to values by the channels' names, without the dataset's.
        """
        for monitored in self._watches:
            monitored.sources.append(ChannelSource(source))

    @property
    def monitors_data(self) -> bool:
        """Whether any dataset is monitored."""
        return bool(self._watches)

    @torch.no_grad()
    def __call__(self) -> None:
        """Record a value of every channel, and log them."""
        values: dict[str, float] = {}
        with self.model.remembering():
            recorded = [monitored.evaluate(self.model) for monitored in self._watches]
        for name, value in (item for each in recorded for item in each.items()):
            if name in values:
                raise ValueError(
                    f"two channels are named {name!r}: rename a layer or a monitored dataset"
                )
            values[name] = value
        self.record(values)
        self._log(values)

    def state_dict(self) -> dict[str, Any]:
        """Return the records, and the positions of the random streams of the channels."""
        return super().state_dict() | collect_state({"tapes": self._random_calls()})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        super().load_state_dict(state)
        restore_into(self._random_calls(), state.get("tapes", NOT_KEPT))

    def _random_calls(self) -> list[RandomCallRecord]:
        return [source.random_calls for each in self._watches for source in each.sources]

    def _log(self, values: Mapping[str, float]) -> None:
        log.info("Monitoring step:")
        log.info("\tEpochs seen: %d", self._epochs_seen)
        log.info("\tBatches seen: %d", self._batches_seen)
        log.info("\tExamples seen: %d", self._examples_seen)
        for name in sorted(values, key=number_aware):
            value = values[name]
            log.info("\t%s: %s", name, value if abs(value) < 1e4 else f"{value:.3e}")

    def __getstate__(self) -> dict[str, Any]:
        # Without the datasets, which the next training sets up.
        return {**self.__dict__, "_watches": []}


def _for_each(value: Any, number: int) -> list[Any]:
    """Return a value for each of several datasets."""
    return list(value) if isinstance(value, list | tuple) else [value] * number


def get_monitor(model: Model) -> Monitor:
    """Return the model's monitor, made now if it has none."""
    if not hasattr(model, "monitor"):
        model.monitor = Monitor(model)
    assert isinstance(model.monitor, Monitor)
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
        Attribute of the model to keep the old monitor in. An older one that is there gives way.
    transfer_experience
        Whether the new one counts epochs, batches and examples from where the old one is.
    save_records
        Whether the new one, if it counts on, also has the old records. It begins by monitoring
        where the old one ended, so each record's last entry is left out.
    """
    if not isinstance(getattr(model, name, old := get_monitor(model)), Monitor):
        raise ValueError(f"the model has an attribute {name!r} already; choose another name")
    if hasattr(model, name):
        log.warning("The monitor %s gives way to the one that is now put away.", name)
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


def get_channel(model: Model, dataset: Dataset, channel: str, cost: Cost, batch_size: int) -> float:
    """Return the value of a channel now, on any dataset; the model's monitor stays as it is."""
    monitor = Monitor(model)
    monitor.setup(dataset, cost, batch_size)
    monitor()
    return monitor.require(channel, "get_channel").val_record[-1]
