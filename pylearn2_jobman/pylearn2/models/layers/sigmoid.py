"""The layer of sigmoid units, and its monitoring channels as a classifier."""

__all__ = ["Sigmoid", "detection"]

import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.models.layers.linear import Linear

Channels = dict[str, torch.Tensor]


class Sigmoid(Linear):
    """``Y = 1 / (1 + exp(-(X W + b)))``; as the last layer, independent yes-or-no decisions.

    Parameters
    ----------
    monitor_style
        The channels recorded when this is the last layer: 'detection' (each unit detects something:
        precision, recall, f1), 'one_hot_class' (the largest output is the class) or
        'bit_vector_class' (an example is wrong if any unit is). 'classification' is an old name of
        the last.
    **kwargs
        As a `Linear`'s.
    """

    def __init__(self, monitor_style: str = "detection", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if monitor_style == "classification":
            warnings.warn(
                f"layer {self.layer_name!r}: monitor_style 'classification' is now called "
                "'bit_vector_class'; files from before 2014 may mean 'one_hot_class'",
                stacklevel=2,
            )
            monitor_style = "bit_vector_class"
        if monitor_style not in _STYLES:
            raise ValueError(
                f"layer {self.layer_name!r}: there is no monitor_style {monitor_style!r}"
                f"{suggest(monitor_style, _STYLES)}; there are {', '.join(_STYLES)}"
            )
        self.monitor_style = monitor_style

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the logistic sigmoid."""
        return Z.sigmoid()

    def activation_backward(
        self, Z: torch.Tensor, H: torch.Tensor, dH: torch.Tensor
    ) -> torch.Tensor:
        """Return ``dH H (1 - H)``."""
        dZ: torch.Tensor = torch.ops.aten.sigmoid_backward(dH, H)
        return dZ

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy, the mean over units and over the batch."""
        return F.binary_cross_entropy_with_logits(Z, Y)

    def cost_matrix(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy of each unit for each example."""
        return F.binary_cross_entropy_with_logits(Z, Y, reduction="none")

    def cost_backward(self, Y: torch.Tensor, Z: torch.Tensor, seed: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the cross-entropy."""
        return (Z.sigmoid() - Y) * seed / Z.numel()

    def get_layer_monitoring_channels(self, X: Any, Z: Any, H: Any, Y: Any) -> Channels:
        """Return a linear layer's channels, and those of the ``monitor_style``."""
        channels = super().get_layer_monitoring_channels(X, Z, H, Y)
        if Y is not None:
            channels |= _STYLES[self.monitor_style](H, Y)
            if self.monitor_style == "detection":
                channels["kl"] = self.cost(Y, Z)
        return channels


def detection(H: torch.Tensor, Y: torch.Tensor, over: int | tuple[int, ...] = 0) -> Channels:
    """Return how well the positives among the targets are detected.

    Parameters
    ----------
    H, Y
        Outputs and targets, of the same shape; above 0.5 means yes.
    over
        The axes of which each element is a case of the same output.
    """
    found, true = (H > 0.5).to(H.dtype), (Y > 0.5).to(H.dtype)
    channels = {"01_loss": (found != true).to(H.dtype).mean()}
    hits, false_alarms = (true * found).sum(over), ((1 - true) * found).sum(over)
    # Recall divides by the positives of all outputs together, for each output as well, and f1 by
    # at least 1: that is how pylearn2 computes them.
    positives = true.sum().clamp(min=1)

    def scores(hits: torch.Tensor, false_alarms: torch.Tensor) -> Channels:
        precision = hits / (hits + false_alarms).clamp(min=1)
        recall = hits / positives
        f1 = 2 * precision * recall / (precision + recall).clamp(min=1)
        return {"precision": precision, "recall": recall, "f1": f1}

    channels |= scores(hits.sum(), false_alarms.sum())
    for name, values in scores(hits, false_alarms).items():
        least, most = values.aminmax()
        channels |= {
            f"per_output_{name}_max": most,
            f"per_output_{name}_mean": values.mean(),
            f"per_output_{name}_min": least,
        }
    return channels


def _one_hot_class(H: torch.Tensor, Y: torch.Tensor) -> Channels:
    return {"misclass": (H.argmax(1) != Y.argmax(1)).to(H.dtype).mean()}


def _bit_vector_class(H: torch.Tensor, Y: torch.Tensor) -> Channels:
    return {"misclass": ((H > 0.5) != Y).any(1).to(H.dtype).mean()}


_STYLES: dict[str, Callable[[torch.Tensor, torch.Tensor], Channels]] = {
    "bit_vector_class": _bit_vector_class,
    "detection": detection,
    "one_hot_class": _one_hot_class,
}
