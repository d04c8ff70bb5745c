"""Samples, as transformers of datasets."""

__all__ = ["SampleBernoulli"]

from typing import Any

import torch

from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, Streams
from pylearn2_jobman.pylearn2.utils.state import Stateful


class SampleBernoulli(Stateful):
    """Draws ones and zeros, where the numbers of a batch are the probabilities of ones.

    Parameters
    ----------
    theano_rng, seed
        A seed, under either name; 2045 by default.
    input_space
        Where batches lie.
    """

    def __init__(
        self, theano_rng: int | None = None, seed: int | None = None, input_space: Any = None
    ) -> None:
        given = theano_rng if seed is None else seed
        self.rng = MRGStreams(2045 if given is None else given)
        self.input_space = input_space
        self._streams: Streams = self.rng.streams()

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the samples, of the shape of the batch."""
        return (self._streams.uniform(tuple(inputs.shape), inputs.dtype) < inputs).to(inputs.dtype)

    perform = __call__

    def set_input_space(self, space: Any) -> None:
        """Take batches of a space."""
        self.input_space = space

    def get_input_space(self) -> Any:
        """Return the space of batches, which is that of samples, too."""
        if self.input_space is None:
            raise ValueError("this SampleBernoulli has no input_space: call set_input_space")
        return self.input_space

    get_output_space = get_input_space
