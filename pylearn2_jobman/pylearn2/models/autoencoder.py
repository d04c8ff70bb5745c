"""Autoencoders: models that learn a representation from which their input can be restored."""

__all__ = [
    "Autoencoder",
    "ContractiveAutoencoder",
    "DeepComposedAutoencoder",
    "DenoisingAutoencoder",
    "HigherOrderContractiveAutoencoder",
    "StackedDenoisingAutoencoder",
    "UntiedAutoencoder",
    "build_stacked_ae",
]

from collections.abc import Sequence
from typing import Any

import torch

from pylearn2_jobman.pylearn2.blocks import Block, StackedBlocks
from pylearn2_jobman.pylearn2.corruption import Corruptor
from pylearn2_jobman.pylearn2.expr import activations
from pylearn2_jobman.pylearn2.models.deep_autoencoder import (
    DeepComposedAutoencoder,
    StackedDenoisingAutoencoder,
)
from pylearn2_jobman.pylearn2.models.encoders import Autoencoder, activation_function
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that restores its input from a corrupted copy (Vincent et al. 2008).

    Parameters
    ----------
    corruptor
        Corrupts the input: see `pylearn2.corruption`.
    *args, **kwargs
        As an `Autoencoder`'s.
    """

    def __init__(self, corruptor: Corruptor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corruptor = corruptor

    def corrupt(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input with noise."""
        return self.corruptor(X)


class ContractiveAutoencoder(Autoencoder):
    """An autoencoder with a penalty on its encoder's derivatives (Rifai et al. 2011).

    Parameters
    ----------
    *args, **kwargs
        As an `Autoencoder`'s.

    Raises
    ------
    ValueError
        If ``act_enc`` is not elementwise.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not activations.is_elementwise(activation_function(self.act_enc, "act_enc")):
            raise ValueError(
                f"act_enc is {self.act_enc!r}; a contractive autoencoder takes only functions that "
                "treat each unit by itself, such as 'sigmoid' or 'tanh'"
            )

    def activation_grad(self, X: torch.Tensor) -> torch.Tensor:
        """Return the derivative of ``act_enc`` at each hidden unit: (examples, nhid)."""
        with torch.enable_grad():
            inputs = self.hidden_input(X)
            if not inputs.requires_grad:
                inputs.requires_grad_()
            outputs = activation_function(self.act_enc, "act_enc")(inputs)
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
    *args, **kwargs
        As an `Autoencoder`'s.
    """

    cost_names = {"higher_order_penalty": "mean"}  # noqa: RUF012

    def __init__(
        self, corruptor: Corruptor, num_corruptions: int, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.corruptor = corruptor
        self.num_corruptions = num_corruptions

    def higher_order_penalty(self, X: torch.Tensor) -> torch.Tensor:
        """Return the mean squared change of the derivatives under corruption."""
        here = self.jacobian_h_x(X)
        there = [self.jacobian_h_x(self.corruptor(X)) for _ in range(self.num_corruptions)]
        return torch.cat([here - jacobian for jacobian in there]).square().mean()


class UntiedAutoencoder(Autoencoder):
    """A copy of an autoencoder with tied weights, whose decoder now has weights of its own.

    In pylearn2 the hidden biases were copied from the visible ones by mistake.

    Parameters
    ----------
    base
        The autoencoder.
    """

    def __init__(self, base: Autoencoder) -> None:
        if not (isinstance(base, Autoencoder) and base.tied_weights):
            raise ValueError(
                f"an UntiedAutoencoder is made from an autoencoder with tied_weights: True; this "
                f"{type(base).__name__} is none"
            )
        super().__init__(base.nvis, base.nhid, base.act_enc, base.act_dec)
        vb, hb, W = base.get_param_values()
        self.set_param_values([vb, hb, W, W.T])

    def param_name(self, attribute: str) -> str:
        """Return vb, hb, weights or w_prime."""
        return {"visbias": "vb", "hidbias": "hb", "untied": "w_prime"}.get(attribute, attribute)


def build_stacked_ae(
    nvis: int,
    nhids: Sequence[int],
    act_enc: Any,
    act_dec: Any,
    tied_weights: Any = False,
    irange: Any = 1e-3,
    rng: Seed = None,
    corruptor: Any = None,
    contracting: Any = False,
) -> StackedBlocks:
    """Return a stack of autoencoders, denoising or contractive ones where the arguments say so.

    Parameters
    ----------
    nvis
        Size of the input.
    nhids
        Size of each representation.
    act_enc, act_dec, tied_weights, irange, corruptor, contracting
        Of all autoencoders; or a list, with one for each.
    rng
        Generator or seed of all initial weights.
    """
    rng = make_np_rng(rng)
    given = {
        "act_enc": act_enc,
        "act_dec": act_dec,
        "tied_weights": tied_weights,
        "irange": irange,
        "corruptor": corruptor,
        "contracting": contracting,
    }
    layers: list[Block] = []
    for level, nhid in enumerate(nhids):
        own = {name: _of_level(name, value, level, len(nhids)) for name, value in given.items()}
        noise, contracts = own.pop("corruptor"), own.pop("contracting")
        if noise is not None and contracts:
            raise ValueError(f"autoencoder {level} cannot be denoising and contractive at once")
        if noise is not None:
            layers.append(DenoisingAutoencoder(noise, nvis, nhid, rng=rng, **own))
        else:
            kind = ContractiveAutoencoder if contracts else Autoencoder
            layers.append(kind(nvis, nhid, rng=rng, **own))
        nvis = nhid
    return StackedBlocks(layers)


def _of_level(name: str, given: Any, level: int, levels: int) -> Any:
    if not isinstance(given, list | tuple):
        return given
    if len(given) != levels:
        raise ValueError(f"{name} has {len(given)} items for {levels} autoencoders")
    return given[level]
