"""Limits of the weights of a layer."""

__all__ = ["ConstrainFilterL2Norm", "ConstrainFilterMaxNorm", "MaxL2FilterNorm"]

from collections.abc import Sequence
from typing import Any

import torch

from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension


class ConstrainFilterL2Norm(ModelExtension):
    """Rescales slices of the weights of which the Euclidean norm is out of bounds.

    Parameters
    ----------
    limit, min_limit
        The most and the least that a norm may be. Where there is no most, the largest norm is it.
    axis
        The axis, or axes, that a norm is summed over: 0 for the columns of a matrix, the incoming
        weights of units; 1 for its rows; (1, 2, 3) for the kernels of a convolution.
    """

    def __init__(
        self, limit: float | None, min_limit: float | None = 0.0, axis: int | Sequence[int] = 0
    ) -> None:
        if limit is not None and min_limit is not None and limit < min_limit:
            raise ValueError(f"the largest norm, {limit}, is below the smallest one, {min_limit}")
        self.max_limit = limit
        self.min_limit = min_limit
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def post_modify_updates(self, updates: dict[Any, torch.Tensor], model: Any) -> None:
        """Rescale the new weights."""
        if model.W not in updates:
            return
        W = updates[model.W]
        norms = torch.linalg.vector_norm(W, dim=self.axis, keepdim=True)
        most = norms.max() if self.max_limit is None else self.max_limit
        wanted = norms.clamp(max=most).clamp(min=self.min_limit or 0.0)
        updates[model.W] = W * (wanted / norms.clamp(min=1e-7))


class MaxL2FilterNorm(ConstrainFilterL2Norm):
    """`ConstrainFilterL2Norm` by its name of 2013."""


class ConstrainFilterMaxNorm(ModelExtension):
    """Limits the absolute value of every weight.

    Parameters
    ----------
    limit
        The most that it may be; None for any.
    min_limit
        Only None: pylearn2 had no least either.
    """

    def __init__(self, limit: float | None, min_limit: None = None) -> None:
        if min_limit is not None:
            raise ValueError("ConstrainFilterMaxNorm has no min_limit, as in pylearn2")
        self.max_limit = limit

    def post_modify_updates(self, updates: dict[Any, torch.Tensor], model: Any) -> None:
        """Limit the new weights."""
        if self.max_limit is not None and model.W in updates:
            updates[model.W] = updates[model.W].clamp(-self.max_limit, self.max_limit)
