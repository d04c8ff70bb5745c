"""A dataset in memory: a matrix of examples, with targets if there are any."""

__all__ = ["DefaultViewConverter", "DenseDesignMatrix"]

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.datasets.view_converter import DefaultViewConverter, ViewConverter
from pylearn2_jobman.pylearn2.space import Conv2DSpace, IndexSpace, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Array = np.ndarray[Any, Any]


@takes_old_arguments("pylearn2.datasets.dense_design_matrix.DenseDesignMatrix")
class DenseDesignMatrix(Dataset):
    """Examples as the rows of a matrix.

    Parameters
    ----------
    X
        Features, of shape (examples, features).
    topo_view
        Instead of X: images, with the axes ``axes``.
    y
        Targets, of shape (examples, targets); or labels, of shape (examples,) or
        (examples, labels), with ``y_labels``.
    view_converter
        How the rows of X are images, if they are.
    axes
        Order of the axes of images: 'b' (examples), 0 (rows), 1 (columns), 'c' (channels).
    rng
        Generator or seed of `get_batch_design`.
    preprocessor
        Applied to the features: see `pylearn2.datasets.preprocessing`.
    fit_preprocessor
        Whether the preprocessor learns from these features first.
    X_labels, y_labels
        Number of different labels, where X or y holds integers 0, 1, ... that name classes.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or a label is outside its range.
    """

    X: Array
    y: Array | None
    rng: np.random.RandomState

    def __init__(
        self,
        X: Any = None,
        topo_view: Any = None,
        y: Any = None,
        view_converter: ViewConverter | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        rng: Seed = None,
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
        X_labels: int | None = None,
        y_labels: int | None = None,
    ) -> None:
        if (X is None) == (topo_view is None):
            raise ValueError(
                "a DenseDesignMatrix needs X, a matrix with a row for each example, or topo_view, "
                "an array of images"
            )
        self.view_converter = view_converter
        if topo_view is not None:
            self.set_topological_view(topo_view, axes)
        else:
            self.X = np.asanyarray(X)
            if self.X.ndim == 1:  # a number an example
                self.X = self.X.reshape(-1, 1)
        self.y = None if y is None else np.asanyarray(y)
        self.X_labels = X_labels
        self.y_labels = y_labels
        self.rng = make_np_rng(rng, [17, 2, 946])
        self._tensors: dict[str, tuple[Array, torch.Tensor]] = {}
        self._check()
        if preprocessor is not None:
            self.apply_preprocessor(preprocessor, can_fit=fit_preprocessor)

    def _check(self) -> None:
        if self.X.ndim != 2:
            raise ValueError(f"X has shape {self.X.shape}; it must be (examples, features)")
        for name, values, labels in (("X", self.X, self.X_labels), ("y", self.y, self.y_labels)):
            if labels is None:
                continue
            if values is None:
                raise ValueError(f"{name}_labels is given, but {name} is not")
            if values.size and not values.max() < labels:
                raise ValueError(_wrong_labels(name, values, labels))

    def get_num_examples(self) -> int:
        """Return the number of rows."""
        return len(self.get_design_matrix())

    def has_targets(self) -> bool:
        """Return whether there is a y."""
        return self.y is not None

    def get_design_matrix(self) -> Array:
        """Return X."""
        return self.X

    def set_design_matrix(self, X: Array) -> None:
        """Replace the features."""
        self.X = X

    def get_topological_view(self, mat: Array | None = None) -> Array:
        """Return the features, or ``mat``, as images with the axes of the view converter.

        Raises
        ------
        ValueError
            If there is no view converter.
        """
        if self.view_converter is None:
            raise ValueError(
                f"this {type(self).__name__} has no view_converter, so its rows are not images"
            )
        mat = self.get_design_matrix() if mat is None else mat
        return self.view_converter.design_mat_to_topo_view(mat)

    def set_topological_view(self, V: Any, axes: Sequence[int | str] = ("b", 0, 1, "c")) -> None:
        """Replace the features by images with the axes ``axes``."""
        V = np.asanyarray(V)
        if V.ndim != 4:
            raise ValueError(f"topo_view has shape {V.shape}; images have four axes")
        shape = [V.shape[list(axes).index(axis)] for axis in (0, 1, "c")]
        self.view_converter = DefaultViewConverter(shape, axes)
        self.X = self.view_converter.topo_view_to_design_mat(V)

    def apply_preprocessor(self, preprocessor: Preprocessor, can_fit: bool = False) -> None:
        """Let a preprocessor change the features."""
        preprocessor.apply(self, can_fit)

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

    def source(self, name: str, wanted: Space | None = None) -> tuple[Space, torch.Tensor]:
        """Return the space and the rows of 'features' (X, or images of it) or 'targets' (y)."""
        if name == "features":
            space, rows = self._source(name, self.get_design_matrix(), self.X_labels)
            if isinstance(wanted, Conv2DSpace) and self.view_converter is not None:
                images = self.view_converter.topo_space.with_axes(("b", "c", 0, 1))
                if not isinstance(self.view_converter, DefaultViewConverter):
                    rows = self._images(images)
                return images, rows.reshape(-1, images.num_channels, *images.shape)
            return space, rows
        if name == "targets":
            if self.y is None:
                raise ValueError(
                    f"the model needs targets, but this {type(self).__name__} has none: give it y"
                )
            if len(self.y) < self.get_num_examples():
                raise ValueError(
                    f"X has {self.get_num_examples()} examples, but y has {len(self.y)}"
                )
            return self._source(name, self.y, self.y_labels)
        raise ValueError(
            f"a {type(self).__name__} has no source {name!r}; it has 'features' and 'targets'"
        )

    def _images(self, space: Conv2DSpace) -> torch.Tensor:
        """Return all rows as the images that a view converter of another kind makes of them."""
        assert self.view_converter is not None
        axes = self.view_converter.axes
        order = [axes.index(axis) for axis in space.axes]
        return self._tensor(
            "images",
            self.get_design_matrix(),
            lambda X: self.get_topological_view(X).transpose(order),
        )

    def _tensor(
        self, name: str, values: Array, convert: Callable[[Array], Array], dtype: Any = None
    ) -> torch.Tensor:
        """Return what ``convert`` makes of an array, on the device, converted once."""
        converted_from, tensor = self._tensors.get(name, (None, torch.empty(0)))
        if converted_from is not values:
            tensor = backend.to_tensor(convert(values), dtype)
            self._tensors[name] = values, tensor
        return tensor

    def _source(self, name: str, values: Array, labels: int | None) -> tuple[Space, torch.Tensor]:
        dtype = backend.float_dtype() if labels is None else torch.int64
        tensor = self._tensor(name, values, lambda rows: rows.reshape(len(rows), -1), dtype)
        width = tensor.shape[1]
        if labels is None:
            return VectorSpace(width), tensor
        if tensor.numel() and (tensor.min() < 0 or (values != values.astype(np.int64)).any()):
            raise ValueError(_wrong_labels("X" if name == "features" else "y", values, labels))
        return IndexSpace(labels, width), tensor

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tensors": {}}


def _wrong_labels(name: str, values: Array, labels: int) -> str:
    return (
        f"{name} holds labels from {values.min()} to {values.max()}; with {name}_labels={labels} "
        f"they must be whole numbers, 0 to {labels - 1}"
    )
