"""PyTorch modules, with a loader of batches and an optimiser."""

__all__ = ["ModuleModel", "ModuleTrainer"]

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from pylearn2_jobman.adapters.arrays import as_arrays, as_sets
from pylearn2_jobman.adapters.trainer import TrainedModel, Trainer
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.utils.state import generators, set_generators

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class ModuleModel(TrainedModel):
    """A module with the records of its training.

    Attributes
    ----------
    module : torch.nn.Module
        The module.
    classifies : bool
        Whether its output is the logarithms of unnormalised probabilities of classes.
    """

    def __init__(self, module: nn.Module, classifies: bool) -> None:
        super().__init__()
        self.module = module
        self.classifies = classifies

    def predict(self, X: Any, batch_size: int = 100) -> Any:
        """Return the label of each example, for a classifier; the output for any other module.

        Parameters
        ----------
        X
            Examples, of the shape of those in the training set.
        batch_size
            How many to compute at once.

        Returns
        -------
        array
            Labels: int64, of shape (examples,). Or outputs: (examples, ...).
        """
        output = self._outputs(X, batch_size)
        return output.argmax(1).numpy() if self.classifies else output.numpy()

    def predict_proba(self, X: Any, batch_size: int = 100) -> Any:
        """Return the probabilities of classes, of shape (examples, classes); else the output."""
        output = self._outputs(X, batch_size)
        return (output.softmax(1) if self.classifies else output).numpy()

    @torch.no_grad()
    def _outputs(self, X: Any, batch_size: int) -> torch.Tensor:
        examples: Any = _tensor(X)
        trains = self.module.training
        self.module.eval()
        try:
            outputs = [self.module(_on_device(part)).cpu() for part in examples.split(batch_size)]
        finally:
            self.module.train(trains)
        return torch.cat(outputs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.module.to(backend.device())

    def __getstate__(self) -> dict[str, Any]:
        if all(value.device.type == "cpu" for value in self.module.state_dict().values()):
            return vars(self)
        return {**vars(self), "module": copy.deepcopy(self.module).cpu()}


class ModuleTrainer(Trainer):
    """Trains a PyTorch module by batches, on the device that ``PYLEARN2_DEVICE`` names.

    The channels are ``train_objective``, the mean of the loss over an epoch's batches, and for each
    set that is monitored its loss, ``valid_objective``; with a loss for classes also
    ``valid_y_nll`` (the same) and ``valid_y_misclass``. The monitored sets are recorded before
    training too.

    It can be stopped between any two batches, and goes on as if it had not been: with module,
    optimiser, schedule, PyTorch's, NumPy's and Python's random numbers, and the place in the epoch,
    whose first batches are drawn again and not trained on.

    Parameters
    ----------
    module
        The module, or a function of YAML's that returns one.
    dataset
        What to train on: a ``DataLoader``, a dataset of PyTorch or of pylearn2, or a pair of
        arrays. A batch is a pair, of inputs and targets.
    monitoring_dataset
        What to monitor: another such, which is then called ``valid``; or several by their names.
    batch_size
        How many examples make a batch, unless a loader says so.
    optimizer
        A class of ``torch.optim``, or a function, called with the module's parameters and
        ``optimizer_options``; or an optimiser of these parameters.
    optimizer_options
        Its further arguments: ``{lr: 0.1}``.
    scheduler
        A class of ``torch.optim.lr_scheduler``, or a function, called with the optimiser and
        ``scheduler_options``; its ``step()`` is called after every epoch.
    scheduler_options
        Its further arguments.
    loss
        A function, or a module, of outputs and targets, which returns the mean over the batch; by
        default ``cross_entropy`` for integer targets, and else ``mse_loss``.
    metrics
        More channels of each monitored set: functions of outputs and targets by name, each the mean
        over a batch.
    max_epochs
        How many epochs to train at most.
    termination_criterion, extensions, save_path, seed
        See `pylearn2_jobman.adapters.trainer.Trainer`; the module has its parameters before.

    Raises
    ------
    ValueError
        If neither ``max_epochs`` nor a termination criterion says when to end.
    """

    model: ModuleModel

    def __init__(
        self,
        module: nn.Module,
        dataset: Any,
        monitoring_dataset: Any = None,
        batch_size: int = 100,
        optimizer: Any = torch.optim.SGD,
        optimizer_options: Mapping[str, Any] | None = None,
        scheduler: Any = None,
        scheduler_options: Mapping[str, Any] | None = None,
        loss: Loss | None = None,
        metrics: Mapping[str, Loss] | None = None,
        max_epochs: int | None = None,
        termination_criterion: Any = None,
        extensions: Sequence[Any] | None = None,
        save_path: str | None = None,
        seed: int = 0,
    ) -> None:
        if max_epochs is None and termination_criterion is None:
            raise ValueError("give max_epochs or a termination_criterion: nothing says when to end")
        self.loader: Any = _loader(dataset, "dataset", batch_size, shuffle=True)
        self.sets = {
            name: _loader(data, f"monitoring_dataset {name!r}", batch_size)
            for name, data in as_sets(monitoring_dataset).items()
        }
        self.loss = loss or _default_loss(self.loader)
        classifies = self.loss is nn.functional.cross_entropy or isinstance(
            self.loss, nn.CrossEntropyLoss
        )
        super().__init__(
            ModuleModel(module.to(backend.device()), classifies),
            termination_criterion,
            extensions,
            save_path,
            seed,
        )
        self.metrics = dict(metrics or {})
        self.max_epochs = max_epochs
        if not isinstance(optimizer, torch.optim.Optimizer):
            optimizer = optimizer(module.parameters(), **(optimizer_options or {}))
        self.optimizer = optimizer
        is_made = hasattr(scheduler, "state_dict") and not isinstance(scheduler, type)
        if scheduler is not None and not is_made:
            scheduler = scheduler(optimizer, **(scheduler_options or {}))
        self.scheduler = scheduler
        self._begin_anew()

    def train(self) -> None:
        """Train the epochs that are left."""
        monitor = self.model.monitor
        if not monitor.channels and self.sets:
            self.record(self._evaluated())
            if not self._goes_on:
                return
        while self.max_epochs is None or monitor.get_epochs_seen() < self.max_epochs:
            mean = self._train_epoch()
            if self.scheduler is not None:
                self.scheduler.step()
            last = monitor.get_epochs_seen() + 1 == self.max_epochs
            values = {"train_objective": mean, **self._evaluated()}
            if not self.end_epoch(values, last=last):
                return

    def _train_epoch(self) -> float:
        module = self.model.module
        module.train()
        for X, y in self._batches():
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(module(X), y)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            self._sum += loss.detach().double() * len(X)
            self._examples += len(X)
            self._batches_done += 1
            self.model.monitor.report_batch(len(X))
            self.at_boundary()
        mean = self._sum.item() / self._examples if self._examples else float("nan")
        self._begin_anew()
        return mean

    def _begin_anew(self) -> None:
        """Be between two epochs."""
        self._begin: dict[str, Any] | None = None  # the random numbers of the epoch's beginning
        self._sum = torch.zeros((), dtype=torch.float64, device=backend.device())  # of the loss
        self._examples = self._batches_done = 0

    def _batches(self) -> Iterator[Any]:
        """Yield the epoch's batches; of one that had begun, those that are left."""
        if self._begin is None:
            self._begin = self._generators()
            yield from map(_on_device, self.loader)
            return
        # The same batches are drawn once more; what is drawn beside them does not matter.
        now = self._generators()
        self._set_generators(self._begin)
        batches = iter(self.loader)
        for _ in islice(batches, self._batches_done):
            pass
        self._set_generators(now)
        yield from map(_on_device, batches)

    def _generators(self) -> dict[str, Any]:
        own = getattr(self.loader, "generator", None)
        return {"all": generators(), "own": None if own is None else own.get_state()}

    def _set_generators(self, state: Mapping[str, Any]) -> None:
        set_generators(state["all"])
        if state["own"] is not None:
            self.loader.generator.set_state(state["own"])

    @torch.no_grad()
    def _evaluated(self) -> dict[str, float]:
        """Return the channels of the monitored sets."""
        module = self.model.module
        module.eval()
        found: dict[str, float] = {}
        for name, loader in self.sets.items():
            sums: dict[str, float] = {}
            number = 0
            for X, y in map(_on_device, loader):
                output = module(X)
                for channel, value in self._values(output, y).items():
                    sums[channel] = sums.get(channel, 0.0) + float(value) * len(X)
                number += len(X)
            found |= {f"{name}_{channel}": total / number for channel, total in sums.items()}
        return found

    def _values(self, output: torch.Tensor, y: torch.Tensor) -> dict[str, Any]:
        values: dict[str, Any] = {"objective": self.loss(output, y)}
        if self.model.classifies:
            labels = y if y.ndim < output.ndim else y.argmax(1)
            values["y_nll"] = values["objective"]
            values["y_misclass"] = (output.argmax(1) != labels).float().mean()
        return values | {name: metric(output, y) for name, metric in self.metrics.items()}

    def own_state(self) -> dict[str, Any]:
        """Return module, optimiser, schedule, random numbers, and the place in the epoch."""
        own = getattr(self.loader, "generator", None)
        return {
            "module": self.model.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "loader": None if own is None else own.get_state(),
            "begin": self._begin,
            "sum": self._sum,
            "examples": self._examples,
            "batches": self._batches_done,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.model.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        if state["loader"] is not None:
            self.loader.generator.set_state(state["loader"])
        self._begin = state["begin"]
        self._sum.copy_(state["sum"])
        self._examples, self._batches_done = state["examples"], state["batches"]


def _loader(data: Any, name: str, batch_size: int, *, shuffle: bool = False) -> Iterable[Any]:
    """Return a loader of pairs of tensors."""
    if isinstance(data, DataLoader):
        return data
    if not isinstance(data, Dataset):
        X, y = as_arrays(data, name)
        if y is None:
            raise ValueError(f"{name} has no targets")
        data = TensorDataset(_tensor(X), _tensor(y))
    return DataLoader(data, batch_size=batch_size, shuffle=shuffle)


def _tensor(values: Any) -> torch.Tensor:
    """Return an array as a tensor: of PyTorch's float type, or of integers."""
    tensor = torch.as_tensor(np.asarray(values))
    return tensor.to(torch.get_default_dtype()) if tensor.is_floating_point() else tensor.long()


def _on_device(batch: Any) -> Any:
    if isinstance(batch, torch.Tensor):
        return batch.to(backend.device())
    X, y = batch
    return X.to(backend.device()), y.to(backend.device())


def _default_loss(loader: Any) -> Loss:
    dataset = loader.dataset
    _, y = next(iter(dataset)) if isinstance(dataset, IterableDataset) else dataset[0]
    is_label = isinstance(y, int | np.integer) or not torch.as_tensor(y).is_floating_point()
    return nn.functional.cross_entropy if is_label else _squared_error


def _squared_error(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean squared error; targets of shape (examples,) go with one output each."""
    same_number = output.numel() == y.numel()
    return nn.functional.mse_loss(output.reshape(y.shape) if same_number else output, y)
