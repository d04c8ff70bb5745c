"""Stochastic gradient descent: the training loop."""

__all__ = [
    "SGD",
    "AnnealedLearningRate",
    "EpochMonitor",
    "ExponentialDecay",
    "LinearDecay",
    "LinearDecayOverEpoch",
    "MonitorBasedLRAdjuster",
    "OneOverEpoch",
    "PolyakAveraging",
]

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import torch

from pylearn2_jobman.errors import OldNameWarning
from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.costs.cost import Cost, SumOfCosts
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion
from pylearn2_jobman.pylearn2.training_algorithms.averaging import PolyakAveraging
from pylearn2_jobman.pylearn2.training_algorithms.gradient import GradientAlgorithm
from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import LearningRule, PlainRule
from pylearn2_jobman.pylearn2.training_algorithms.schedules import (
    AnnealedLearningRate,
    EpochMonitor,
    ExponentialDecay,
    LinearDecay,
    LinearDecayOverEpoch,
    MonitorBasedLRAdjuster,
    OneOverEpoch,
)
from pylearn2_jobman.pylearn2.utils.iteration import has_uniform_batch_size
from pylearn2_jobman.pylearn2.utils.joined import Joined, join_parameters, layout, wholes
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord, Seed, make_np_rng
from pylearn2_jobman.pylearn2.utils.shared import shares

log = logging.getLogger(__name__)


