"""Markov chains that an RBM is trained with."""

__all__ = ["BlockGibbsSampler", "ChainLearner"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.models.model import Array
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, RandomCallRecord, Seed, make_np_rng
from pylearn2_jobman.pylearn2.utils.state import Stateful


class BlockGibbsSampler(Stateful):
    """Chains of visible units that persist from one update to the next (Tieleman 2008).

    Parameters
    ----------
    rbm
        The RBM whose ``gibbs_step_for_v`` draws.
    particles
        Where the chains begin, of shape (chains, nvis).
    rng
        Generator of the seed of the random streams.
    steps
        Gibbs steps of an `advance`.
    particles_clip
        The smallest and the largest number that a particle may have.

    Attributes
    ----------
    particles : Tensor
        Where the chains are. With the streams, which belong to the expression that `advance` is
        called in, this is their whole state.
    """

    def __init__(
        self,
        rbm: Any,
        particles: Array,
        rng: Seed,
        steps: int = 1,
        particles_clip: tuple[float, float] | None = None,
    ) -> None:
        self.rbm = rbm
        self.particles = backend.to_tensor(particles)
        self.s_rng = MRGStreams(int(make_np_rng(rng).randint(2**30)))
        self.steps = steps
        self.particles_clip = particles_clip

    def advance(self) -> None:
        """Let the chains take their steps."""
        self.particles = self.after_steps()

    @torch.no_grad()
    def after_steps(self) -> torch.Tensor:
        """Return where the chains are after their next steps, of shape (chains, nvis)."""
        particles = self.particles
        for _ in range(self.steps):
            particles = self.rbm.gibbs_step_for_v(particles, self.s_rng)
            if self.particles_clip is not None:
                particles = particles.clamp(*self.particles_clip)
        return particles


class ChainLearner(Stateful):
    """The state of an RBM's own training, between batches.

    Parameters
    ----------
    rbm
        The RBM.

    Attributes
    ----------
    sampler : BlockGibbsSampler
        Its chains.
    tape : RandomCallRecord
        The random streams of the chains' steps.
    updates : int
        Number of updates so far.
    """

    def __init__(self, rbm: Any) -> None:
        begin = np.full((rbm.nchains, rbm.nvis), 0.5)
        self.sampler = BlockGibbsSampler(rbm, begin, rbm.rng, rbm.sml_gibbs_steps)
        self.tape = RandomCallRecord()
        with self.tape.evaluation(drawing=False):
            self.sampler.after_steps()
        self.updates = 0

    def learn(self, rbm: Any, X: torch.Tensor) -> None:
        """Improve the RBM by a batch, of shape (examples, nvis)."""
        gradients = rbm.ml_gradients(X, self.sampler.particles)
        with self.tape.evaluation():
            self.sampler.advance()
        self.updates += 1
        rate = rbm.base_lr
        if rbm.anneal_start is not None:
            rate = min(rate, max(0.0, rbm.anneal_start / self.updates))
        with torch.no_grad():
            for parameter, gradient in zip(rbm.get_params(), gradients, strict=True):
                parameter.sub_(rate * gradient)
        rbm.enforce_constraints()
