"""Batch gradient descent: few, large batches, and a line search on each."""

__all__ = ["BGD"]

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.optimization.batch_gradient_descent import BatchGradientDescent
from pylearn2_jobman.pylearn2.termination_criteria import TerminationCriterion
from pylearn2_jobman.pylearn2.training_algorithms.gradient import GradientAlgorithm
from pylearn2_jobman.pylearn2.utils.rng import RandomCallRecord, Seed, make_np_rng


class BGD(GradientAlgorithm):
    """Minimises a cost on one batch after the other, by line searches.

    Parameters
    ----------
    cost
        The cost; the model's own by default.
    batch_size
        Examples in a batch; by default the model's ``batch_size``, or else all.
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
        Ignored: see the monitoring channels.
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
            rng=make_np_rng(seed, [2012, 10, 16]),
        )
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

    def setup(self, model: Model, dataset: Dataset) -> None:
        """Settle the cost, the batch size and the monitored datasets."""
        if self.batch_size is None and self.batches_per_iter is None:
            self.batch_size = model.force_batch_size or dataset.get_num_examples()
        super().setup(model, dataset)

    def agree_on_batch_size(
        self, model: Model, batch_size: int | None, may_set: bool
    ) -> int | None:
        """Return the batch size; None where every dataset is divided into batches_per_iter."""
        if batch_size is None and model.force_batch_size is None:
            return None
        return super().agree_on_batch_size(model, batch_size, may_set)

    def begin(self) -> None:
        """Make the optimizer."""
        self.optimizer = self._make_optimizer(
            self._params, self._scales, self.model.enforce_constraints
        )

    def trace(self, data: Any) -> None:
        """Try the cost on a batch: errors show before training, and random streams are dealt."""
        self._value_tape, self._gradient_tape = RandomCallRecord(), RandomCallRecord()
        for tape in (self._value_tape, self._gradient_tape):
            with tape.evaluation(drawing=False):
                if self.cost.expr(self.model, data) is None:
                    raise ValueError(
                        f"BGD cannot use a {type(self.cost).__name__}: it searches along lines by "
                        "the value of the cost, and this one has only gradients"
                    )

    def step(self, data: Any) -> None:
        """Search along lines, and go the whole way to the minimum or a part of it."""

        def objective() -> float:
            with torch.no_grad(), self._value_tape.evaluation():
                value: float = self.cost.expr(self.model, data).item()
                return value

        def gradients() -> list[torch.Tensor]:
            with torch.enable_grad(), self._gradient_tape.evaluation():
                return list(self.cost.get_gradients(self.model, data))

        before = [param.detach().clone() for param in self._params]
        try:
            self.optimizer.minimize(objective, gradients)
        except FloatingPointError as error:
            raise FloatingPointError(self.bad_data() or str(error)) from None
        if self.scale_step != 1:
            with torch.no_grad():
                torch._foreach_lerp_(before, self._params, self.scale_step)
                torch._foreach_copy_(self._params, before)

    def add_channels(self) -> None:
        """Record the means that the optimizer keeps."""
        optimizer = self.optimizer
        self.monitor.add_channel("ave_step_size", val=lambda: optimizer.ave_step_size)
        self.monitor.add_channel("ave_grad_size", val=lambda: optimizer.ave_grad_size)
        self.monitor.add_channel("ave_grad_mult", val=lambda: optimizer.ave_grad_mult)