@takes_old_arguments("pylearn2.training_algorithms.sgd.SGD")
@shares("learning_rate")
class SGD(GradientAlgorithm):
    """Follows the gradient of a cost on one batch after the other.

    Parameters
    ----------
    learning_rate
        How far to follow it.
    cost
        The cost; the model's own by default. A list of costs is their sum.
    batch_size
        Examples in a batch; by default the model's ``batch_size``.
    monitoring_batch_size, monitoring_batches
        Size and number of the batches that are monitored. If neither is given they are
        ``batch_size`` and ``batches_per_iter``; if only the number is, the whole dataset is divided
        into so many.
    monitoring_dataset
        A dataset to record channels on, or several by name.
    monitor_iteration_mode
        How these are visited.
    termination_criterion
        When to end; never, by default.
    update_callbacks
        Called with the algorithm after each batch.
    learning_rule
        From gradients to new parameters; by default ``p -= learning_rate * gradient``.
    set_batch_size
        Whether a model that forces another batch size is changed to take ``batch_size``.
    train_iteration_mode
        In which order examples are visited; 'shuffled_sequential' by default.
    batches_per_iter
        Batches in an epoch; all by default.
    theano_function_mode
        Ignored, with a note: there is no Theano here.
    monitoring_costs
        More costs to record, by name.
    seed
        Of the order of the examples.

    Attributes
    ----------
    learning_rate : float
        The current learning rate; schedules change it. It has ``get_value()`` and
        ``set_value(value)`` too.
    """

    def __init__(
        self,
        learning_rate: float | str,  # text of a number, as Theano's shared variables took it
        cost: Cost | Sequence[Cost] | None = None,
        batch_size: int | None = None,
        monitoring_batch_size: int | None = None,
        monitoring_batches: int | None = None,
        monitoring_dataset: Dataset | Mapping[str, Dataset] | None = None,
        monitor_iteration_mode: str = "sequential",
        termination_criterion: TerminationCriterion | None = None,
        update_callbacks: Callable[["SGD"], None] | Iterable[Callable[["SGD"], None]] | None = None,
        learning_rule: LearningRule | None = None,
        set_batch_size: bool = False,
        train_iteration_mode: str | None = None,
        batches_per_iter: int | None = None,
        theano_function_mode: Any = None,
        monitoring_costs: Mapping[str, Cost] | None = None,
        seed: Seed = None,
    ) -> None:
        if isinstance(cost, Sequence):
            warnings.warn(
                "SGD: a list of costs is now called SumOfCosts", OldNameWarning, stacklevel=2
            )
            cost = SumOfCosts(cost)
        if isinstance(monitoring_costs, list | tuple):
            raise TypeError("monitoring_costs are costs by the names of their channels, not a list")
        super().__init__(
            cost=cost,
            batch_size=batch_size,
            batches_per_iter=batches_per_iter,
            monitoring_batch_size=monitoring_batch_size,
            monitoring_batches=monitoring_batches,
            monitoring_dataset=monitoring_dataset,
            termination_criterion=termination_criterion,
            set_batch_size=set_batch_size,
            theano_function_mode=theano_function_mode,
            rng=make_np_rng(seed, [2012, 10, 5]),
        )
        self.learning_rate = float(learning_rate)
        self.monitor_iteration_mode = monitor_iteration_mode
        self.update_callbacks = _callbacks(update_callbacks)
        self.learning_rule = learning_rule or PlainRule()
        self.train_iteration_mode = train_iteration_mode or self.train_iteration_mode
        self.monitoring_costs = monitoring_costs

    def look_up(self) -> None:
        """Look up the parameters, put them side by side, and see how gradients are computed.

        An extension may put others in the place of some, so this is done again at every epoch. The
        learning rule begins anew if they are laid out in another way.
        """
        before = self._params
        super().look_up()
        if not (isinstance(before, Joined) and before.holds(self._params)):
            self._params = join_parameters(self._params)
            if layout(self._params) != layout(before):
                self.learning_rule.setup(self._params)
        else:
            self._params = before
        self._gradients = self.cost.gradient_function(self.model)

    def begin(self) -> None:
        """Check the parameters and the batch sizes."""
        self._check_finite("its initial value did, too")
        log.info("Parameter and initial learning rate summary:")
        for (name, _), scale in zip(self.model.named_params(), self._scales, strict=True):
            log.info("\t%s: %s", name, self.learning_rate * scale)
        self._check_even(self.dataset, "train_iteration_mode")
        monitored = self.monitoring_dataset or {}
        for dataset in monitored.values() if isinstance(monitored, Mapping) else [monitored]:
            self._check_even(dataset, "monitor_iteration_mode")

    def _check_even(self, dataset: Dataset, argument: str) -> None:
        """Refuse a smaller last batch where the model cannot take one."""
        size, examples = self.model.force_batch_size, dataset.get_num_examples()
        if size is None or has_uniform_batch_size(getattr(self, argument)) or not examples % size:
            return
        raise ValueError(
            f"the model takes only batches of {size}, but {examples} examples leave a last "
            f"batch of {examples % size}: use {argument}: even_sequential, "
            "even_shuffled_sequential or even_batchwise_shuffled_sequential, or give the model "
            "no batch_size"
        )

    def trace(self, data: Any) -> None:
        """Try the cost on a batch: errors show before training, and random streams are dealt.

        pylearn2 built the expression of the cost, and then once more for its gradients, so that
        the first one's streams are never used.
        """
        self._tape = RandomCallRecord()
        with RandomCallRecord().evaluation(drawing=False):
            self.cost.expr(self.model, data)
        with self._tape.evaluation(drawing=False):
            self.cost.trace(self.model, data)

    def step(self, data: Any) -> None:
        """Let the learning rule follow the gradient."""
        with torch.no_grad():
            with self._tape.evaluation():
                gradients = self._gradients(data)
            rates = [self.learning_rate * scale for scale in self._scales]
            self.learning_rule.step(self._params, list(gradients), rates)
        self.model.enforce_constraints()

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or for the rest of one."""
        self.look_up()
        super().train(dataset)
        self._check_finite("training diverges; a smaller learning_rate may help")

    def _check_finite(self, or_else: str) -> None:
        """Refuse parameters that are no numbers, with what is to blame for that."""
        (everything,) = wholes(self._params)
        if all(torch.isfinite(each).all() for each in everything):
            return
        for name, param in self.model.named_params():
            if not torch.isfinite(param).all():
                raise FloatingPointError(
                    f"{name} holds NaN or infinity after {self.monitor.get_epochs_seen()} whole "
                    f"epochs: {self.bad_data() or or_else}"
                )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_gradients": None}  # a function, which every epoch looks up

    def parts(self) -> list[Any]:
        """Return the parts of the algorithm that may change during training."""
        functions = (FunctionType, MethodType, BuiltinFunctionType, type)
        callbacks = [each for each in self.update_callbacks if not isinstance(each, functions)]
        return [*super().parts(), self.learning_rule, *callbacks]

    def add_channels(self) -> None:
        """Record the channel 'learning_rate', and those of the learning rule."""
        self.monitor.add_channel("learning_rate", val=lambda: self.learning_rate)
        self.learning_rule.add_channels_to_monitor(self.monitor)


def _callbacks(given: Any) -> list[Callable[[SGD], None]]:
    if given is None:
        return []
    callbacks = list(given) if isinstance(given, Iterable) else [given]
    for callback in callbacks:
        if not callable(callback):
            raise TypeError(f"update_callbacks holds a {type(callback).__name__}: {callback!r}")
    return callbacks
