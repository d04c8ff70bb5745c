"""Batch gradient descent: few, large batches, and a line search on each."""

__all__ = ["BGD"]

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dataset import Batches, Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.monitor import get_monitor
from pylearn2_jobman.pylearn2.optimization.batch_gradient_descent import BatchGradientDescent
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion
from pylearn2_jobman.pylearn2.training_algorithms.training_algorithm import TrainingAlgorithm
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord, Seed, make_np_rng

log = logging.getLogger(__name__)


class BGD(TrainingAlgorithm):
    """Minimises a cost on one batch after the other, by line searches.

    Parameters
    ----------
    cost
        The cost; the model's own by default.
    batch_size
        Examples in a batch; by default what the model forces, or else all.
    batches_per_iter
        Batches in an epoch; all by default.
    updates_per_batch
        Number of directions followed on each batch.
    monitoring_batch_size, monitoring_batches
        Size and number of the batches that are monitored; by default those of training.
    monitoring_dataset
        A dataset to record channels on, or several by name.
    termination_criterion
        When to end; never, by default.
    set_batch_size
        Whether a model that forces another batch size is changed to take ``batch_size``.
    reset_alpha, conjugate, min_init_alpha, reset_conjugate, line_search_mode, init_alpha
        As `pylearn2.optimization.batch_gradient_descent.BatchGradientDescent` takes them.
    verbose_optimization
        Ignored: what happens is in the monitoring channels.
    scale_step
        The part of the way to the minimum of a batch that is taken.
    theano_function_mode
        Ignored, with a note: there is no Theano here.
    seed
        Of the order of the examples.
    """

    def __init__(
        self,
        cost: Cost | None = None,
        batch_size: int | None = None,
        batches_per_iter: int | None = None,
        updates_per_batch: int = 10,
        monitoring_batch_size: int | None = None,
        monitoring_batches: int | None = None,
        monitoring_dataset: Dataset | Mapping[str, Dataset] | None = None,
        termination_criterion: TerminationCriterion | None = None,
        set_batch_size: bool = False,
        reset_alpha: bool = True,
        conjugate: bool = False,
        min_init_alpha: float | None = 0.001,
        reset_conjugate: bool = True,
        line_search_mode: str | None = None,
        verbose_optimization: bool = False,
        scale_step: float = 1.0,
        theano_function_mode: Any = None,
        init_alpha: Sequence[float] | None = None,
        seed: Seed = None,
    ) -> None:
        if theano_function_mode is not None:
            log.info("theano_function_mode is ignored: PyTorch does the computing")
        self.check_cost(cost)
        self.check_monitoring(monitoring_dataset, monitoring_batch_size, monitoring_batches)
        self.cost = cost
        self.batch_size = batch_size
        self.batches_per_iter = batches_per_iter
        self.monitoring_batch_size = monitoring_batch_size
        self.monitoring_batches = monitoring_batches
        self.monitoring_dataset = monitoring_dataset
        self.termination_criterion = termination_criterion
        self.set_batch_size = set_batch_size
        self.scale_step = scale_step
        self._make_optimizer = partial(
            BatchGradientDescent,
            max_iter=updates_per_batch,
            line_search_mode=line_search_mode,
            init_alpha=init_alpha,
            min_init_alpha=min_init_alpha,
            reset_alpha=reset_alpha,
            conjugate=bool(conjugate),
            reset_conjugate=reset_conjugate,
        )
        self.rng = make_np_rng(seed, [2012, 10, 16])

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Settle the cost and the batch size, and say what is monitored."""
        self.model = model
        self.dataset = dataset
        self.monitor = get_monitor(model)
        self._epoch = None
        self.cost = self.cost or model.get_default_cost()
        if self.batch_size is None:
            self.batch_size = model.force_batch_size or dataset.get_num_examples()
        self.batch_size = self.agree_on_batch_size(model, self.batch_size, self.set_batch_size)
        self._params: list[torch.Tensor] = list(model.get_params())
        scalers = model.get_lr_scalers()
        scales = [scalers.get(param, 1.0) for param in model.get_params()]
        self.optimizer = self._make_optimizer(self._params, scales, model.enforce_constraints)
        self._trace(self.cost, dataset)
        if self.monitoring_dataset:
            size, number = self.monitoring_batch_size, self.monitoring_batches
            if size is None and number is None:
                size, number = self.batch_size, self.batches_per_iter
            self.monitor.setup(self.monitoring_dataset, self.cost, size, number)
            optimizer = self.optimizer
            self.monitor.add_channel("ave_step_size", lambda: optimizer.ave_step_size)
            self.monitor.add_channel("ave_grad_size", lambda: optimizer.ave_grad_size)
            self.monitor.add_channel("ave_grad_mult", lambda: optimizer.ave_grad_mult)

    def _trace(self, cost: Cost, dataset: Dataset) -> None:
        """Try the cost on a batch: what is impossible is found, and random streams dealt."""
        self._value_tape, self._gradient_tape = RandomCallRecord(), RandomCallRecord()
        data = next(self._batches(dataset, make_np_rng()))
        for tape in (self._value_tape, self._gradient_tape):
            with tape.evaluation(drawing=False):
                if cost.expr(self.model, data) is None:
                    raise ValueError(
                        f"BGD cannot use a {type(cost).__name__}: it searches along lines by the "
                        "value of the cost, and this one has only gradients"
                    )

    def train(self, dataset: Dataset) -> None:
        """Train for one epoch, or for what is left of one."""
        for data, size in self.one_epoch(dataset):
            before = [param.detach().clone() for param in self._params]
            self._minimize(data)
            if self.scale_step != 1:
                with torch.no_grad():
                    torch._foreach_lerp_(before, self._params, self.scale_step)
                    torch._foreach_copy_(self._params, before)
            self.monitor.report_batch(size)

    def new_epoch(self, dataset: Dataset) -> Batches:
        """Return the batches of an epoch, in an order drawn anew."""
        return self._batches(dataset, self.rng)

    def _minimize(self, data: Any) -> None:
        cost = self.cost
        assert cost is not None

        def objective() -> float:
            with torch.no_grad(), self._value_tape.evaluation():
                value = cost.expr(self.model, data)
                assert value is not None
                return value.item()

        def gradients() -> list[torch.Tensor]:
            with torch.enable_grad(), self._gradient_tape.evaluation():
                return list(cost.get_gradients(self.model, data))

        self.optimizer.minimize(objective, gradients)

    def _batches(self, dataset: Dataset, rng: Any) -> Batches:
        assert self.cost is not None
        return dataset.iterator(
            "shuffled_sequential",
            self.batch_size,
            self.batches_per_iter,
            rng,
            self.model.get_data_specs(targets=self.cost.needs_targets(self.model)),
        )
