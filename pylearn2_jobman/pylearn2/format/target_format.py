"""Labels as one-hot vectors."""

__all__ = ["OneHotFormatter", "compressed_one_hot", "convert_to_one_hot"]

from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2 import backend

Array = np.ndarray[Any, Any]

_MODES = ("concatenate", "stack", "merge")


class OneHotFormatter:
    """Makes one-hot vectors of labels.

    Parameters
    ----------
    max_labels
        Number of different labels.
    dtype
        Type of the vectors; the float type by default.
    """

    def __init__(self, max_labels: int, dtype: str | None = None) -> None:
        self._max_labels = int(max_labels)
        self._dtype = np.dtype(dtype or str(backend.float_dtype()).removeprefix("torch."))

    def format(self, targets: Array, mode: str = "stack", sparse: bool = False) -> Any:
        """Return the vectors.

        Parameters
        ----------
        targets
            Integers, of shape (examples,) or (examples, labels).
        mode
            For several labels an example: 'stack' gives an array (examples, labels, max_labels),
            'concatenate' puts the vectors side by side, 'merge' gives one vector that is 1 at each
            of the labels.
        sparse
            Whether to return a SciPy matrix; not with 'stack'.

        Raises
        ------
        TypeError, ValueError
            If the labels are not integers, or outside their range.
        """
        if mode not in _MODES:
            raise ValueError(f"mode is {mode!r}; it takes {', '.join(map(repr, _MODES))}")
        if sparse and mode == "stack":
            raise ValueError("a sparse matrix has two axes: use mode='concatenate' or 'merge'")
        if targets.ndim > 2:
            raise ValueError(f"targets have one axis or two; got shape {targets.shape}")
        if not np.issubdtype(targets.dtype, np.integer):
            raise TypeError(f"targets must be integers; they are {targets.dtype}")
        if targets.size and not 0 <= targets.min() <= targets.max() < self._max_labels:
            raise ValueError(
                f"targets are from {targets.min()} to {targets.max()}; with max_labels="
                f"{self._max_labels} they must be 0 to {self._max_labels - 1}"
            )
        hot = np.eye(self._max_labels, dtype=self._dtype)[targets]
        if mode == "concatenate" and targets.ndim == 2:
            hot = hot.reshape(len(targets), -1)
        elif mode == "merge" and targets.ndim == 2:
            hot = hot.max(axis=1)
        if sparse:
            from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

            return csr_matrix(hot)
        return hot


def convert_to_one_hot(
    integer_vector: Any,
    dtype: str | None = None,
    max_labels: int | None = None,
    mode: str = "stack",
    sparse: bool = False,
) -> Any:
    """Return labels as one-hot vectors; see `OneHotFormatter`."""
    labels = np.asarray(integer_vector)
    if max_labels is None:
        max_labels = int(labels.max()) + 1
    return OneHotFormatter(max_labels, dtype).format(labels, mode, sparse)


def compressed_one_hot(
    labels: Any,
    dtype: str | None = None,
    simplify_binary: bool = True,
    mode: str = "stack",
    sparse: bool = False,
) -> tuple[Any, Array]:
    """Return one-hot vectors of the labels that occur, and these labels.

    Parameters
    ----------
    labels
        Integers, of shape (examples,).
    simplify_binary
        Whether two different labels become a column of zeros and ones.
    """
    occurring, places = np.unique(np.asarray(labels), return_inverse=True)
    if simplify_binary and len(occurring) == 2:
        return places.reshape(-1, 1), occurring
    return OneHotFormatter(len(occurring), dtype).format(places, mode, sparse), occurring
