"""The nonlinearities of convolutional layers, and their costs against targets."""

__all__ = [
    "ConvNonlinearity",
    "IdentityConvNonlinearity",
    "RectifierConvNonlinearity",
    "SigmoidConvNonlinearity",
    "TanhConvNonlinearity",
]

import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.pylearn2.models.layers.sigmoid import detection


class ConvNonlinearity:
    """The function that a convolutional layer applies to each of its detectors.

    Attributes
    ----------
    has_cost : bool
        Whether the layer may be the last one.
    """

    has_cost = False

    def apply(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the nonlinearity of each number."""
        raise NotImplementedError

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return how bad the nonlinearity of ``Z`` is for the targets ``Y``: a scalar."""
        raise NotImplementedError

    def get_target_channels(self, Y: torch.Tensor, Z: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the monitoring channels of the nonlinearity of ``Z`` and the targets."""
        return {}


class IdentityConvNonlinearity(ConvNonlinearity):
    """Leaves everything as it is; as the last layer's, trained by the squared error."""

    has_cost = True

    def apply(self, Z: torch.Tensor) -> torch.Tensor:
        """Return ``Z``."""
        return Z

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the squared error: the mean over the batch, summed over the rest."""
        return (Y - Z).square().mean(0).sum()


class RectifierConvNonlinearity(ConvNonlinearity):
    """``max(Z, 0)``, or with a slope where that is negative.

    Parameters
    ----------
    left_slope
        Slope below 0.
    """

    def __init__(self, left_slope: float = 0.0) -> None:
        self.left_slope = left_slope

    def apply(self, Z: torch.Tensor) -> torch.Tensor:
        """Return Z where it is positive, ``left_slope`` times Z elsewhere."""
        # At 0, where a kernel lies on an empty part of an image, the gradient is 0 with any slope.
        return Z.relu() - self.left_slope * (-Z).relu() if self.left_slope else Z.relu()


class SigmoidConvNonlinearity(ConvNonlinearity):
    """The logistic sigmoid; as the last layer's, independent yes-or-no decisions.

    Parameters
    ----------
    monitor_style
        Not used, as in pylearn2: the channels are those of detection.
    """

    has_cost = True

    def __init__(self, monitor_style: str = "classification") -> None:
        self.monitor_style = monitor_style

    def apply(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the logistic sigmoid."""
        return Z.sigmoid()

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy, the mean over everything."""
        return F.binary_cross_entropy_with_logits(Z, Y)

    def get_target_channels(self, Y: torch.Tensor, Z: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return how well the images are detected; an output is a pixel, whatever its channel."""
        return detection(Z.sigmoid(), Y, over=(0, 1)) | {"kl": self.cost(Y, Z)}


class TanhConvNonlinearity(ConvNonlinearity):
    """The hyperbolic tangent."""

    def apply(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the hyperbolic tangent."""
        return Z.tanh()
