"""The autoencoder of one layer, and the base class of all autoencoders."""

__all__ = ["AbstractAutoencoder", "Autoencoder", "Function", "activation_function"]

import numpy as np
import torch

from pylearn2_jobman.pylearn2.blocks import Block
from pylearn2_jobman.pylearn2.costs.autoencoder import MeanSquaredReconstructionError
from pylearn2_jobman.pylearn2.expr import activations
from pylearn2_jobman.pylearn2.expr.activations import Activation
from pylearn2_jobman.pylearn2.space import VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Function = str | Activation | None
"""An activation function: its name, itself, or None for linear units."""


class AbstractAutoencoder(Block):
    """A model with an encoder and a decoder."""

    def encode(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation, of shape (examples, hidden units)."""
        raise NotImplementedError

    def decoder_input(self, H: torch.Tensor) -> torch.Tensor:
        """Return the preactivation of the decoder's last layer, for representations."""
        raise NotImplementedError

    def decode(self, H: torch.Tensor) -> torch.Tensor:
        """Return the input restored from representations."""
        raise NotImplementedError

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether the last activation of the decoder is a sigmoid."""
        raise NotImplementedError

    def corrupt(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input as it is encoded while reconstructing: unchanged, here."""
        return X

    def reconstruct(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input restored from its representation."""
        return self.decode(self.encode(self.corrupt(X)))

    def reconstruction_input(self, X: torch.Tensor) -> torch.Tensor | None:
        """Return the reconstruction before its sigmoid; None if there is no sigmoid."""
        if not self.ends_in_sigmoid:
            return None
        return self.decoder_input(self.encode(self.corrupt(X)))

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation."""
        return self.encode(X)

    def get_default_cost(self) -> MeanSquaredReconstructionError:
        """Return `pylearn2.costs.autoencoder.MeanSquaredReconstructionError`."""
        return MeanSquaredReconstructionError()


class Autoencoder(AbstractAutoencoder):
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
    istdev
        With ``irange`` None: the standard deviation of normal initial weights.
    rng
        Generator or seed of the initial weights.
    """

    def __init__(
        self,
        nvis: int,
        nhid: int,
        act_enc: Function,
        act_dec: Function,
        tied_weights: bool = False,
        irange: float | None = 1e-3,
        istdev: float | None = None,
        rng: Seed = 9001,
    ) -> None:
        super().__init__()
        if nvis < 1 or nhid < 1:
            raise ValueError(f"an autoencoder needs units: nvis is {nvis}, nhid is {nhid}")
        if (irange is None) == (istdev is None):
            raise ValueError(
                "an autoencoder draws its weights by irange, or by istdev with irange: null"
            )
        self.act_enc = act_enc
        self.act_dec = act_dec
        activation_function(act_enc, "act_enc")
        activation_function(act_dec, "act_dec")
        self.nvis = nvis
        self.nhid = nhid
        self.tied_weights = tied_weights
        self.input_space = VectorSpace(nvis)
        self.output_space = VectorSpace(nhid)
        rng = make_np_rng(rng, 9001)
        normal, scale = istdev is not None, irange if istdev is None else istdev
        assert scale is not None
        W = rng.randn(nvis, nhid) * scale if normal else rng.uniform(-scale, scale, (nvis, nhid))
        rng.randint(2**30)  # pylearn2 seeded a generator here that it did not use
        self.visbias = self.add_param("visbias", np.zeros(nvis))
        self.hidbias = self.add_param("hidbias", np.zeros(nhid))
        self.weights = self.add_param("weights", W)
        if not tied_weights:
            untied = rng.randn(nhid, nvis) if normal else 0.5 - rng.rand(nhid, nvis)
            self.untied = self.add_param("untied", untied * scale)

    def param_name(self, attribute: str) -> str:
        """Return vb, hb, W or Wprime."""
        names = {"visbias": "vb", "hidbias": "hb", "weights": "W", "untied": "Wprime"}
        return names.get(attribute, attribute)

    @property
    def w_prime(self) -> torch.Tensor:
        """The decoder's weights, of shape (nhid, nvis)."""
        return self.weights.T if self.tied_weights else self.untied

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether ``act_dec`` is a sigmoid."""
        return self.act_dec == "sigmoid"

    def hidden_input(self, X: torch.Tensor) -> torch.Tensor:
        """Return the encoder's preactivation: (examples, nhid)."""
        return self.hidbias + X @ self.weights

    def encode(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation, of shape (examples, nhid)."""
        return activation_function(self.act_enc, "act_enc")(self.hidden_input(X))

    def decoder_input(self, H: torch.Tensor) -> torch.Tensor:
        """Return the decoder's preactivation: (examples, nvis)."""
        return self.visbias + H @ self.w_prime

    def decode(self, H: torch.Tensor) -> torch.Tensor:
        """Return the input restored from representations."""
        return activation_function(self.act_dec, "act_dec")(self.decoder_input(H))


def activation_function(given: Function, argument: str) -> Activation:
    """Return the function that an argument of a model gives by its name, or itself."""
    if given is None:
        return activations.identity
    return given if callable(given) else activations.by_name(given, argument)
