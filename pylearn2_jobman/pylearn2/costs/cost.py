"""What a cost is, and the sum of costs."""

__all__ = ["Cost", "SumOfCosts"]

from collections.abc import Sequence
from typing import Any

import torch

from pylearn2_jobman.pylearn2.models.model import Data, Model


class Cost:
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
