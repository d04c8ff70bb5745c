"""Datasets in files that ``numpy.save`` and ``numpy.savez`` wrote."""

__all__ = ["NpyDataset", "NpzDataset"]

from typing import Any

import numpy as np

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.fence import arrays
from pylearn2_jobman.fence.paths import reading
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array, DenseDesignMatrix


class NpyDataset(DenseDesignMatrix):
    """The matrix in a ``.npy`` file, one example a row.

    Parameters
    ----------
    file
        Path of the file.
    mmap_mode
        As ``numpy.load`` takes it.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file does not hold a matrix.
    """

    def __init__(self, file: str, mmap_mode: Any = None) -> None:
        loaded = arrays.load(file, mmap_mode)
        if not isinstance(loaded, np.ndarray):
            raise ValueError(f"{file} holds several arrays; NpzDataset reads such files")
        if loaded.ndim != 2:
            raise ValueError(f"{file} holds an array of shape {loaded.shape}, not a matrix")
        super().__init__(loaded)


class NpzDataset(DenseDesignMatrix):
    """Two of the arrays in a ``.npz`` file.

    Parameters
    ----------
    file
        Path of the file.
    key
        Name of the array of features, of shape (examples, features).
    target_key
        Name of the array of targets, if there are any.
    y_labels
        Number of different labels, where the targets are integers that name classes.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file has no array of that name.
    """

    def __init__(
        self, file: str, key: str, target_key: str | None = None, y_labels: int | None = None
    ) -> None:
        with reading(file) as found:
            named = np.load(found)
            if isinstance(named, np.ndarray):
                raise ValueError(f"{file} holds one array without a name; NpyDataset reads it")
            with named:
                X = _array(file, named, key)
                y = None if target_key is None else _array(file, named, target_key)
        super().__init__(X, y=y, y_labels=y_labels)


def _array(file: str, arrays: Any, key: str) -> Array:
    if key not in arrays:
        raise ValueError(
            f"{file} has no array {key!r}{suggest(key, arrays)}; it has {', '.join(arrays)}"
        )
    found: Array = arrays[key]
    return found
