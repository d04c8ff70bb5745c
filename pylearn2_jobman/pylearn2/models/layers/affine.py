"""What the layers that compute ``X W + b`` share."""

__all__ = ["Affine"]

from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.layers.weights import NormLimits, row_and_column_norms
from pylearn2_jobman.pylearn2.space import Space, VectorSpace


class Affine(Layer):
    """A layer whose preactivation is ``X W + b``.

    Parameters
    ----------
    layer_name
        What parameters and channels are named after.
    W_lr_scale, b_lr_scale
        What the learning rate is multiplied by, for W and for b.
    max_row_norm
        The most that the norm of an input's outgoing weights, a row of W, may be.
    max_col_norm, min_col_norm
        The most and the least that the norm of a unit's incoming weights may be.
    """

    W: nn.Parameter
    b: nn.Parameter | None

    def __init__(
        self,
        layer_name: str,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        max_row_norm: float | None = None,
        max_col_norm: float | None = None,
        min_col_norm: float | None = None,
    ) -> None:
        super().__init__(layer_name)
        self.W_lr_scale = W_lr_scale
        self.b_lr_scale = b_lr_scale
        self.limits: list[NormLimits] = []
        if max_col_norm is not None or min_col_norm is not None:
            self.limits.append(NormLimits(max_col_norm, min_col_norm, axis=0))
        if max_row_norm is not None:
            self.limits.append(NormLimits(max_row_norm, axis=1))

    def take_input_from(self, space: Space) -> int:
        """Remember where the input lies, and return how many numbers it has."""
        self.input_space = space
        self.inputs = VectorSpace(space.get_total_dimension())
        self.reformats = space != self.inputs
        return self.inputs.dim

    def add_bias(self, size: int, initial: Any, used: bool = True) -> None:
        """Make ``b``, or None in its place if it is not used."""
        if used:
            self.add_param("b", np.zeros(size) + initial)
        else:
            self.register_parameter("b", None)

    def preactivation(self, X: Any) -> torch.Tensor:
        """Return ``X W + b``."""
        if self.reformats:
            X = self.input_space.format_as(X, self.inputs)
        return X @ self.W if self.b is None else torch.addmm(self.b, X, self.W)

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return W_lr_scale and b_lr_scale, where they are given."""
        pairs = ((self.W, self.W_lr_scale), (self.b, self.b_lr_scale))
        return {p: scale for p, scale in pairs if p is not None and scale is not None}

    @torch.no_grad()
    def enforce_constraints(self) -> None:
        """Keep the weights' norms within the limits."""
        for limits in self.limits:
            limits.enforce(self.W)

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the rows and columns of the weights."""
        return row_and_column_norms(self.W)

    def get_weights_to_decay(self) -> torch.Tensor:
        """Return W."""
        return self.W
