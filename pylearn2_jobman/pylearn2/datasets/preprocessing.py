"""Preprocessors: changes of the features before training."""

__all__ = [
    "PCA",
    "ZCA",
    "CentralWindow",
    "ExamplewisePreprocessor",
    "ExtractGridPatches",
    "ExtractPatches",
    "GlobalContrastNormalization",
    "LeCunLCN",
    "MakeUnitNorm",
    "Pipeline",
    "Preprocessor",
    "ReassembleGridPatches",
    "RemoveMean",
    "ShuffleAndSplit",
    "Standardize",
]

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.datasets.image_preprocessing import (
    CentralWindow,
    ExtractGridPatches,
    ExtractPatches,
    LeCunLCN,
    ReassembleGridPatches,
)
from pylearn2_jobman.pylearn2.datasets.preprocessor import (
    ExamplewisePreprocessor,
    HasDesignMatrix,
    Preprocessor,
)
from pylearn2_jobman.pylearn2.datasets.view_converter import PCA_ViewConverter
from pylearn2_jobman.pylearn2.expr.preprocessing import global_contrast_normalize
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Array = np.ndarray[Any, Any]


class Pipeline(Preprocessor):
    """Several preprocessors, one after the other.

    Parameters
    ----------
    items
        The preprocessors.
    """

    def __init__(self, items: Sequence[Preprocessor] | None = None) -> None:
        self.items = list(items or [])

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Apply each."""
        for item in self.items:
            item.apply(dataset, can_fit)


class ShuffleAndSplit(Preprocessor):
    """Keeps a part of the examples, which is drawn at random.

    Parameters
    ----------
    seed
        Of the order.
    start, stop
        Which of the examples are kept, once they are in that order.
    """

    def __init__(self, seed: Seed, start: int, stop: int) -> None:
        self.seed = seed
        self.start = start
        self.stop = stop

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Keep the part."""
        X, y = dataset.get_design_matrix(), dataset.y
        if not 0 <= self.start < self.stop <= len(X):
            raise ValueError(
                f"ShuffleAndSplit: start={self.start} and stop={self.stop} are not a range within "
                f"{len(X)} examples"
            )
        if y is not None and len(y) != len(X):
            raise ValueError(f"X has {len(X)} examples, but y has {len(y)}")
        rng = make_np_rng(self.seed)
        order = np.arange(len(X))
        for i in range(len(X)):
            j = rng.randint(len(X))
            order[i], order[j] = order[j], order[i]
        kept = order[self.start : self.stop]
        dataset.set_design_matrix(X[kept])
        if y is not None:
            dataset.y = y[kept]


class MakeUnitNorm(ExamplewisePreprocessor):
    """Divides each example by its Euclidean norm."""

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Divide; there is nothing to learn."""
        X = dataset.get_design_matrix()
        norms = np.sqrt((X**2).sum(axis=1, keepdims=True))
        if not norms.all():
            raise ValueError("MakeUnitNorm: an example of zeros has no direction")
        dataset.set_design_matrix(X / norms)


class RemoveMean(ExamplewisePreprocessor):
    """Subtracts the mean.

    Parameters
    ----------
    axis
        0 for the mean of each feature, which is learned; None for the mean of all numbers.
    """

    def __init__(self, axis: int | None = 0) -> None:
        self._axis = axis
        self._mean: Array | None = None

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Subtract the mean."""
        X = dataset.get_design_matrix()
        if can_fit:
            self._mean = X.mean(axis=self._axis)
        self._check_fitted(self._mean is not None)
        dataset.set_design_matrix(X - self._mean)


class Standardize(ExamplewisePreprocessor):
    """Subtracts the mean and divides by the standard deviation.

    Parameters
    ----------
    global_mean, global_std
        Whether to take one mean, one standard deviation, for all features together.
    std_eps
        Added to the standard deviation, so that constant features stay finite.
    """

    def __init__(
        self, global_mean: bool = False, global_std: bool = False, std_eps: float = 1e-4
    ) -> None:
        self._global_mean = global_mean
        self._global_std = global_std
        self._std_eps = std_eps
        self._mean: Array | None = None
        self._std: Array | None = None

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Subtract and divide."""
        X = dataset.get_design_matrix()
        if can_fit:
            self._mean = X.mean() if self._global_mean else X.mean(axis=0)
            self._std = X.std() if self._global_std else X.std(axis=0)
        self._check_fitted(self._mean is not None)
        assert self._std is not None
        dataset.set_design_matrix((X - self._mean) / (self._std_eps + self._std))


class GlobalContrastNormalization(Preprocessor):
    """Gives every example the same contrast.

    Parameters
    ----------
    subtract_mean, scale, sqrt_bias, use_std, min_divisor
        As `pylearn2.expr.preprocessing.global_contrast_normalize` takes them.
    batch_size
        Not used: it was about memory.
    """

    def __init__(
        self,
        subtract_mean: bool = True,
        scale: float = 1.0,
        sqrt_bias: float = 0.0,
        use_std: bool = False,
        min_divisor: float = 1e-8,
        batch_size: int | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "subtract_mean": subtract_mean,
            "scale": scale,
            "sqrt_bias": sqrt_bias,
            "use_std": use_std,
            "min_divisor": min_divisor,
        }

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Normalise each example; there is nothing to learn."""
        X = dataset.get_design_matrix()
        dataset.set_design_matrix(global_contrast_normalize(X, **self._options))

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "_normalize" in state:  # files of before
            state = {"_options": state["_normalize"].keywords}
        vars(self).update(state)


