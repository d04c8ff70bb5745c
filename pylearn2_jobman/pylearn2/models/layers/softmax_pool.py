"""Pools of binary units of which at most one is on."""

__all__ = ["SoftmaxPool"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.models.layers.affine import Affine
from pylearn2_jobman.pylearn2.models.layers.linear import pool_ranges
from pylearn2_jobman.pylearn2.models.layers.weights import InitialWeights
from pylearn2_jobman.pylearn2.space import Space, VectorSpace


class SoftmaxPool(Affine):
    """The probability, for each pool of columns of ``X W + b``, that one of its units is on.

    Parameters
    ----------
    detector_layer_dim
        Number of columns.
    layer_name, init_bias, mask_weights, W_lr_scale, b_lr_scale, max_col_norm
        See `pylearn2.models.layers.affine.Affine`.
    pool_size
        Number of neighbouring columns in a pool; a pool of one is a sigmoid.
    irange, sparse_init, sparse_stdev, include_prob
        How W begins: see `pylearn2.models.layers.weights.InitialWeights`.
    """

    def __init__(
        self,
        detector_layer_dim: int,
        layer_name: str,
        pool_size: int = 1,
        irange: float | None = None,
        sparse_init: int | None = None,
        sparse_stdev: float = 1.0,
        include_prob: float = 1.0,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        mask_weights: Any = None,
        max_col_norm: float | None = None,
    ) -> None:
        super().__init__(
            layer_name,
            InitialWeights(irange, None, sparse_init, sparse_stdev, include_prob),
            init_bias=init_bias,
            mask_weights=mask_weights,
            max_col_norm=max_col_norm,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
        )
        self.detector_layer_dim = int(detector_layer_dim)
        self.pool_size = int(pool_size)
        if self.detector_layer_dim % self.pool_size:
            raise ValueError(
                f"layer {layer_name!r}: {detector_layer_dim} columns make no pools of {pool_size}"
            )

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw W, and make b."""
        self.take_input_from(space)
        self.add_weights(rng, self.detector_layer_dim)
        self.add_bias(self.detector_layer_dim)

    def get_output_space(self) -> Space:
        """Return the vectors of as many numbers as there are pools."""
        return VectorSpace(self.detector_layer_dim // self.pool_size)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the probabilities."""
        pools = Z.reshape(len(Z), -1, self.pool_size)
        return pools.logsumexp(2).sigmoid()

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the weights, and how far each pool goes over the batch."""
        units = pool_ranges(H, self.pool_size)
        return super().get_layer_monitoring_channels(X, Z, H, Y) | units
