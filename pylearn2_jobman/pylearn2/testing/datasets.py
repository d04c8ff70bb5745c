"""Datasets of random numbers, to try models on."""

__all__ = [
    "random_dense_design_matrix",
    "random_one_hot_dense_design_matrix",
    "random_one_hot_topological_dense_design_matrix",
]

from collections.abc import Sequence

import numpy as np

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng


def random_dense_design_matrix(
    rng: Seed, num_examples: int, dim: int, num_classes: int | None
) -> DenseDesignMatrix:
    """Return normal features with labels, or without targets if ``num_classes`` is None."""
    rng = make_np_rng(rng)
    X = rng.randn(num_examples, dim)
    if num_classes is None:
        return DenseDesignMatrix(X=X)
    y = rng.randint(0, num_classes, (num_examples, 1))
    return DenseDesignMatrix(X=X, y=y, y_labels=num_classes)


def random_one_hot_dense_design_matrix(
    rng: Seed, num_examples: int, dim: int, num_classes: int
) -> DenseDesignMatrix:
    """Return normal features with one-hot targets."""
    rng = make_np_rng(rng)
    X = rng.randn(num_examples, dim)
    return DenseDesignMatrix(X=X, y=_one_hot(rng, num_examples, num_classes))


def random_one_hot_topological_dense_design_matrix(
    rng: Seed,
    num_examples: int,
    shape: Sequence[int],
    channels: int,
    axes: Sequence[int | str],
    num_classes: int,
) -> DenseDesignMatrix:
    """Return images of normal numbers with one-hot targets."""
    rng = make_np_rng(rng)
    sizes = {"b": num_examples, 0: shape[0], 1: shape[1], "c": channels}
    images = rng.randn(*(sizes[axis] for axis in axes))
    targets = _one_hot(rng, num_examples, num_classes)
    return DenseDesignMatrix(topo_view=images, axes=axes, y=targets)


def _one_hot(rng: np.random.RandomState, num_examples: int, num_classes: int) -> np.ndarray:
    return np.eye(num_classes)[rng.randint(0, num_classes, num_examples)]
