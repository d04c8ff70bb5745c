"""Energy functions of restricted Boltzmann machines with Gaussian visible units."""

__all__ = ["GRBM_Type_1", "grbm_type_1"]

import torch
from torch.nn import functional


class GRBM_Type_1:  # noqa: N801  (pylearn2's name)
    """The energy whose denoising score matching is a denoising autoencoder.

    With W the weights, b and c the visible and the hidden biases::

        E(v, h) = (|v|^2 / 2 - v.b - v.W.h - h.c) / sigma^2

    All of it is divided by sigma^2, unlike in most other parameterizations of this model.

    Parameters
    ----------
    weights
        W, of shape (visible units, hidden units).
    bias_hid, bias_vis
        c and b.
    sigma
        Standard deviation of the visible units, given the hidden ones: a scalar.
    """

    def __init__(
        self,
        weights: torch.Tensor,
        bias_hid: torch.Tensor,
        bias_vis: torch.Tensor,
        sigma: torch.Tensor,
    ) -> None:
        self.weights = weights
        self.bias_hid = bias_hid
        self.bias_vis = bias_vis
        self.sigma = sigma

    @classmethod
    def supports_vector_sigma(cls) -> bool:
        """Return whether each visible unit can have a sigma of its own: it cannot."""
        return False

    def energy(self, V: torch.Tensor, H: torch.Tensor) -> torch.Tensor:
        """Return E(v, h) of each example, of shape (examples,)."""
        interaction = V @ self.bias_vis + ((V @ self.weights) * H).sum(1) + H @ self.bias_hid
        return (0.5 * V.square().sum(1) - interaction) / self.sigma.square()

    def mean_H_given_V(self, V: torch.Tensor) -> torch.Tensor:
        """Return the probabilities of the hidden units: (examples, hidden units)."""
        return torch.sigmoid(self._input_to_H(V))

    def mean_V_given_H(self, H: torch.Tensor) -> torch.Tensor:
        """Return the means of the visible units: (examples, visible units)."""
        return self.bias_vis + H @ self.weights.T

    def log_P_H_given_V(self, H: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of the probability of hidden units, of shape (examples,)."""
        logits = self._input_to_H(V)
        return (H * functional.logsigmoid(logits) + (1 - H) * functional.logsigmoid(-logits)).sum(1)

    def free_energy(self, V: torch.Tensor) -> torch.Tensor:
        """Return minus the logarithm of the unnormalized density, of shape (examples,)."""
        visible = (0.5 * V.square().sum(1) - V @ self.bias_vis) / self.sigma.square()
        return visible - functional.softplus(self._input_to_H(V)).sum(1)

    def reconstruct(self, V: torch.Tensor) -> torch.Tensor:
        """Return the means of the visible units, given the hidden units' probabilities."""
        return self.mean_V_given_H(self.mean_H_given_V(V))

    def score(self, V: torch.Tensor) -> torch.Tensor:
        """Return the derivative of the log-density: (examples, visible units)."""
        return (self.reconstruct(V) - V) / self.sigma.square()

    def _input_to_H(self, V: torch.Tensor) -> torch.Tensor:
        return (self.bias_hid + V @ self.weights) / self.sigma.square()


def grbm_type_1() -> type[GRBM_Type_1]:
    """Return `GRBM_Type_1`, as an energy_function_class in YAML."""
    return GRBM_Type_1
