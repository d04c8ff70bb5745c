"""Autoencoders that are made of autoencoders."""

__all__ = ["DeepComposedAutoencoder", "StackedDenoisingAutoencoder"]

from collections.abc import Sequence

import torch
from torch import nn

from pylearn2_jobman.pylearn2.blocks import StackedBlocks
from pylearn2_jobman.pylearn2.corruption import Corruptor
from pylearn2_jobman.pylearn2.models.encoders import AbstractAutoencoder, Autoencoder


class DeepComposedAutoencoder(AbstractAutoencoder):
    """An autoencoder whose encoder is those of others, one after the other; as is its decoder.

    Parameters
    ----------
    autoencoders
        The others, from the input to the representation.

    Raises
    ------
    ValueError
        If there are none, or one does not take the output of the one below.
    """

    def __init__(self, autoencoders: Sequence[Autoencoder]) -> None:
        super().__init__()
        if not autoencoders:
            raise ValueError("a DeepComposedAutoencoder needs autoencoders: [...]")
        StackedBlocks(autoencoders)  # checks that they fit on each other
        self.autoencoders = nn.ModuleList(autoencoders)
        self.input_space = autoencoders[0].get_input_space()
        self.output_space = autoencoders[-1].get_output_space()

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether the last activation of the decoder is a sigmoid."""
        return self._others[0].ends_in_sigmoid

    @property
    def _others(self) -> list[Autoencoder]:
        return list(self.autoencoders)  # type: ignore[arg-type]

    def encode(self, X: torch.Tensor) -> torch.Tensor:
        """Return the representation of the last autoencoder."""
        for autoencoder in self._others:
            X = autoencoder.encode(X)
        return X

    def decoder_input(self, H: torch.Tensor) -> torch.Tensor:
        """Return the preactivation of the decoder's last layer."""
        for autoencoder in reversed(self._others[1:]):
            H = autoencoder.decode(H)
        return self._others[0].decoder_input(H)

    def decode(self, H: torch.Tensor) -> torch.Tensor:
        """Return the input restored from representations."""
        for autoencoder in reversed(self._others):
            H = autoencoder.decode(H)
        return H


class StackedDenoisingAutoencoder(DeepComposedAutoencoder):
    """A deep autoencoder that restores its input from a corrupted copy.

    Parameters
    ----------
    autoencoders
        As a `DeepComposedAutoencoder`'s.
    corruptor
        Corrupts the input: see `pylearn2.corruption`.
    """

    def __init__(self, autoencoders: Sequence[Autoencoder], corruptor: Corruptor) -> None:
        super().__init__(autoencoders)
        self.corruptor = corruptor

    def corrupt(self, X: torch.Tensor) -> torch.Tensor:
        """Return the input with noise."""
        return self.corruptor(X)
