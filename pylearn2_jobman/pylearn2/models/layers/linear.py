"""Affine layers: an activation of ``X W + b``."""

__all__ = ["Linear", "RectifiedLinear", "Softplus", "Tanh", "pool_ranges", "ranges"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension
from pylearn2_jobman.pylearn2.models.layers.affine import Affine
from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.layers.weights import InitialWeights
from pylearn2_jobman.pylearn2.space import Space, VectorSpace


class Linear(Affine):
    """``Y = X W + b``; as the last layer, trained by the squared error.

    Parameters
    ----------
    dim
        Number of units.
    layer_name, init_bias, mask_weights, W_lr_scale, b_lr_scale
        See `pylearn2.models.layers.affine.Affine`.
    max_row_norm, max_col_norm, min_col_norm
        Likewise; limits are of rows or of columns, not of both.
    irange, istdev, sparse_init, sparse_stdev, include_prob
        How W begins: see `pylearn2.models.layers.weights.InitialWeights`.
    copy_input
        Removed from pylearn2; only False or None is taken.
    use_abs_loss
        Whether the cost is the absolute instead of the squared error.
    use_bias
        Whether there is a b.
    extensions
        See `pylearn2.models.layers.weights.WeightedLayer`.
    """

    cost_name = "mean"

    def __init__(
        self,
        dim: int,
        layer_name: str,
        irange: float | None = None,
        istdev: float | None = None,
        sparse_init: int | None = None,
        sparse_stdev: float = 1.0,
        include_prob: float = 1.0,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        mask_weights: Any = None,
        max_row_norm: float | None = None,
        max_col_norm: float | None = None,
        min_col_norm: float | None = None,
        copy_input: bool | None = None,
        use_abs_loss: bool = False,
        use_bias: bool = True,
        extensions: Sequence[ModelExtension] | None = None,
    ) -> None:
        super().__init__(
            layer_name,
            InitialWeights(irange, istdev, sparse_init, sparse_stdev, include_prob),
            init_bias=init_bias,
            mask_weights=mask_weights,
            max_row_norm=max_row_norm,
            max_col_norm=max_col_norm,
            min_col_norm=min_col_norm,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
            extensions=extensions,
        )
        if copy_input:
            raise ValueError(
                f"layer {layer_name!r}: copy_input had a bug and was removed from pylearn2; "
                "a CompositeLayer does what it was for"
            )
        if max_row_norm is not None and (max_col_norm is not None or min_col_norm is not None):
            raise ValueError(
                f"layer {layer_name!r}: limit the norms of rows (max_row_norm) or of columns "
                "(max_col_norm, min_col_norm), not of both"
            )
        if not use_bias and b_lr_scale is not None:
            raise ValueError(f"layer {layer_name!r}: b_lr_scale is given, but use_bias is False")
        self.dim = int(dim)
        self.use_abs_loss = use_abs_loss
        self.use_bias = use_bias

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw W, and make b."""
        self.take_input_from(space)
        self.add_weights(rng, self.dim)
        self.add_bias(self.dim, self.use_bias)

    def get_output_space(self) -> Space:
        """Return the vectors of ``dim`` numbers."""
        return VectorSpace(self.dim)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return ``Z``."""
        return Z

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the error, squared or absolute, summed over units; the mean over the batch."""
        error = Y - Z
        return (error.abs() if self.use_abs_loss else error.square()).sum(1).mean()

    def cost_matrix(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the error of each unit for each example, as `cost` sums it."""
        error = Y - Z
        return error.abs() if self.use_abs_loss else error.square()

    def cost_from_cost_matrix(self, cost_matrix: torch.Tensor) -> torch.Tensor:
        """Return the sum over units, the mean over the batch."""
        return cost_matrix.sum(1).mean()

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return ``dH``."""
        return dH

    def cost_backward(self, Y: torch.Tensor, Z: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the error."""
        error = Y - Z
        slope = error.sgn() if self.use_abs_loss else 2.0 * error
        return -(seed / Z.shape[0] * slope)

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the weights, and how far each unit goes over the batch."""
        return super().get_layer_monitoring_channels(X, Z, H, Y) | ranges(H)


def ranges(H: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the least, mean and most, over units, of each unit's extremes and mean over a batch.

    ``mean_x_max_u``, for instance: of the means over the examples (x), the most of the units' (u).
    """
    low, high = H.aminmax(dim=0)
    over_examples = torch.stack([high, H.mean(0), low, high - low]).flatten(1)
    least, most = over_examples.aminmax(dim=1)
    over_units = torch.stack([most, over_examples.mean(1), least], 1).flatten().unbind()
    return dict(zip(_RANGES, over_units, strict=True))


_RANGES = [
    f"{over_examples}_{over_units}"
    for over_examples in ("max_x", "mean_x", "min_x", "range_x")
    for over_units in ("max_u", "mean_u", "min_u")
]


def pool_ranges(H: torch.Tensor, pool_size: int) -> dict[str, torch.Tensor]:
    """Return `ranges` by the names that layers of pools give them, such as ``p_max_x.mean_u``."""
    prefix = "" if pool_size == 1 else "p_"
    return {prefix + name.replace("_x_", "_x."): value for name, value in ranges(H).items()}


class Tanh(Linear):
    """``Y = tanh(X W + b)``."""

    cost = Layer.cost  # as in pylearn2, none against targets

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the hyperbolic tangent."""
        return Z.tanh()

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return ``dH (1 - H^2)``."""
        dZ: torch.Tensor = torch.ops.aten.tanh_backward(dH, H)
        return dZ


class RectifiedLinear(Linear):
    """``Y = max(X W + b, 0)``, or with a slope where that is negative.

    Parameters
    ----------
    left_slope
        Slope below 0.
    **kwargs
        As a `Linear`'s.
    """

    cost = Layer.cost  # none

    def __init__(self, left_slope: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.left_slope = left_slope

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return Z where it is positive, ``left_slope`` times Z elsewhere."""
        return F.leaky_relu(Z, self.left_slope) if self.left_slope else Z.relu()

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return ``dH``, times the slope."""
        aten, slope = torch.ops.aten, self.left_slope
        dZ: torch.Tensor = (
            aten.leaky_relu_backward(dH, Z, slope, False)
            if slope
            else aten.threshold_backward(dH, H, 0)
        )
        return dZ


class Softplus(Linear):
    """``Y = log(1 + exp(X W + b))``."""

    cost = Layer.cost  # none

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the softplus."""
        return -F.logsigmoid(-Z)
