"""Products with a matrix."""

__all__ = ["MatrixMul"]

from typing import Any

import torch
from torch import nn

from pylearn2_jobman.pylearn2.utils import sharedX
from pylearn2_jobman.pylearn2.utils.shared import name_of


class MatrixMul(nn.Module):
    """The product of a batch and a matrix.

    Parameters
    ----------
    W
        The matrix, of shape (inputs, outputs); a parameter.
    """

    def __init__(self, W: Any) -> None:
        super().__init__()  # a module, so that a layer that holds one has its parameter
        self._W = W

    def __getstate__(self) -> dict[str, Any]:
        # As models do: plain arrays, on no device.
        return {"W": self._W.detach().cpu().numpy(), "name": name_of(self._W)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__init__()
        self._W = sharedX(state["W"], state["name"])

    def get_params(self) -> list[Any]:
        """Return the matrix, in a list."""
        return [self._W]

    def lmul(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x W``, of shape (examples, outputs)."""
        product: torch.Tensor = x @ self._W
        return product

    def lmul_T(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` times W's transpose, of shape (examples, inputs)."""
        product: torch.Tensor = x @ self._W.T
        return product
