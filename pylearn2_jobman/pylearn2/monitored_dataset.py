"""A dataset that is monitored, and the channels that are recorded on it."""

__all__ = ["ChannelSource", "MonitoredDataset", "Source", "cost_channels", "cost_value"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.batches import Batches
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import CompositeSpace, Data, DataSpecs
from pylearn2_jobman.pylearn2.utils.iteration import is_stochastic
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord, Seed, make_np_rng

Values = Mapping[str, torch.Tensor | float]
Source = Callable[[Data], Values]

# Seed of the batches that are monitored, where these are drawn: the same ones at every epoch.
_SEED = [2013, 2, 22]


class ChannelSource:
    """Channels as a function of the batch, with the random streams that it draws from.

    Parameters
    ----------
    function
        From a batch to the channels' values by their names.
    data_specs
        Space and source of the batch, where that is not the model's.
    whole_names
        Whether the names are the whole ones, to which the dataset's is not added.
    """

    def __init__(
        self, function: Source, data_specs: DataSpecs | None = None, whole_names: bool = False
    ) -> None:
        self.function = function
        self.data_specs = data_specs
        self.whole_names = whole_names
        self.random_calls = RandomCallRecord()

    def __call__(self, data: Data, *, drawing: bool = True) -> Values:
        """Return the channels for a batch; without drawing, their streams are only dealt out."""
        with self.random_calls.evaluation(drawing=drawing):
            return self.function(data)


@dataclass
class MonitoredDataset:
    """A dataset that is monitored, and the sources of its channels.

    Attributes
    ----------
    dataset
        The dataset.
    prefix
        Beginning of the names of its channels.
    mode, batch_size, num_batches
        How it is visited: see `pylearn2.datasets.dataset.Dataset.iterator`.
    targets
        Whether batches hold targets.
    sources
        Where the channels come from that depend on data.
    constants
        The values that do not, by the whole name of their channel.
    seed
        Seed of the order of the batches, where these are drawn.
    """

    dataset: Dataset
    prefix: str
    mode: str
    batch_size: int | None
    num_batches: int | None
    targets: bool
    sources: list[ChannelSource] = field(default_factory=list)
    constants: dict[str, Callable[[], float]] = field(default_factory=dict)
    seed: Seed = None

    def batches(self, model: Model) -> Batches:
        """Return the batches that are monitored, which are the same every time.

        Where sources have data specs of their own, a batch is a tuple: of the model's, and theirs.
        """
        rng = make_np_rng(self.seed, _SEED) if is_stochastic(self.mode) else None
        space, source = model.get_data_specs(self.targets)
        if own := self._own_specs():
            space = CompositeSpace([space, *(specs[0] for specs in own)])
            source = (source, *(specs[1] for specs in own))
        return self.dataset.batches(
            self.mode,
            self.batch_size,
            self.num_batches,
            rng,
            (space, source),
        )

    def _own_specs(self) -> list[DataSpecs]:
        return [each.data_specs for each in self.sources if each.data_specs is not None]

    @torch.no_grad()
    def trace(self, model: Model) -> None:
        """Try the channels on a batch, to find errors and to deal out the random streams."""
        self._values(next(self.batches(model)), drawing=False)

    def _values(self, data: Data, *, drawing: bool = True) -> dict[str, Any]:
        values: dict[str, Any] = {}
        data, *own = data if self._own_specs() else (data,)
        for source in self.sources:
            batch = data if source.data_specs is None else own.pop(0)
            for short, value in source(batch, drawing=drawing).items():
                name = short if source.whole_names else self.prefix + short
                if name in values:
                    raise ValueError(f"two channels are named {name!r}")
                values[name] = value
        return values

    def evaluate(self, model: Model) -> dict[str, float]:
        """Return the value of each channel, by full name.

        The products are computed in float64 and summed in the float type, as pylearn2 did.
        """
        dtype, device = backend.float_dtype(), backend.device()

        def scalar(value: torch.Tensor | float) -> torch.Tensor:
            if isinstance(value, torch.Tensor) and value.dtype == dtype and value.device == device:
                return value  # quicker than asking PyTorch
            return torch.as_tensor(value, dtype=dtype, device=device)

        constants = {name: scalar(val()) for name, val in self.constants.items()}
        if not self.sources and not constants:
            return {}
        batches = self.batches(model)
        names: list[str] = []
        total = torch.zeros((), dtype=dtype, device=device)
        for data in batches:
            values = self._values(data)
            names = [*values, *constants]
            row = torch.stack([*map(scalar, values.values()), *constants.values()])
            total = total + (row.double() * batches.size / batches.num_examples).to(dtype)
        return dict(zip(names, total.tolist(), strict=True))


def cost_value(model: Model, cost: Cost, name: str) -> Source:
    """Return a source of the channel ``name`` ('objective' if empty): the cost's value, if any."""

    def source(data: Data) -> Values:
        value = cost.expr(model, data)
        return {} if value is None else {name or "objective": value}

    return source


def cost_channels(model: Model, cost: Cost, name: str) -> Source:
    """Return a source of the channels that the cost has, named after it."""

    def source(data: Data) -> Values:
        channels = cost.get_monitoring_channels(model, data)
        return {f"{name}_{key}" if name else key: value for key, value in channels.items()}

    return source
