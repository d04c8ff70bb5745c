"""Principal components: the directions in which examples vary most."""

__all__ = ["SVDPCA", "Cov", "CovEigPCA"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.blocks import Block
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.model import Array
from pylearn2_jobman.pylearn2.space import VectorSpace


class _PCA(Block):
    """Projects onto principal components.

    Parameters
    ----------
    num_components
        How many, by decreasing variance; all by default.
    min_variance
        Components with no more than this part of the variance are left out.
    whiten
        Whether projections are divided by their standard deviation.

    Attributes
    ----------
    W, v, mean : Tensor
        Components, of shape (features, components); the variance along each; the mean that is
        taken away first.
    """

    W: torch.Tensor
    v: torch.Tensor
    mean: torch.Tensor

    def __init__(
        self, num_components: int | None = None, min_variance: float = 0.0, whiten: bool = False
    ) -> None:
        super().__init__()
        if num_components is not None and num_components < 1:
            raise ValueError(f"num_components is {num_components}; at least 1 is needed")
        self.num_components = num_components
        self.min_variance = min_variance
        self.whiten = whiten
        for name in ("W", "v", "mean"):
            self.register_buffer(name, None)

    def train(self, X: Any = True, mean: Array | None = None) -> Any:
        """Find the components.

        Parameters
        ----------
        X
            Examples, of shape (examples, features). PyTorch's own ``train(mode)`` is meant if it is
            True or False.
        mean
            The mean, of shape (features,), if it has been taken away already.
        """
        if isinstance(X, bool):
            return super().train(X)
        X = np.asarray(X, dtype=np.float64)
        if mean is None:
            mean = X.mean(0)
            X = X - mean
        v, W = self.eigen(X)
        large = np.flatnonzero(v / v.sum() > self.min_variance)
        if not len(large):
            raise ValueError(f"no component has more than {self.min_variance} of the variance")
        kept = min(large.max() + 1, self.num_components or X.shape[1])
        for name, values in (("W", W[:, :kept]), ("v", v[:kept]), ("mean", mean)):
            setattr(self, name, backend.to_tensor(np.ascontiguousarray(values)))
        return None

    def eigen(self, X: Array) -> tuple[Array, Array]:
        """Return the variances, in decreasing order, and the components in columns.

        Parameters
        ----------
        X
            Examples with mean 0, of shape (examples, features).
        """
        raise NotImplementedError

    def train_all(self, dataset: DenseDesignMatrix) -> None:
        """Find the components of a dataset, for a `pylearn2.train.Train` without an algorithm."""
        self.train(dataset.get_design_matrix())

    def continue_learning(self) -> bool:
        """Return False: `train_all` does all there is to do."""
        return False

    def get_input_space(self) -> VectorSpace:
        """Return the space of the features."""
        return VectorSpace(len(self._trained_W()))

    def get_output_space(self) -> VectorSpace:
        """Return the space of the projections."""
        return VectorSpace(self._trained_W().shape[1])

    def _trained_W(self) -> torch.Tensor:
        if getattr(self, "W", None) is None:  # also one that was pickled untrained
            raise ValueError(f"this {type(self).__name__} has not been trained")
        return self.W

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the projections, of shape (examples, components)."""
        self._trained_W()
        projections = (X - self.mean) @ self.W
        return projections / self.v.sqrt() if self.whiten else projections

    def reconstruct(self, inputs: torch.Tensor, add_mean: bool = True) -> torch.Tensor:
        """Return examples with these projections: (examples, features)."""
        if self.whiten:
            inputs = inputs * self.v.sqrt()
        X = inputs @ self.W.T
        return X + self.mean if add_mean else X

    def get_weights(self, borrow: bool = False) -> Array:
        """Return the matrix that centred examples are multiplied by: (features, components)."""
        W = self.W / self.v.sqrt() if self.whiten else self.W
        weights: Array = W.cpu().numpy()
        return weights


class CovEigPCA(_PCA):
    """Principal components as eigenvectors of the covariance matrix.

    Parameters
    ----------
    cov_batch_size
        Computes the covariance of so many examples at once; of all, by default.
    *args, **kwargs
        ``num_components``: how many, by decreasing variance; all by default. ``min_variance``:
        components with no more than this part of the variance are left out. ``whiten``: whether
        projections are divided by their standard deviation.
    """

    def __init__(self, cov_batch_size: int | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cov_batch_size = cov_batch_size

    def eigen(self, X: Array) -> tuple[Array, Array]:
        """Return the eigenvalues, in decreasing order, and the eigenvectors in columns."""
        from scipy import linalg  # type: ignore[import-untyped]

        covariance = Cov(self.cov_batch_size or len(X))(X.T)
        v, W = linalg.eigh(covariance)  # the signs of the vectors are SciPy's
        return v[::-1], W[:, ::-1]


class SVDPCA(_PCA):
    """Principal components by the singular value decomposition of the examples.

    As in pylearn2, ``v`` holds squared singular values, which are the variances times the number
    of examples less one: whitened projections are smaller than those of `CovEigPCA`.

    Parameters
    ----------
    num_components, min_variance, whiten
        As a `CovEigPCA`'s.
    """

    def eigen(self, X: Array) -> tuple[Array, Array]:
        """Return squared singular values, in decreasing order, and singular vectors in columns."""
        _, singular, vectors = np.linalg.svd(X, full_matrices=False)
        return singular**2, vectors.T


class Cov:
    """The covariance of features, as ``numpy.cov``, from a part of the examples at a time.

    Parameters
    ----------
    batch_size
        Number of examples at a time.
    """

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size

    def __call__(self, X: Array) -> Array:
        """Return the covariance of data with features in rows: (features, features)."""
        examples = X.T
        mean = examples.mean(0)
        total = np.zeros((examples.shape[1], examples.shape[1]))
        for start in range(0, len(examples), self.batch_size):
            batch = examples[start : start + self.batch_size] - mean
            total += batch.T @ batch
        covariance: Array = total / (len(examples) - 1)
        return covariance
