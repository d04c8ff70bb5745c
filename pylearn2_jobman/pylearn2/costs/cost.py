"""What a cost is, and the sum of costs."""

__all__ = ["Cost", "LpPenalty", "MethodCost", "SumOfCosts"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.models.model import Data, Model
from pylearn2_jobman.pylearn2.utils.state import Stateful


class Cost(Stateful):
    """A number that says how bad a model is on a batch; training makes it smaller.

    Attributes
    ----------
    supervised : bool
        Whether targets are needed.
    """

    supervised = False

    def expr(self, model: Model, data: Data) -> torch.Tensor | None:
        """Return the cost of ``model`` on a batch: a scalar, or None if only gradients exist."""
        raise NotImplementedError

    def get_gradients(self, model: Model, data: Data) -> tuple[torch.Tensor, ...]:
        """Return the gradient of the cost for each of ``model.get_params()``."""
        cost = self.expr(model, data)
        assert cost is not None
        return torch.autograd.grad(cost, model.get_params(), materialize_grads=True)

    def get_monitoring_channels(self, model: Model, data: Data) -> dict[str, torch.Tensor]:
        """Return what is worth recording about the cost on a batch, by name: scalars."""
        return {}

    def term_name(self, model: Model) -> str:
        """Return how pylearn2 calls the cost as a term of a `SumOfCosts`; may be empty."""
        return ""


class SumOfCosts(Cost):
    """A weighted sum of costs.

    Parameters
    ----------
    costs
        Costs, or pairs of a coefficient and a cost.

    Raises
    ------
    ValueError
        If there are none, or one is neither.
    """

    def __init__(self, costs: Sequence[Any]) -> None:
        if not costs:
            raise ValueError("SumOfCosts needs at least one cost")
        self.coeffs: list[float] = []
        self.costs: list[Cost] = []
        for i, entry in enumerate(costs):
            coeff, cost = entry if isinstance(entry, list | tuple) else (1.0, entry)
            if not isinstance(cost, Cost):
                raise TypeError(
                    f"costs[{i}] of SumOfCosts is a {type(cost).__name__}; it takes costs and "
                    "pairs [coefficient, cost]"
                )
            self.coeffs.append(float(coeff))
            self.costs.append(cost)
        self.supervised = any(cost.supervised for cost in self.costs)

    def expr(self, model: Model, data: Data) -> torch.Tensor | None:
        """Return the sum; None if a term has only gradients."""
        total: torch.Tensor | None = None
        for coeff, cost in zip(self.coeffs, self.costs, strict=True):
            term = cost.expr(model, data)
            if term is None:
                return None
            total = coeff * term if total is None else total + coeff * term
        return total

    def get_monitoring_channels(self, model: Model, data: Data) -> dict[str, torch.Tensor]:
        """Return each term, without its coefficient, as ``term_<i>``; and the terms' channels."""
        channels: dict[str, torch.Tensor] = {}
        for i, cost in enumerate(self.costs):
            channels |= cost.get_monitoring_channels(model, data)
            term = cost.expr(model, data)
            if term is not None:
                name = cost.term_name(model)
                channels[f"term_{i}_{name}" if name else f"term_{i}"] = term
        return channels


class MethodCost(Cost):
    """A cost that the model itself has, as a method.

    Parameters
    ----------
    method
        Name of the model's method, which takes a batch and returns a scalar.
    data_specs
        What the batch is, ``(space, source)``; the method is given inputs and targets if
        'targets' is among the sources, inputs alone otherwise.
    supervised
        Whether it is given targets, where ``data_specs`` does not say it.
    """

    def __init__(self, method: str, data_specs: Any = None, supervised: bool | None = None) -> None:
        self.method = method
        self.data_specs = data_specs
        if supervised is None:
            supervised = method in _METHODS_WITH_TARGETS
            if data_specs is not None:
                supervised = "targets" in np.ravel(data_specs[1])
        self.supervised = bool(supervised)

    def expr(self, model: Model, data: Data) -> torch.Tensor:
        """Return what the method returns for the batch."""
        function = getattr(model, self.method, None)
        if not callable(function):
            raise ValueError(
                f"MethodCost: a {type(model).__name__} has no method {self.method!r}"
                f"{suggest(self.method, dir(type(model)))}"
            )
        cost: torch.Tensor = function(data if self.supervised else data[0])
        return cost

    def term_name(self, model: Model) -> str:
        """Return what the model's ``cost_names`` says about the method."""
        return str(getattr(model, "cost_names", {}).get(self.method, ""))


_METHODS_WITH_TARGETS = frozenset({"cost_from_X"})


class LpPenalty(Cost):
    """The sum of the absolute values of some tensors, each to the power p.

    Parameters
    ----------
    variables
        The tensors, such as parameters of the model.
    p
        The power; not negative.
    """

    def __init__(self, variables: torch.Tensor | Sequence[torch.Tensor], p: float) -> None:
        if not p >= 0:
            raise ValueError(f"LpPenalty: p is {p}; it must not be negative")
        self.variables = [variables] if isinstance(variables, torch.Tensor) else list(variables)
        self.p = p

    def expr(self, model: Model, data: Data) -> torch.Tensor:
        """Return the penalty; the batch does not matter."""
        return torch.stack([(v.abs() ** self.p).sum() for v in self.variables]).sum()
