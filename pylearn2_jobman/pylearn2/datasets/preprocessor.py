"""`Preprocessor`, the base class of the changes that features get before training."""

__all__ = ["ExamplewisePreprocessor", "HasDesignMatrix", "Preprocessor"]

from typing import Any, Protocol

import numpy as np

from pylearn2_jobman.pylearn2.datasets.view_converter import ViewConverter

Array = np.ndarray[Any, Any]


class HasDesignMatrix(Protocol):
    """A dataset, as far as a preprocessor needs it, such as a `DenseDesignMatrix`."""

    view_converter: ViewConverter | None

    def get_design_matrix(self) -> Array:
        """Return the features."""

    def set_design_matrix(self, X: Array) -> None:
        """Replace the features."""


class Preprocessor:
    """Changes the features of a dataset, in place of the old ones."""

    def apply(self, dataset: HasDesignMatrix, can_fit: bool = False) -> None:
        """Change the features.

        Parameters
        ----------
        dataset
            The dataset.
        can_fit
            Whether to learn from these features first.
        """
        raise NotImplementedError

    def _check_fitted(self, fitted: bool) -> None:
        if not fitted:
            raise ValueError(
                f"this {type(self).__name__} has not learned anything yet: apply it with "
                "can_fit=True (fit_preprocessor: True) to the training set first"
            )


class ExamplewisePreprocessor(Preprocessor):
    """One that changes each example without looking at the others."""
