"""A dataset in memory: a matrix of examples, with targets if there are any."""

__all__ = ["DenseDesignMatrix"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.space import IndexSpace, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Array = np.ndarray[Any, Any]


class DenseDesignMatrix(Dataset):
    """Examples as the rows of a matrix.

    Parameters
    ----------
    X
        Features, of shape (examples, features).
    y
        Targets, of shape (examples, targets); or labels, of shape (examples,) or
        (examples, labels), with ``y_labels``.
    rng
        Generator or seed of `get_batch_design`.
    X_labels, y_labels
        Number of different labels, where X or y holds integers 0, 1, ... that name classes.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a label is outside its range.
    """

    X: Array | None
    y: Array | None

    def __init__(
        self,
        X: Any = None,
        y: Any = None,
        rng: Seed = None,
        X_labels: int | None = None,
        y_labels: int | None = None,
    ) -> None:
        if X is None:
            raise ValueError("a DenseDesignMatrix needs X, a matrix with a row for each example")
        self.X = np.asanyarray(X)
        self.y = None if y is None else np.asanyarray(y)
        self.X_labels = X_labels
        self.y_labels = y_labels
        self.rng = make_np_rng(rng, [17, 2, 946])
        self._tensors: dict[str, tuple[Array, torch.Tensor]] = {}
        self._check()

    def _check(self) -> None:
        assert self.X is not None
        if self.X.ndim != 2:
            raise ValueError(f"X has shape {self.X.shape}; it must be (examples, features)")
        if self.y is not None and len(self.y) != len(self.X):
            raise ValueError(f"X has {len(self.X)} examples, but y has {len(self.y)}")
        for name, values, labels in (("X", self.X, self.X_labels), ("y", self.y, self.y_labels)):
            if labels is None:
                continue
            if values is None:
                raise ValueError(f"{name}_labels is given, but {name} is not")
            if not np.issubdtype(values.dtype, np.integer):
                raise ValueError(
                    f"{name}_labels is given, so {name} must hold integers; it holds {values.dtype}"
                )
            if values.size and not 0 <= values.min() <= values.max() < labels:
                raise ValueError(
                    f"{name} holds labels from {values.min()} to {values.max()}; with "
                    f"{name}_labels={labels} they must be 0 to {labels - 1}"
                )

    def get_num_examples(self) -> int:
        """Return the number of rows."""
        return len(self.get_design_matrix())

    def has_targets(self) -> bool:
        """Return whether there is a y."""
        return self.y is not None

    def get_design_matrix(self) -> Array:
        """Return X."""
        assert self.X is not None
        return self.X

    def get_targets(self) -> Array | None:
        """Return y."""
        return self.y

    def get_batch_design(
        self, batch_size: int, include_labels: bool = False
    ) -> Array | tuple[Array, Array | None]:
        """Return a run of ``batch_size`` neighbouring rows, which begins anywhere.

        Parameters
        ----------
        batch_size
            Number of rows.
        include_labels
            Whether to return the rows of y as well.
        """
        X = self.get_design_matrix()
        if not 0 < batch_size <= len(X):
            raise ValueError(f"there are {len(X)} examples; cannot take {batch_size}")
        start = self.rng.randint(0, len(X) - batch_size + 1)
        rows = slice(start, start + batch_size)
        if include_labels:
            return X[rows], None if self.y is None else self.y[rows]
        return X[rows]

    def source(self, name: str) -> tuple[Space, torch.Tensor]:
        """Return the space and the rows of 'features' (X) or 'targets' (y)."""
        if name == "features":
            return self._source(name, self.get_design_matrix(), self.X_labels)
        if name == "targets":
            if self.y is None:
                raise ValueError(
                    f"the model needs targets, but this {type(self).__name__} has none: give it y"
                )
            return self._source(name, self.y, self.y_labels)
        raise ValueError(
            f"a {type(self).__name__} has no source {name!r}; it has 'features' and 'targets'"
        )

    def _source(self, name: str, values: Array, labels: int | None) -> tuple[Space, torch.Tensor]:
        converted_from, tensor = self._tensors.get(name, (None, torch.empty(0)))
        if converted_from is not values:
            dtype = backend.float_dtype() if labels is None else torch.int64
            tensor = backend.to_tensor(values.reshape(len(values), -1), dtype)
            self._tensors[name] = values, tensor
        width = tensor.shape[1]
        if labels is None:
            return VectorSpace(width), tensor
        return IndexSpace(labels, width), tensor

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tensors": {}}
