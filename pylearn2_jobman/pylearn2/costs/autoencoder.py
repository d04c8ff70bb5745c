"""Costs of autoencoders."""

__all__ = ["MeanBinaryCrossEntropy", "MeanSquaredReconstructionError", "SparseActivation"]

from typing import Any

import torch
from torch.nn import functional

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.space import Data


class MeanSquaredReconstructionError(Cost):
    """The squared error of the reconstruction: summed over units, mean over examples."""

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the error."""
        X = data[0]
        error: torch.Tensor = (X - model.reconstruct(X)).square().sum(1).mean()
        return error

    def term_name(self, model: Any) -> str:
        """Return 'mean'."""
        return "mean"


class MeanBinaryCrossEntropy(Cost):
    """The cross-entropy of the reconstruction, for inputs of 0 to 1.

    It is summed over units; its mean is over examples.
    """

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the cross-entropy, exact also where a sigmoid saturates."""
        X = data[0]
        logits_of = getattr(model, "reconstruction_input", None)
        logits = None if logits_of is None else logits_of(X)
        if logits is not None:
            entropy = X * functional.softplus(-logits) + (1 - X) * functional.softplus(logits)
        else:
            p = model.reconstruct(X)
            entropy = -(X * p.log() + (1 - X) * (1 - p).log())
        cost: torch.Tensor = entropy.sum(1).mean()
        return cost

    def term_name(self, model: Any) -> str:
        """Return 'mean'."""
        return "mean"


class SparseActivation(Cost):
    """How far the mean activation of each hidden unit is from ``p``, by the KL divergence.

    Parameters
    ----------
    coeff
        Factor of the sum over units.
    p
        The wanted mean activation, between 0 and 1.
    """

    def __init__(self, coeff: float, p: float) -> None:
        self.coeff = coeff
        self.p = p

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the penalty."""
        p, p_hat = self.p, model.encode(data[0]).abs().mean(0)
        kl = p * (p / p_hat).log() + (1 - p) * ((1 - p) / (1 - p_hat)).log()
        penalty: torch.Tensor = self.coeff * kl.sum()
        return penalty

    def term_name(self, model: Any) -> str:
        """Return 'sparse_activation_penalty'."""
        return "sparse_activation_penalty"
