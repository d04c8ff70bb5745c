"""Maxout units: each the largest of several linear ones (Goodfellow et al. 2013)."""

__all__ = ["Maxout", "MaxoutConvC01B"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.expr.maximum import largest, largest_backward
from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension
from pylearn2_jobman.pylearn2.models.layers.affine import Affine
from pylearn2_jobman.pylearn2.models.layers.linear import pool_ranges
from pylearn2_jobman.pylearn2.models.layers.maxout_convolution import MaxoutConvC01B
from pylearn2_jobman.pylearn2.models.layers.weights import InitialWeights
from pylearn2_jobman.pylearn2.space import Space, VectorSpace


class Maxout(Affine):
    """Units that are the largest of ``num_pieces`` neighbouring columns of ``X W + b``.

    Parameters
    ----------
    layer_name, init_bias, mask_weights, W_lr_scale, b_lr_scale, max_col_norm, max_row_norm
        See `pylearn2.models.layers.affine.Affine`.
    num_units
        Number of units, if the pieces do not overlap.
    num_pieces
        Number of pieces of a unit.
    pool_stride
        Number of columns from one unit's first piece to the next one's; ``num_pieces`` by default.
    randomize_pools
        Whether each piece is a column drawn at random, so that units share some.
    irange, sparse_init, sparse_stdev, include_prob
        How W begins: see `pylearn2.models.layers.weights.InitialWeights`.
    min_zero
        Whether 0 is one more piece of every unit.
    extensions
        See `pylearn2.models.layers.weights.WeightedLayer`.
    """

    randomize_pools = False  # of layers in files of before
    pieces: torch.Tensor

    def __init__(
        self,
        layer_name: str,
        num_units: int,
        num_pieces: int,
        pool_stride: int | None = None,
        randomize_pools: bool = False,
        irange: float | None = None,
        sparse_init: int | None = None,
        sparse_stdev: float = 1.0,
        include_prob: float = 1.0,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        max_col_norm: float | None = None,
        max_row_norm: float | None = None,
        mask_weights: Any = None,
        min_zero: bool = False,
        extensions: Sequence[ModelExtension] | None = None,
    ) -> None:
        super().__init__(
            layer_name,
            InitialWeights(irange, None, sparse_init, sparse_stdev, include_prob),
            init_bias=init_bias,
            mask_weights=mask_weights,
            max_col_norm=max_col_norm,
            max_row_norm=max_row_norm,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
            extensions=extensions,
        )
        self.num_units = int(num_units)
        self.num_pieces = int(num_pieces)
        self.pool_stride = int(pool_stride or num_pieces)
        self.detector_layer_dim = self.num_units * self.num_pieces
        if (self.detector_layer_dim - self.num_pieces) % self.pool_stride:
            raise ValueError(
                f"layer {layer_name!r}: with num_pieces={self.num_pieces} and pool_stride="
                f"{self.pool_stride} some of the {self.detector_layer_dim} columns are in no unit"
            )
        self.randomize_pools = randomize_pools
        self.min_zero = min_zero

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw W, and make b."""
        self.take_input_from(space)
        self.add_weights(rng, self.detector_layer_dim)
        if self.randomize_pools:
            columns = rng.randint(self.detector_layer_dim, size=self.detector_layer_dim)
            self.register_buffer("pieces", backend.to_tensor(columns, torch.int64))
        self.add_bias(self.detector_layer_dim)

    def get_output_space(self) -> Space:
        """Return the vectors of as many numbers as there are units."""
        return VectorSpace((self.detector_layer_dim - self.num_pieces) // self.pool_stride + 1)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the largest piece of each unit."""
        if self.randomize_pools:
            Z = Z.index_select(1, self.pieces)
        H = largest(Z.unfold(1, self.num_pieces, self.pool_stride))
        return H.clamp(min=0) if self.min_zero else H

    def has_backward(self, *methods: str) -> bool:
        """Return whether the pieces of a unit stand side by side, and so on, as for every layer."""
        return not self.randomize_pools and super().has_backward(*methods)

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return ``dH`` where a piece is the largest of its unit, and 0 elsewhere."""
        pieces = Z.unfold(1, self.num_pieces, self.pool_stride)
        if self.min_zero:
            H = pieces.amax(-1)
            dH = dH.where(H >= 0, 0)
        dZ: torch.Tensor = torch.ops.aten.unfold_backward(
            largest_backward(pieces, H, dH), Z.shape, 1, self.num_pieces, self.pool_stride
        )
        return dZ

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the weights, and how far each unit goes over the batch."""
        units = pool_ranges(H, self.num_pieces)
        return super().get_layer_monitoring_channels(X, Z, H, Y) | units
