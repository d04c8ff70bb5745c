"""Costs of multi-layer perceptrons."""

__all__ = ["Default", "L1WeightDecay", "WeightDecay"]

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.models.model import Data


class Default(Cost):
    """The cost that the last layer of an MLP defines for its targets."""

    supervised = True

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return ``model.cost_from_X(data)``."""
        cost: torch.Tensor = model.cost_from_X(data)
        return cost

    def term_name(self, model: Any) -> str:
        """Return the last layer's name for it."""
        layer = model.layers[-1]
        return self.term_name(layer) if hasattr(layer, "layers") else str(layer.cost_name)


class WeightDecay(Cost):
    """The sum, over layers, of a coefficient times the sum of the squared weights.

    Parameters
    ----------
    coeffs
        A coefficient for each layer: a dictionary by layer name (layers that it does not have are
        not decayed), or a list with one for each layer. For a layer that is itself an MLP, such a
        dictionary or list.
    """

    name = "weight_decay"
    method = "get_weight_decay"

    def __init__(self, coeffs: Mapping[str, Any] | Sequence[Any]) -> None:
        self.coeffs = coeffs

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the sum; the batch does not matter."""
        terms = self._terms(model, self.coeffs)
        if not terms:
            return torch.zeros((), dtype=next(model.parameters()).dtype)
        return torch.stack(terms).sum()

    def term_name(self, model: Any) -> str:
        """Return the name of the cost, with ``0_`` before it if nothing is decayed."""
        return self.name if self._terms(model, self.coeffs) else f"0_{self.name}"

    def _terms(self, mlp: Any, coeffs: Any) -> list[torch.Tensor]:
        terms = []
        for layer, coeff in _by_layer(mlp, coeffs, type(self).__name__):
            if isinstance(coeff, Mapping | list | tuple):
                terms += self._terms(layer, coeff)
            elif float(coeff) != 0:
                terms.append(getattr(layer, self.method)(float(coeff)))
        return terms


class L1WeightDecay(WeightDecay):
    """The sum, over layers, of a coefficient times the sum of the weights' absolute values."""

    name = "l1_penalty"
    method = "get_l1_weight_decay"


def _by_layer(mlp: Any, coeffs: Any, what: str) -> list[tuple[Any, Any]]:
    """Pair layers with what a dictionary or a list holds for them."""
    if not isinstance(coeffs, Mapping):
        if len(coeffs) != len(mlp.layers):
            raise ValueError(
                f"{what}: {len(coeffs)} coefficients were given for {len(mlp.layers)} layers; "
                "a dictionary by layer name says which is whose"
            )
        return list(zip(mlp.layers, coeffs, strict=True))
    names = [layer.layer_name for layer in mlp.layers]
    for name in coeffs:
        if name not in names:
            warnings.warn(
                f"{what}: there is no layer {name!r}{suggest(name, names)}; "
                f"there are {', '.join(names)}",
                stacklevel=2,
            )
    return [(layer, coeffs[layer.layer_name]) for layer in mlp.layers if layer.layer_name in coeffs]
