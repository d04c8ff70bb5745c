"""Costs of models that have an energy: contrastive divergence, score matching and their like."""

__all__ = ["NCE", "SMD", "SML", "CDk"]

from typing import Any, Protocol

import numpy as np
import torch
from torch.nn import functional

from pylearn2_jobman.pylearn2.corruption import Corruptor
from pylearn2_jobman.pylearn2.costs.cost import Cost, HasParams
from pylearn2_jobman.pylearn2.models.rbm import RBM, BlockGibbsSampler
from pylearn2_jobman.pylearn2.space import Data
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, RandomCallRecord


class _MaximumLikelihood(Cost):
    """A cost that has no value, only gradients: data against samples of the model."""

    def expr(self, model: HasParams, data: Data) -> None:
        """Return None: the likelihood of an RBM cannot be computed."""

    def trace(self, model: HasParams, data: Data) -> None:
        """Draw samples once."""
        if not isinstance(model, RBM):
            raise ValueError(
                f"{type(self).__name__} trains models such as pylearn2.models.rbm.RBM, from which "
                f"can be drawn; a {type(model).__name__} is none"
            )


class CDk(_MaximumLikelihood):
    """Contrastive divergence: the samples are a few Gibbs steps from the data (Hinton 2002).

    Parameters
    ----------
    nsteps
        How many.
    seed
        Of the random streams.
    """

    def __init__(self, nsteps: int, seed: int = 42) -> None:
        self.nsteps = nsteps
        self.rng = MRGStreams(seed)

    def trace(self, model: Any, data: Data) -> None:
        """Draw samples once."""
        super().trace(model, data)
        self._samples(model, data[0])

    def get_gradients(self, model: Any, data: Data) -> tuple[torch.Tensor, ...]:
        """Return the gradient for each of ``model.get_params()``."""
        gradients: tuple[torch.Tensor, ...] = model.ml_gradients(
            data[0], self._samples(model, data[0])
        )
        return gradients

    @torch.no_grad()
    def _samples(self, model: RBM, v: torch.Tensor) -> torch.Tensor:
        for _ in range(self.nsteps):
            v = model.gibbs_step_for_v(v, self.rng)
        return v


class SML(_MaximumLikelihood):
    """Stochastic maximum likelihood: the samples are persistent chains (Younes 1998).

    Also called persistent contrastive divergence (Tieleman 2008).

    Parameters
    ----------
    batch_size
        Number of chains.
    nsteps
        Gibbs steps that they take after each batch.

    Attributes
    ----------
    sampler : BlockGibbsSampler
        The chains, made when training is set up; ``sampler.particles`` is where they are.
    """

    sampler: BlockGibbsSampler

    def __init__(self, batch_size: int, nsteps: int) -> None:
        self.nchains = batch_size
        self.nsteps = nsteps

    def trace(self, model: Any, data: Data) -> None:
        """Make the chains, unless they are there, and draw samples once."""
        super().trace(model, data)
        if not hasattr(self, "sampler"):
            begin = np.full((self.nchains, model.nvis), 0.5)
            self.sampler = BlockGibbsSampler(model, begin, model.rng, self.nsteps)
            # pylearn2 wrote the steps down twice, and used the second.
            with RandomCallRecord().evaluation(drawing=False):
                self.sampler.after_steps()
        self.sampler.after_steps()

    def get_gradients(self, model: Any, data: Data) -> tuple[torch.Tensor, ...]:
        """Return the gradient for each of ``model.get_params()``, and advance the chains."""
        gradients: tuple[torch.Tensor, ...] = model.ml_gradients(data[0], self.sampler.particles)
        self.sampler.advance()
        return gradients


class SMD(Cost):
    """Denoising score matching (Vincent 2011): the mean over units and examples.

    Parameters
    ----------
    corruptor
        The noise; it has to have a density, as `pylearn2.corruption.GaussianCorruptor` has.
    """

    def __init__(self, corruptor: Corruptor) -> None:
        self.corruptor = corruptor

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return how far the model's score is from that of the noise around the data."""
        if not callable(getattr(model, "score", None)):
            raise ValueError(
                f"SMD is for models with score, the derivative of their log-density, such as a "
                f"GaussianBinaryRBM; a {type(model).__name__} has none"
            )
        X = data[0]
        with torch.enable_grad():
            corrupted = self.corruptor(X).detach().requires_grad_()
            energy = self.corruptor.corruption_free_energy(corrupted, X).sum()
            (minus_score,) = torch.autograd.grad(energy, corrupted)
        difference = model.score(corrupted.detach()) + minus_score
        cost: torch.Tensor = difference.square().mean()
        return cost

    def term_name(self, model: Any) -> str:
        """Return 'SMD' and pylearn2's name of the batch."""
        return "SMD(monitor_features)"


class Noise(Protocol):
    """Noise for `NCE`: a distribution that can be drawn from."""

    def log_prob(self, X: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of the density, of shape (examples,)."""

    def random_design_matrix(self, m: int) -> torch.Tensor:
        """Return ``m`` examples, one a row."""


class NCE(Cost):
    """Noise-contrastive estimation (Gutmann and Hyvarinen 2010).

    Parameters
    ----------
    noise
        The distribution that data is to be told from.
    noise_per_clean
        How many examples of it for each one of data.
    """

    def __init__(self, noise: Noise, noise_per_clean: int) -> None:
        self.noise = noise
        self.noise_per_clean = noise_per_clean

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return how badly the ratio of the densities tells data from noise."""
        if not callable(getattr(model, "log_prob", None)):
            raise ValueError(
                f"NCE is for models with log_prob, the logarithm of their density; a "
                f"{type(model).__name__} has none"
            )
        X = data[0]
        noise = self.noise.random_design_matrix(len(X) * self.noise_per_clean)
        of_data, of_noise = (model.log_prob(x) - self.noise.log_prob(x) for x in (X, noise))
        cost: torch.Tensor = functional.softplus(-of_data).mean()
        return cost + functional.softplus(of_noise).mean()

    def term_name(self, model: Any) -> str:
        """Return 'NCE' and pylearn2's name of the batch."""
        return "NCE(monitor_features)"
