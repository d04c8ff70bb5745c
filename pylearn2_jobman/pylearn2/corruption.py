"""Corruptors: noise on the input of a model that learns to remove it."""

__all__ = [
    "BinomialCorruptor",
    "BinomialSampler",
    "ComposedCorruptor",
    "Corruptor",
    "DropoutCorruptor",
    "DummyCorruptor",
    "GaussianCorruptor",
    "MultinomialSampler",
    "OneHotCorruptor",
    "SaltPepperCorruptor",
    "SmoothOneHotCorruptor",
]

from collections.abc import Sequence

import torch

from pylearn2_jobman.pylearn2.expr.activations import rescaled_softmax
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, Seed, make_np_rng, stream_for_call
from pylearn2_jobman.pylearn2.utils.state import Stateful


class Corruptor(Stateful):
    """Puts noise on a batch, from random streams of its own.

    Parameters
    ----------
    corruption_level
        How much.
    rng
        Seed, or generator that the seed of the streams is drawn from.
    """

    def __init__(self, corruption_level: float, rng: Seed = 2001) -> None:
        self.corruption_level = float(corruption_level)
        self.s_rng = MRGStreams(int(make_np_rng(rng, 2001).randint(2**30)))

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return a corrupted copy of a batch.

        Parameters
        ----------
        inputs
            The batch, of shape (examples, features).
        """
        raise NotImplementedError

    def corruption_free_energy(self, corrupted_X: torch.Tensor, X: torch.Tensor) -> torch.Tensor:
        """Return minus the logarithm of the noise's density, up to a constant.

        Parameters
        ----------
        corrupted_X, X
            A batch with and without the noise, of shape (examples, features).

        Returns
        -------
        Tensor
            Of shape (examples,).
        """
        raise ValueError(
            f"the noise of a {type(self).__name__} has no density with a gradient; score matching "
            "needs one such as pylearn2.corruption.GaussianCorruptor's"
        )


class DummyCorruptor(Corruptor):
    """Leaves everything as it is."""

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch itself."""
        return inputs


class BinomialCorruptor(Corruptor):
    """Sets each number to 0 with probability ``corruption_level``."""

    def __init__(self, corruption_level: float, rng: Seed = 2001) -> None:
        super().__init__(_probability(corruption_level), rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with zeros in it."""
        return self.s_rng.binomial(inputs, 1 - self.corruption_level) * inputs


class DropoutCorruptor(BinomialCorruptor):
    """Sets numbers to 0 as `BinomialCorruptor`, and scales up the others to make up for it."""

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with zeros in it, with the same mean."""
        if self.corruption_level < 1e-5:
            return inputs
        return super().__call__(inputs) / (1 - self.corruption_level)


class GaussianCorruptor(Corruptor):
    """Adds normal noise.

    Parameters
    ----------
    stdev
        Its standard deviation.
    rng
        As a `Corruptor`'s.
    """

    def __init__(self, stdev: float, rng: Seed = 2001) -> None:
        super().__init__(stdev, rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with noise added."""
        return self.s_rng.normal(inputs) * self.corruption_level + inputs

    def corruption_free_energy(self, corrupted_X: torch.Tensor, X: torch.Tensor) -> torch.Tensor:
        """Return the squared distance, in units of twice the variance."""
        return (corrupted_X - X).square().sum(1) / (2 * self.corruption_level**2)


class SaltPepperCorruptor(Corruptor):
    """Sets each number, with probability ``corruption_level``, to 0 or to 1."""

    def __init__(self, corruption_level: float, rng: Seed = 2001) -> None:
        super().__init__(_probability(corruption_level), rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with zeros and ones in it."""
        kept = self.s_rng.binomial(inputs, 1 - self.corruption_level)
        salt = self.s_rng.binomial(inputs, 0.5)
        return inputs * kept + salt * (1 - kept)


class OneHotCorruptor(Corruptor):
    """Replaces a one-hot vector, with probability ``corruption_level``, by a random one.

    The original one fails in every version of Theano that it can be used with, so there are no
    numbers to agree with.
    """

    def __init__(self, corruption_level: float, rng: Seed = 2001) -> None:
        super().__init__(_probability(corruption_level), rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with some rows replaced."""
        kept = self.s_rng.binomial(inputs[:, :1], 1 - self.corruption_level)
        even = torch.full_like(inputs, 1 / inputs.shape[1])
        return kept * inputs + (1 - kept) * _one_hot(even, self.s_rng)


class SmoothOneHotCorruptor(Corruptor):
    """Adds normal noise to one-hot vectors, and makes them distributions by a rescaled softmax."""

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch, each row with a sum of 1."""
        noise = self.s_rng.normal(inputs) * self.corruption_level
        return rescaled_softmax(noise + inputs)


class BinomialSampler(Corruptor):
    """Draws ones and zeros, where the numbers are the probabilities of ones."""

    def __init__(self, rng: Seed = 2001) -> None:
        super().__init__(0, rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return zeros and ones, of the shape of the batch."""
        return self.s_rng.binomial(inputs, inputs)


class MultinomialSampler(Corruptor):
    """Draws one-hot vectors, where each row holds the probabilities."""

    def __init__(self, rng: Seed = 2001) -> None:
        super().__init__(0, rng)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return one-hot rows, of the shape of the batch."""
        return _one_hot(inputs, self.s_rng)


class ComposedCorruptor(Corruptor):
    """Corruptors one after the other, the last one first: a and b make ``a(b(X))``.

    Parameters
    ----------
    each, corruptors
        The corruptors; as ``corruptors`` in YAML, which has no arguments without a name.

    Raises
    ------
    ValueError
        If there are none.
    """

    def __init__(self, *each: Corruptor, corruptors: Sequence[Corruptor] = ()) -> None:
        super().__init__(0)
        self.corruptors = [*each, *corruptors]
        if not self.corruptors:
            raise ValueError("a ComposedCorruptor needs corruptors: [...]")

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the batch with all corruptors applied."""
        for corruptor in reversed(self.corruptors):
            inputs = corruptor(inputs)
        return inputs


def _one_hot(probabilities: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
    """Draw the place of a one in each row, by one uniform number a row."""
    uniform = stream_for_call(rng.streams).uniform((len(probabilities), 1), probabilities.dtype)
    places = (probabilities.cumsum(1) <= uniform).sum(1).clamp(max=probabilities.shape[1] - 1)
    return torch.zeros_like(probabilities).scatter_(1, places[:, None], 1)


def _probability(level: float) -> float:
    if not 0 <= level <= 1:
        raise ValueError(f"corruption_level is {level}; it is a probability, 0 to 1")
    return level
