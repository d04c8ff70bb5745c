"""Weights: how they begin, how they are kept small, and the layers that have them."""

__all__ = ["InitialWeights", "NormLimits", "WeightedLayer", "row_and_column_norms"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.pylearn2.model_extensions.model_extension import ModelExtension
from pylearn2_jobman.pylearn2.models.layers.layer import Layer

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class InitialWeights:
    """How the weights of a layer begin: drawn in one of three ways.

    Attributes
    ----------
    irange
        Draw from the uniform distribution over -irange to irange.
    istdev
        Draw from the normal distribution of this standard deviation.
    sparse_init
        Give each output so many inputs, with standard normal weights; the others are 0.
    sparse_stdev
        Standard deviation of sparse weights.
    include_prob
        With irange: the probability that a weight is not set to 0. None draws no such mask; 1.0
        draws one that lets everything pass, as pylearn2 did.
    """

    irange: float | None = None
    istdev: float | None = None
    sparse_init: int | None = None
    sparse_stdev: float = 1.0
    include_prob: float | None = None

    def draw(
        self,
        rng: np.random.RandomState,
        shape: tuple[int, int],
        layer_name: str,
        mask: Array | None = None,
    ) -> Array:
        """Return weights.

        Parameters
        ----------
        rng
            Generator to draw from.
        shape
            (inputs, outputs).
        layer_name
            For error messages.
        mask
            Array of ``shape`` that is 0 where sparse weights must not be; the others are masked
            when the constraints are enforced.

        Raises
        ------
        ValueError
            If none or several of the three ways are given, or they do not fit the shape.
        """
        ways = ("irange", "istdev", "sparse_init")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            found = f"{' and '.join(given)} are given" if given else "none is given"
            raise ValueError(
                f"layer {layer_name!r} needs one of irange, istdev and sparse_init to draw its "
                f"weights; {found}"
            )
        if not all(isinstance(size, int | np.integer) and size > 0 for size in shape):
            raise ValueError(
                f"layer {layer_name!r} cannot have weights of shape {shape}: both sizes must be "
                "positive integers"
            )
        if mask is not None and mask.shape != shape:
            raise ValueError(
                f"layer {layer_name!r}: mask_weights has shape {mask.shape}; the weights have "
                f"{shape}"
            )
        if self.irange is not None:
            W = rng.uniform(-self.irange, self.irange, shape)
            if self.include_prob is not None:
                W *= rng.uniform(0.0, 1.0, shape) < self.include_prob
            return W
        if self.istdev is not None:
            return rng.randn(*shape) * self.istdev
        assert self.sparse_init is not None
        return _sparse(rng, shape, layer_name, self.sparse_init, mask) * self.sparse_stdev


def _sparse(
    rng: np.random.RandomState,
    shape: tuple[int, int],
    layer_name: str,
    count: int,
    mask: Array | None,
) -> Array:
    room = shape[0] if mask is None else int((mask != 0).sum(0).min())
    if count > room:
        raise ValueError(
            f"layer {layer_name!r}: sparse_init={count} is more than the {room} inputs there are"
        )
    W = np.zeros(shape)
    for column in range(shape[1]):
        for _ in range(count):
            row = rng.randint(0, shape[0])
            while W[row, column] != 0 or (mask is not None and mask[row, column] == 0):
                row = rng.randint(0, shape[0])
            W[row, column] = rng.randn()
    return W


@dataclass(frozen=True)
class NormLimits:
    """Bounds on the Euclidean norms of a tensor's slices.

    Attributes
    ----------
    upper, lower
        The bounds; None for none. With only a lower bound, the largest norm there is stays.
    axis
        The axis that a norm is summed over: 0 for the columns of a matrix, 1 for its rows.

    Raises
    ------
    ValueError
        If the upper bound is below the lower one.
    """

    upper: float | None
    lower: float | None = None
    axis: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        least = self.lower or 0.0
        if self.upper is not None and self.upper < least:
            raise ValueError(f"the largest norm, {self.upper}, is below the smallest one, {least}")

    @torch.no_grad()
    def enforce(self, W: torch.Tensor) -> None:
        """Rescale, in place, the slices whose norm is out of bounds."""
        norms = torch.linalg.vector_norm(W, dim=self.axis, keepdim=True)
        upper = norms.max() if self.upper is None else self.upper
        wanted = norms.clamp(max=upper).clamp(min=self.lower or 0.0)
        # 1e-7 keeps slices of zeros where they are.
        W.mul_(wanted / norms.clamp(min=1e-7))


def row_and_column_norms(W: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the smallest, mean and largest norm of the rows and of the columns of a matrix."""
    squares = W.square()
    channels: dict[str, torch.Tensor] = {}
    for name, axis in (("row_norms", 1), ("col_norms", 0)):
        norms = squares.sum(axis).sqrt()
        low, high = norms.aminmax()
        channels |= {f"{name}_min": low, f"{name}_mean": norms.mean(), f"{name}_max": high}
    return channels


class WeightedLayer(Layer):
    """A layer with weights and biases.

    Parameters
    ----------
    layer_name
        Prefix of the names of parameters and channels.
    norm_limits
        Bounds of the weights' norms, which are enforced in this order.
    W_lr_scale, b_lr_scale
        Factors of the learning rate, for weights and for biases.
    extensions
        What else changes the parameters after every update, before the norms are limited: see
        `pylearn2.model_extensions.model_extension.ModelExtension`.
    """

    W: nn.Parameter
    b: nn.Parameter | None
    extensions: Sequence[ModelExtension] = ()  # of layers in files of before

    def __init__(
        self,
        layer_name: str,
        norm_limits: Sequence[NormLimits],
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        extensions: Sequence[ModelExtension] | None = None,
    ) -> None:
        super().__init__(layer_name)
        self.extensions = list(extensions or ())
        self.norm_limits = norm_limits
        for name, scale in (("W_lr_scale", W_lr_scale), ("b_lr_scale", b_lr_scale)):
            if isinstance(scale, str):  # YAML 1.1 takes 1f for text
                raise TypeError(f"layer {layer_name!r}: {name} is {scale!r}, which is no number")
        self.W_lr_scale = W_lr_scale
        self.b_lr_scale = b_lr_scale

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return W_lr_scale and b_lr_scale, where they are given."""
        pairs = ((self.W, self.W_lr_scale), (self.b, self.b_lr_scale))
        return {p: scale for p, scale in pairs if p is not None and scale is not None}

    def enforce_constraints(self) -> None:
        """Let the extensions change the parameters, and keep the weights' norms within limits."""
        for extension in self.extensions:
            self._modified_by(extension)
        for limits in self.norm_limits:
            limits.enforce(self.W)

    @torch.no_grad()
    def _modified_by(self, extension: ModelExtension) -> None:
        updates = {parameter: parameter.detach() for parameter in self.get_params()}
        extension.post_modify_updates(updates, self)
        for parameter, value in updates.items():
            parameter.copy_(value)

    def get_weights_to_decay(self) -> torch.Tensor:
        """Return W."""
        return self.W

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "norm_limits" not in vars(self):  # affine layers had a list, the others one or None
            limits = vars(self).pop("limits")
            self.norm_limits = limits if isinstance(limits, list) else [limits] if limits else []
