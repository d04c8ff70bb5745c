"""Formulas of preprocessing."""

__all__ = ["global_contrast_normalize"]

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def global_contrast_normalize(
    X: Array,
    scale: float = 1.0,
    subtract_mean: bool = True,
    use_std: bool = False,
    sqrt_bias: float = 0.0,
    min_divisor: float = 1e-8,
) -> Array:
    """Return examples that all have the same contrast.

    Parameters
    ----------
    X
        Examples, of shape (examples, features).
    scale
        The contrast they get.
    subtract_mean
        Whether to take each example's mean away first.
    use_std
        Whether contrast is the standard deviation (with one degree of freedom less) instead of the
        norm.
    sqrt_bias
        Added under the root.
    min_divisor
        An example with less contrast than this is only multiplied by ``scale``.

    Returns
    -------
    ndarray
        Of shape (examples, features).
    """
    X = X - X.mean(axis=1, keepdims=True) if subtract_mean else X.copy()
    if use_std:
        squares = X.var(axis=1, ddof=1 if X.shape[1] > 1 else 0)
    else:
        squares = np.square(X).sum(axis=1)
    divisors = np.sqrt(sqrt_bias + squares) / scale
    divisors[divisors < min_divisor] = 1.0
    X /= divisors[:, None]
    return X
