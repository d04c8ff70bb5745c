"""Costs of multi-layer perceptrons."""

__all__ = ["Default", "L1WeightDecay", "WeightDecay"]

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.space import Data
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward


class Default(Cost):
    """The cost that the last layer of an MLP defines for its targets."""

    supervised = True

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return ``model.cost_from_X(data)``."""
        cost: torch.Tensor = model.cost_from_X(data)
        return cost

    def has_backward(self, model: Any) -> bool:
        """Return whether the model's `cost_from_X` has a step backward."""
        return has_backward(self, "expr") and model.has_backward("cost_from_X")

    def expr_backward(self, model: Any, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the gradients that the model's step backward gives."""
        parts: Contributions = model.cost_from_X_backward(data, seed)
        return parts

    def term_name(self, model: Any) -> str:
        """Return the last layer's name for it."""
        return str(getattr(model, "cost_name", ""))


class WeightDecay(Cost):
    """The sum, over layers, of a coefficient times the sum of the squared weights.

    Parameters
    ----------
    coeffs
        A coefficient for each layer: a dictionary by layer name (layers that it does not have are
        not decayed), or a list with one for each layer. Where a layer is made of layers, its
        coefficient is for each of them, or such a dictionary or list.
    """

    name = "weight_decay"

    def __init__(self, coeffs: Mapping[str, Any] | Sequence[Any]) -> None:
        self.coeffs = coeffs

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the sum; the batch does not matter."""
        terms = [coeff * self.size(W) for W, coeff in self._decayed(model, self.coeffs)]
        return torch.stack(terms).sum() if terms else backend.to_tensor(0.0)

    def size(self, W: torch.Tensor) -> torch.Tensor:
        """Return how large the weights of a layer are."""
        return W.square().sum()

    def has_backward(self, model: Any) -> bool:
        """Return whether the weights that are decayed are parameters as they are."""
        own = has_backward(self, "expr", "_decayed") and has_backward(self, "size")
        return own and all(
            isinstance(W, nn.Parameter) for W, _ in self._decayed(model, self.coeffs)
        )

    def expr_backward(self, model: Any, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the gradient for the weights of each layer that are decayed."""
        return [
            (W, self.size_backward(W, seed * coeff))
            for W, coeff in self._decayed(model, self.coeffs)
        ]

    def size_backward(self, W: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
        """Return the gradient of ``seed``, a scalar, times `size`."""
        return seed * (2.0 * W)

    def term_name(self, model: Any) -> str:
        """Return the name of the cost, with ``0_`` before it if there is a coefficient for none."""
        named = _by_layer(model, self.coeffs, type(self).__name__)
        return self.name if named else f"0_{self.name}"

    def _decayed(self, container: Any, coeffs: Any) -> list[tuple[torch.Tensor, float]]:
        """Return the weights that are decayed, with their coefficients."""
        decayed = []
        for outer, coeff in _by_layer(container, coeffs, type(self).__name__):
            layer = getattr(outer, "raw_layer", outer)  # a FlattenerLayer stands for its layer
            if hasattr(layer, "layers"):
                decayed += self._decayed(layer, coeff)
            elif float(coeff) != 0:
                decayed.append((layer.get_weights_to_decay(), float(coeff)))
        return decayed


class L1WeightDecay(WeightDecay):
    """The sum, over layers, of a coefficient times the sum of the weights' absolute values."""

    name = "l1_penalty"

    def size(self, W: torch.Tensor) -> torch.Tensor:
        """Return how large the weights of a layer are."""
        return W.abs().sum()

    def size_backward(self, W: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
        """Return the gradient of ``seed``, a scalar, times `size`."""
        return seed * W.sgn()


def _by_layer(container: Any, coeffs: Any, cost: str) -> list[tuple[Any, Any]]:
    """Pair layers with the coefficient, or coefficients, that are theirs."""
    layers = container.layers
    if isinstance(coeffs, int | float | str):
        return [(layer, coeffs) for layer in layers]
    if not isinstance(coeffs, Mapping):
        if len(coeffs) != len(layers):
            raise ValueError(
                f"{cost}: {len(coeffs)} coefficients were given for {len(layers)} layers; "
                "a dictionary by layer name says which is whose"
            )
        return list(zip(layers, coeffs, strict=True))
    names = [layer.layer_name for layer in layers]
    for name in coeffs:
        if name not in names:
            warnings.warn(
                f"{cost}: there is no layer {name!r}{suggest(name, names)}; "
                f"there are {', '.join(names)}",
                stacklevel=2,
            )
    return [(layer, coeffs[layer.layer_name]) for layer in layers if layer.layer_name in coeffs]
