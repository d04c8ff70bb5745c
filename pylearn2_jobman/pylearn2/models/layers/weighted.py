"""The common part of the layers with weights, however these are applied to the input."""

__all__ = ["WeightedLayer"]

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.layers.weights import NormLimits


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
    """

    W: nn.Parameter
    b: nn.Parameter | None

    def __init__(
        self,
        layer_name: str,
        norm_limits: Sequence[NormLimits],
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
    ) -> None:
        super().__init__(layer_name)
        self.norm_limits = norm_limits
        self.W_lr_scale = W_lr_scale
        self.b_lr_scale = b_lr_scale

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return W_lr_scale and b_lr_scale, where they are given."""
        pairs = ((self.W, self.W_lr_scale), (self.b, self.b_lr_scale))
        return {p: scale for p, scale in pairs if p is not None and scale is not None}

    @torch.no_grad()
    def enforce_constraints(self) -> None:
        """Keep the weights' norms within the limits."""
        for limits in self.norm_limits:
            limits.enforce(self.W)

    def get_weights_to_decay(self) -> torch.Tensor:
        """Return W."""
        return self.W

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "norm_limits" not in vars(self):  # affine layers had a list, the others one or None
            limits = vars(self).pop("limits")
            self.norm_limits = limits if isinstance(limits, list) else [limits] if limits else []
