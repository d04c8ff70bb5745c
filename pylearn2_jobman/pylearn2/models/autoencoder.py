"""Autoencoders: models that learn a representation from which their input can be restored."""

__all__ = [
    "Autoencoder",
    "ContractiveAutoencoder",
    "DenoisingAutoencoder",
    "HigherOrderContractiveAutoencoder",
]

from collections.abc import Callable

import numpy as np
import torch

from pylearn2_jobman.pylearn2.blocks import Block
from pylearn2_jobman.pylearn2.corruption import Corruptor
from pylearn2_jobman.pylearn2.costs.autoencoder import MeanSquaredReconstructionError
from pylearn2_jobman.pylearn2.expr import activations
from pylearn2_jobman.pylearn2.expr.activations import Activation
from pylearn2_jobman.pylearn2.space import VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

_Function = str | Activation | None


class Autoencoder(Block):
    """An encoder and a decoder of one layer each.

    Parameters
    ----------
    nvis, nhid
        Size of the input and of the representation.
    act_enc, act_dec
        Activation functions, by name (see `pylearn2.expr.activations`) or as functions; None for
        linear units.
    tied_weights
        Whether the decoder's weights are the encoder's, transposed.
    irange
        The encoder's weights begin between -irange and irange, the decoder's within half of that.
    rng
        Generator or seed of the initial weights.
    """

    def __init__(
        self,
        nvis: int,
        nhid: int,
        act_enc: _Function,
        act_dec: _Function,
        tied_weights: bool = False,
        irange: float = 1e-3,
        rng: Seed = 9001,
    ) -> None:
        super().__init__()
        if nvis < 1 or nhid < 1:
            raise ValueError(f"an autoencoder needs units: nvis is {nvis}, nhid is {nhid}")
        self.act_enc = act_enc
        self.act_dec = act_dec
        _function(act_enc, "act_enc")
        _function(act_dec, "act_dec")
        self.nhid = nhid
        self.tied_weights = tied_weights
        self.input_space = VectorSpace(nvis)
        self.output_space = VectorSpace(nhid)
        rng = make_np_rng(rng, 9001)
        W = rng.uniform(-irange, irange, (nvis, nhid))
        rng.randint(2**30)  # pylearn2 seeded a generator here that it did not use
        self.visbias = self.add_param("visbias", np.zeros(nvis))
        self.hidbias = self.add_param("hidbias", np.zeros(nhid))
        self.weights = self.add_param("weights", W)
        if not tied_weights:
            self.untied = self.add_param("untied", (0.5 - rng.rand(nhid, nvis)) * irange)

    def param_name(self, attribute: str) -> str:
        """Return vb, hb, W or Wprime."""
        return {"visbias": "vb", "hidbias": "hb", "weights": "W", "untied": "Wprime"}[attribute]

    @property
    def w_prime(self) -> torch.Tensor:
        """The decoder's weights, of shape (nhid, nvis)."""
        return self.weights.T if self.tied_weights else self.untied

    def hidden_input(self, X: torch.Tensor) -> torch.Tensor:
        """Return what ``act_enc`` is applied to."""
        return self.hidbias + X @ self.weights

    def encode(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation, of shape (examples, nhid)."""
        return _function(self.act_enc, "act_enc")(self.hidden_input(X))

    def decode(self, H: torch.Tensor) -> torch.Tensor:
        """Return the input restored from representations."""
        return _function(self.act_dec, "act_dec")(self.visbias + H @ self.w_prime)

    def corrupt(self, X: torch.Tensor) -> torch.Tensor:
        """Return what is encoded while reconstructing: the input itself, here."""
        return X

    def reconstruct(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input restored from its representation."""
        return self.decode(self.encode(self.corrupt(X)))

    def reconstruction_input(self, X: torch.Tensor) -> torch.Tensor | None:
        """Return what a sigmoid turns into the reconstruction; None if none does."""
        if self.act_dec != "sigmoid":
            return None
        return self.visbias + self.encode(self.corrupt(X)) @ self.w_prime

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation."""
        return self.encode(X)

    def get_default_cost(self) -> MeanSquaredReconstructionError:
        """Return `pylearn2.costs.autoencoder.MeanSquaredReconstructionError`."""
        return MeanSquaredReconstructionError()


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that restores its input from a corrupted copy (Vincent et al. 2008).

    Parameters
    ----------
    corruptor
        Corrupts the input: see `pylearn2.corruption`.
    nvis, nhid, act_enc, act_dec, tied_weights, irange, rng
        As an `Autoencoder`'s.
    """

    def __init__(
        self,
        corruptor: Corruptor,
        nvis: int,
        nhid: int,
        act_enc: _Function,
        act_dec: _Function,
        tied_weights: bool = False,
        irange: float = 1e-3,
        rng: Seed = 9001,
    ) -> None:
        super().__init__(nvis, nhid, act_enc, act_dec, tied_weights, irange, rng)
        self.corruptor = corruptor

    def corrupt(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input with noise."""
        return self.corruptor(X)


class ContractiveAutoencoder(Autoencoder):
    """An autoencoder with a penalty on its encoder's derivatives (Rifai et al. 2011).

    Raises
    ------
    ValueError
        If ``act_enc`` is not elementwise.
    """

    def __init__(
        self,
        nvis: int,
        nhid: int,
        act_enc: _Function,
        act_dec: _Function,
        tied_weights: bool = False,
        irange: float = 1e-3,
        rng: Seed = 9001,
    ) -> None:
        super().__init__(nvis, nhid, act_enc, act_dec, tied_weights, irange, rng)
        if not activations.is_elementwise(_function(act_enc, "act_enc")):
            raise ValueError(
                f"act_enc is {act_enc!r}; a contractive autoencoder takes only functions that "
                "treat each unit by itself, such as 'sigmoid' or 'tanh'"
            )

    def activation_grad(self, X: torch.Tensor) -> torch.Tensor:
        """Return the derivative of ``act_enc`` at each hidden unit: (examples, nhid)."""
        with torch.enable_grad():
            inputs = self.hidden_input(X)
            if not inputs.requires_grad:
                inputs.requires_grad_()
            outputs = _function(self.act_enc, "act_enc")(inputs)
            (grad,) = torch.autograd.grad(outputs.sum(), inputs, create_graph=True)
        return grad

    def jacobian_h_x(self, X: torch.Tensor) -> torch.Tensor:
        """Return the derivatives of the representation: (examples, nvis, nhid)."""
        return self.weights * self.activation_grad(X)[:, None, :]

    def contraction_penalty(self, X: torch.Tensor) -> torch.Tensor:
        """Return the squared Frobenius norm of the derivatives, its mean over the examples."""
        norms = self.activation_grad(X).square() @ self.weights.square().sum(0)
        return norms.sum() / len(X)


class HigherOrderContractiveAutoencoder(ContractiveAutoencoder):
    """A contractive autoencoder with a penalty on second derivatives (Rifai et al. 2011b).

    Parameters
    ----------
    corruptor
        Makes the inputs near by, where the first derivatives are compared.
    num_corruptions
        How many for each example.
    nvis, nhid, act_enc, act_dec, tied_weights, irange, rng
        As an `Autoencoder`'s.
    """

    cost_names = {"higher_order_penalty": "mean"}  # noqa: RUF012

    def __init__(
        self,
        corruptor: Corruptor,
        num_corruptions: int,
        nvis: int,
        nhid: int,
        act_enc: _Function,
        act_dec: _Function,
        tied_weights: bool = False,
        irange: float = 1e-3,
        rng: Seed = 9001,
    ) -> None:
        super().__init__(nvis, nhid, act_enc, act_dec, tied_weights, irange, rng)
        self.corruptor = corruptor
        self.num_corruptions = num_corruptions

    def higher_order_penalty(self, X: torch.Tensor) -> torch.Tensor:
        """Return the mean squared change of the derivatives under corruption."""
        here = self.jacobian_h_x(X)
        there = [self.jacobian_h_x(self.corruptor(X)) for _ in range(self.num_corruptions)]
        return torch.cat([here - jacobian for jacobian in there]).square().mean()


def _function(given: _Function, argument: str) -> Callable[[torch.Tensor], torch.Tensor]:
    if given is None:
        return activations.identity
    return given if callable(given) else activations.by_name(given, argument)
