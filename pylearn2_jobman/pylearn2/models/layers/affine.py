"""The common part of the layers that compute ``X W + b``."""

__all__ = ["Affine"]

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.linear.matrixmul import MatrixMul
from pylearn2_jobman.pylearn2.models.layers.weights import (
    InitialWeights,
    NormLimits,
    WeightedLayer,
    row_and_column_norms,
)
from pylearn2_jobman.pylearn2.space import Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.backward import Contributions


class Affine(WeightedLayer):
    """A layer whose preactivation is ``X W + b``.

    Parameters
    ----------
    layer_name, W_lr_scale, b_lr_scale
        See `pylearn2.models.layers.weights.WeightedLayer`.
    initial
        How W begins.
    init_bias
        Initial b: a number, or one for each unit.
    mask_weights
        Array of W's shape that is 0 where there must be no weight.
    max_row_norm
        The most that the norm of an input's outgoing weights, a row of W, may be.
    max_col_norm, min_col_norm
        The most and the least that the norm of a unit's incoming weights may be.
    """

    mask: torch.Tensor  # where there are mask_weights
    mask_weights: np.ndarray[Any, Any] | None = None
    _norms: dict[str, torch.Tensor] | None = None  # while they are remembered

    def __init__(
        self,
        layer_name: str,
        initial: InitialWeights,
        init_bias: Any = 0.0,
        mask_weights: Any = None,
        max_row_norm: float | None = None,
        max_col_norm: float | None = None,
        min_col_norm: float | None = None,
        **kwargs: Any,
    ) -> None:
        norm_limits = []
        if max_col_norm is not None or min_col_norm is not None:
            norm_limits.append(NormLimits(max_col_norm, min_col_norm, axis=0))
        if max_row_norm is not None:
            norm_limits.append(NormLimits(max_row_norm, axis=1))
        super().__init__(layer_name, norm_limits, **kwargs)
        self.initial = initial
        self.init_bias = init_bias
        self.mask_weights = None if mask_weights is None else np.asarray(mask_weights)

    def take_input_from(self, space: Space) -> int:
        """Remember where the input lies, and return how many numbers it has."""
        self.input_space = space
        self.inputs = VectorSpace(space.get_total_dimension())
        self.reformats = not space.alike(self.inputs)
        return self.inputs.dim

    def add_weights(self, rng: np.random.RandomState, units: int) -> None:
        """Draw ``W``, for the input; and make its mask."""
        shape = (self.inputs.dim, units)
        self.add_param("W", self.initial.draw(rng, shape, self.layer_name, self.mask_weights))
        if self.mask_weights is not None:
            self.register_buffer("mask", backend.to_tensor(self.mask_weights))

    @property
    def transformer(self) -> Any:
        """The product with W, or what a class of one's own has put here."""
        own = self._modules.get("transformer")
        return MatrixMul(self.W) if own is None else own

    def add_bias(self, units: int, used: bool = True) -> None:
        """Make ``b``, or None in its place if it is not used."""
        if used:
            self.add_param("b", np.zeros(units) + self.init_bias)
        else:
            self.register_parameter("b", None)

    def preactivation(self, X: Any) -> torch.Tensor:
        """Return ``X W + b``."""
        if self.reformats:
            X = self.input_space.format_as(X, self.inputs)
        b = self.b
        return X @ self.W if b is None else torch.addmm(b, X, self.W)

    def preactivation_backward(
        self, X: Any, dZ: torch.Tensor, to_input: bool
    ) -> tuple[torch.Tensor | None, Contributions]:
        """Return the gradients for the input, W and b, in the layout of each."""
        if self.reformats:
            X = self.input_space.format_as(X, self.inputs)
        W, b = self.W, self.b
        by_column = W.stride() == (1, W.shape[0])
        parts: Contributions = [(W, dZ.t().mm(X).t() if by_column else X.t().mm(dZ))]
        if b is not None:
            parts.append((b, dZ.sum(0)))
        return dZ.mm(W.t()) if to_input else None, parts

    def enforce_constraints(self) -> None:
        """Mask the weights and keep their norms within the limits."""
        if self.mask_weights is not None:
            with torch.no_grad():
                self.W.mul_(self.mask)
        super().enforce_constraints()

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the rows and columns of the weights."""
        if self._norms is None:
            return row_and_column_norms(self.W)
        if not self._norms:
            self._norms = row_and_column_norms(self.W)
        return dict(self._norms)

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Remember, inside, the norms of the weights."""
        self._norms = {}
        try:
            yield
        finally:
            self._norms = None