class PCA(Preprocessor):
    """Projects onto the directions in which the features vary most.

    Images can still be shown: see `pylearn2.datasets.view_converter.PCA_ViewConverter`.

    Parameters
    ----------
    num_components
        Number of directions; None for as many as features.
    whiten
        Whether each direction is scaled to variance 1.
    """

    def __init__(self, num_components: int | None, whiten: bool = False) -> None:
        self._num_components = num_components
        self._whiten = whiten
        self._mean: Array | None = None
        self._components: Array | None = None
        self._deviations: Array | float = 1.0

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Project the features."""
        X = dataset.get_design_matrix()
        if can_fit and self._components is None:
            self._fit(X)
        dataset.set_design_matrix(self.transform(X))
        if dataset.view_converter is not None:
            dataset.view_converter = PCA_ViewConverter(
                self.transform, self.inverse, self.weights, dataset.view_converter
            )

    def _fit(self, X: Array) -> None:
        from scipy import linalg  # type: ignore[import-untyped]

        self._mean = X.mean(axis=0)
        # From the smallest variance to the largest. The signs of the directions are SciPy's.
        variances, directions = linalg.eigh(np.cov(X - self._mean, rowvar=False))
        varying = 1 + np.flatnonzero(variances[::-1] > 0).max(initial=0)
        kept = slice(min(varying, self._num_components or varying))
        self._components = directions[:, ::-1][:, kept]
        if self._whiten:
            self._deviations = np.sqrt(variances[::-1][kept])

    def transform(self, X: Array) -> Array:
        """Return features, of shape (examples, features), along the directions."""
        self._check_fitted(self._components is not None)
        projected: Array = (X - self._mean) @ self._components / self._deviations
        return projected

    def inverse(self, projected: Array) -> Array:
        """Return the features with these projections that lie in the space of the directions."""
        return self.weights(projected) + self._mean

    def weights(self, W: Array) -> Array:
        """Return weights of projections, of shape (units, projections), as weights of features."""
        self._check_fitted(self._components is not None)
        assert self._components is not None
        of_features: Array = (W * self._deviations) @ self._components.T
        return of_features


class ZCA(Preprocessor):
    """Takes correlations away and stays as near to the features as that allows.

    Parameters
    ----------
    n_components
        Number of directions, of largest variance, that are kept; all by default.
    n_drop_components
        Number of directions, of smallest variance, that are left out; not with n_components.
    filter_bias
        Added to the variances, so that small ones are not blown up.
    store_inverse
        Whether to compute the inverse at once, not when `inverse` is called.

    Raises
    ------
    ValueError
        If both numbers of directions are given.
    """

    def __init__(
        self,
        n_components: int | None = None,
        n_drop_components: int | None = None,
        filter_bias: float = 0.1,
        store_inverse: bool = True,
    ) -> None:
        if n_components and n_drop_components:
            raise ValueError("give ZCA n_components or n_drop_components, not both")
        self.n_components = n_components
        self.n_drop_components = n_drop_components
        self.filter_bias = filter_bias
        self.store_inverse = store_inverse
        self.mean_: Array | None = None
        self.P_: Array | None = None
        self.inv_P_: Array | None = None

    def fit(self, X: Array) -> None:
        """Learn from features, of shape (examples, features)."""
        self.mean_ = X.mean(axis=0)
        covariance = np.cov(X - self.mean_, rowvar=False, bias=True)
        variances, directions = np.linalg.eigh(
            covariance + self.filter_bias * np.identity(X.shape[1])
        )
        if self.n_components:
            variances, directions = (
                variances[-self.n_components :],
                directions[:, -self.n_components :],
            )
        elif self.n_drop_components:
            variances, directions = (
                variances[self.n_drop_components :],
                directions[:, self.n_drop_components :],
            )
        self.P_ = (directions / np.sqrt(variances)) @ directions.T
        if self.store_inverse:
            self.inv_P_ = (directions * np.sqrt(variances)) @ directions.T

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Whiten the features."""
        X = dataset.get_design_matrix()
        if can_fit and self.P_ is None:
            self.fit(X)
        self._check_fitted(self.P_ is not None)
        assert self.P_ is not None
        dataset.set_design_matrix((X - self.mean_) @ self.P_)

    def inverse(self, X: Array) -> Array:
        """Return whitened features as they were before."""
        self._check_fitted(self.P_ is not None)
        assert self.P_ is not None
        assert self.mean_ is not None
        if self.inv_P_ is None:
            self.inv_P_ = np.linalg.inv(self.P_)
        before: Array = X @ self.inv_P_ + self.mean_
        return before
