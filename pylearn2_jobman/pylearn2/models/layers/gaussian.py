"""A linear layer that knows how precise it is, and how to begin with the data's own precision."""

__all__ = [
    "LinearGaussian",
    "beta_from_design",
    "beta_from_features",
    "beta_from_targets",
    "mean_of_targets",
]

from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.layers.linear import Linear
from pylearn2_jobman.pylearn2.space import Space

Array = np.ndarray[Any, Any]


class LinearGaussian(Linear):
    """``Y ~ N(X W + b, 1 / beta)``, with a precision for each unit.

    Parameters
    ----------
    init_beta
        Initial precisions: a number, or one for each unit.
    min_beta, max_beta
        The least and the most that a precision may be: numbers, or one for each unit.
    beta_lr_scale
        Factor of the learning rate for the precisions, or None.
    **kwargs
        As a `Linear`'s.
    """

    cost_name = ""

    beta: nn.Parameter
    min_beta: torch.Tensor
    max_beta: torch.Tensor

    def __init__(
        self,
        init_beta: Any,
        min_beta: Any,
        max_beta: Any,
        beta_lr_scale: float | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        least, most = np.asarray(min_beta), np.asarray(max_beta)
        if not ((least > 0) & (least <= most)).all():
            raise ValueError(
                f"layer {self.layer_name!r}: it must be 0 < min_beta <= max_beta; they are "
                f"{min_beta} and {max_beta}"
            )
        self.init_beta = init_beta
        self.register_buffer("min_beta", backend.to_tensor(least))
        self.register_buffer("max_beta", backend.to_tensor(most))
        self.beta_lr_scale = beta_lr_scale

    def param_name(self, attribute: str) -> str:
        """Return ``<layer_name>_<attribute>``, but ``beta``."""
        return attribute if attribute == "beta" else super().param_name(attribute)

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw W, and make b and beta."""
        super().set_input_space(space, rng)
        self.add_param("beta", np.zeros(self.dim) + self.init_beta)

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the negative log-likelihood without its constant; the mean over the batch."""
        return 0.5 * ((Y - Z).square() @ self.beta).mean() - 0.5 * self.beta.log().sum()

    @torch.no_grad()
    def enforce_constraints(self) -> None:
        """Keep weights and precisions within their limits."""
        super().enforce_constraints()
        self.beta.clamp_(self.min_beta, self.max_beta)

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return the scalers that are given."""
        scalers = super().get_lr_scalers()
        if self.beta_lr_scale is not None:
            scalers[self.beta] = self.beta_lr_scale
        return scalers

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return a linear layer's channels, the precisions, and the mean squared error."""
        channels = super().get_layer_monitoring_channels(X, Z, H, Y)
        least, most = self.beta.aminmax()
        channels |= {"beta_min": least, "beta_mean": self.beta.mean(), "beta_max": most}
        if Y is not None:
            channels["mse"] = (H - Y).square().mean()
        return channels


def beta_from_design(design: Array, min_var: float = 1e-6, max_var: float = 1e6) -> Array:
    """Return one over the variance of each column, which is taken to be in the given range."""
    precision: Array = 1.0 / np.clip(design.var(axis=0), min_var, max_var)
    return precision


def beta_from_targets(
    dataset: DenseDesignMatrix, min_var: float = 1e-6, max_var: float = 1e6
) -> Array:
    """Return `beta_from_design` of a dataset's targets."""
    return beta_from_design(_targets(dataset), min_var, max_var)


def beta_from_features(
    dataset: DenseDesignMatrix, min_var: float = 1e-6, max_var: float = 1e6
) -> Array:
    """Return `beta_from_design` of a dataset's features."""
    return beta_from_design(dataset.get_design_matrix(), min_var, max_var)


def mean_of_targets(dataset: DenseDesignMatrix) -> Array:
    """Return the mean of each of a dataset's targets."""
    mean: Array = _targets(dataset).mean(axis=0)
    return mean


def _targets(dataset: DenseDesignMatrix) -> Array:
    targets = dataset.get_targets()
    if targets is None:
        raise ValueError("the dataset has no targets")
    return targets
