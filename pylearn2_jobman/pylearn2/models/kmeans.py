"""K-means: clusters of examples, and how far an example is from each."""

__all__ = ["KMeans"]

import logging
from itertools import count, islice
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.blocks import Block
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.model import Array
from pylearn2_jobman.pylearn2.space import VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

log = logging.getLogger(__name__)

# An empty cluster begins anew at the mean of so many examples that are far from all clusters.
_FAR_EXAMPLES = 5


class KMeans(Block):
    """Finds k means, each the mean of the examples that it is the nearest to.

    It is trained by a `pylearn2.train.Train` without an algorithm.

    Parameters
    ----------
    k
        Number of means.
    nvis
        Number of features.
    convergence_th
        Ends when the mean squared distance changes by less than this.
    max_iter
        Ends after so many rounds at the latest; no limit by default.
    verbose
        Whether to log every round.
    seed
        Generator or seed of the examples that the means begin with. The original drew them from a
        generator without a seed.
    """

    def __init__(
        self,
        k: int,
        nvis: int,
        convergence_th: float = 1e-6,
        max_iter: int | None = None,
        verbose: bool = False,
        seed: Seed = None,
    ) -> None:
        super().__init__()
        if k < 1 or (max_iter or 0) < 0:
            raise ValueError(f"KMeans: k is {k} and max_iter is {max_iter}; they must be positive")
        self.k = k
        self.convergence_th = convergence_th
        self.max_iter = max_iter or None
        self.verbose = verbose
        self.rng = make_np_rng(seed, 1)
        self.input_space = VectorSpace(nvis)
        self.output_space = VectorSpace(k)
        self.mu = self.add_param("mu", np.full((k, nvis), np.nan))

    def train_all(self, dataset: DenseDesignMatrix, mu: Array | None = None) -> None:
        """Find the means.

        Parameters
        ----------
        dataset
            The examples.
        mu
            Initial means, of shape (k, nvis); examples, by default.
        """
        X = np.asarray(dataset.get_design_matrix(), dtype=np.float64)
        if not np.isfinite(X).all():
            raise ValueError("KMeans: the examples hold numbers that are not finite")
        if mu is None:
            mu = X[self.rng.randint(len(X), size=self.k)]
        mu = np.array(mu, dtype=np.float64)
        if mu.shape != tuple(self.mu.shape):
            raise ValueError(f"KMeans: mu has shape {mu.shape}; it must be {tuple(self.mu.shape)}")
        before = np.inf
        for iteration in count():
            distances = _squared_distances(X, mu)
            cost = distances.min(1).mean()
            if self.verbose:
                log.info("k-means, round %d: mean squared distance %g", iteration, cost)
            last = self.max_iter is not None and iteration >= self.max_iter
            if iteration > 0 and (last or abs(cost - before) < self.convergence_th):
                break
            before = cost
            _move(mu, X, distances)
        self.set_param_values([mu])

    def continue_learning(self) -> bool:
        """Return False: `train_all` does all there is to do."""
        return False

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the squared distances to all means, as parts of their sum: (examples, k)."""
        if self.mu.isnan().any():
            raise ValueError("this KMeans has not been trained")
        distances = (X[:, None, :] - self.mu).square().sum(2)
        return distances / distances.sum(1, keepdim=True)

    def get_weights(self, borrow: bool = False) -> Any:
        """Return the means, of shape (k, nvis)."""
        return self.get_param_values()[0]


def _squared_distances(X: Array, mu: Array) -> Array:
    return np.stack([np.square(X - mean).sum(1) for mean in mu], axis=1)


def _move(mu: Array, X: Array, distances: Array) -> None:
    """Move each mean, in place, to the examples that it is the nearest to."""
    nearest = distances.argmin(1)
    farthest_first = iter(np.argsort(-distances.min(1), kind="stable"))
    for cluster in range(len(mu)):
        members = nearest == cluster
        if not members.any():
            members = list(islice(farthest_first, _FAR_EXAMPLES))
        mu[cluster] = X[members].mean(0)
