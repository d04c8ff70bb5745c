"""Images as rows of a matrix, and back."""

__all__ = ["DefaultViewConverter", "PCA_ViewConverter", "ViewConverter"]

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from pylearn2_jobman.pylearn2.space import Conv2DSpace, Space

Array = np.ndarray[Any, Any]


class ViewConverter(Protocol):
    """Says how the rows of a design matrix are images; one of a user's own has these, too."""

    @property
    def topo_space(self) -> Conv2DSpace:
        """Where the images lie."""

    @property
    def axes(self) -> tuple[int | str, ...]:
        """Order of the axes of the images."""

    def set_axes(self, axes: Sequence[int | str]) -> None:
        """Change the order of the axes of the images."""

    def view_shape(self) -> tuple[int, ...]:
        """Return (rows, columns, channels)."""

    def design_mat_to_topo_view(self, X: Array) -> Array:
        """Return rows as images, with the axes ``axes``."""

    def design_mat_to_weights_view(self, X: Array) -> Array:
        """Return rows of weights as images, with the axes ('b', 0, 1, 'c')."""

    def topo_view_to_design_mat(self, V: Array) -> Array:
        """Return images as rows."""


class DefaultViewConverter:
    """Between the rows of a design matrix and images.

    A row holds one channel after the other, each row by row.

    Parameters
    ----------
    shape
        (rows, columns, channels).
    axes
        Order of the axes of the images: 'b' (examples), 0 (rows), 1 (columns), 'c' (channels).
    """

    def __init__(self, shape: Sequence[int], axes: Sequence[int | str] = ("b", 0, 1, "c")) -> None:
        if len(shape) != 3:
            raise ValueError(f"shape is (rows, columns, channels); got {tuple(shape)}")
        self.shape = tuple(int(size) for size in shape)
        self.set_axes(axes)

    def set_axes(self, axes: Sequence[int | str]) -> None:
        """Change the order of the axes of the images."""
        self.axes = tuple(axes)
        self.topo_space = Conv2DSpace(self.shape[:2], num_channels=self.shape[2], axes=axes)

    def view_shape(self) -> tuple[int, ...]:
        """Return (rows, columns, channels)."""
        return self.shape

    def weights_view_shape(self) -> tuple[int, ...]:
        """Return (rows, columns, channels)."""
        return self.shape

    def design_mat_to_topo_view(self, X: Array) -> Array:
        """Return rows as images.

        Raises
        ------
        ValueError
            If the rows do not have as many numbers as an image.
        """
        rows, columns, channels = self.shape
        if X.ndim != 2 or X.shape[1] != rows * columns * channels:
            raise ValueError(
                f"images of {self.shape} have {rows * columns * channels} numbers; the design "
                f"matrix has shape {X.shape}"
            )
        images = X.reshape(len(X), channels, rows, columns)
        return images.transpose([("b", "c", 0, 1).index(axis) for axis in self.axes])

    def design_mat_to_weights_view(self, X: Array) -> Array:
        """Return rows of weights as images, with the axes ('b', 0, 1, 'c')."""
        images = self.design_mat_to_topo_view(X)
        return images.transpose([self.axes.index(axis) for axis in ("b", 0, 1, "c")])

    def get_formatted_batch(self, batch: Array, dspace: Space) -> Array:
        """Return rows as they are for a space of vectors, or as a batch of a space of images."""
        return _formatted(self, batch, dspace)

    def topo_view_to_design_mat(self, V: Array) -> Array:
        """Return images as rows."""
        images = V.transpose([self.axes.index(axis) for axis in ("b", "c", 0, 1)])
        rows, columns, channels = self.shape
        if images.shape[1:] != (channels, rows, columns):
            raise ValueError(
                f"the images have shape {V.shape}, which with the axes {self.axes} does not go "
                f"with {self.shape}"
            )
        return images.reshape(len(images), -1)


class PCA_ViewConverter:  # noqa: N801
    """Images of rows that `pylearn2.datasets.preprocessing.PCA` has projected.

    Parameters
    ----------
    to_pca, to_input
        From features to projections, and back.
    to_weights
        From weights of projections to weights of features.
    orig_view_converter
        How the features are images.
    """

    def __init__(
        self,
        to_pca: Callable[[Array], Array],
        to_input: Callable[[Array], Array],
        to_weights: Callable[[Array], Array],
        orig_view_converter: ViewConverter,
    ) -> None:
        self.to_pca = to_pca
        self.to_input = to_input
        self.to_weights = to_weights
        self.orig_view_converter = orig_view_converter

    @property
    def axes(self) -> tuple[int | str, ...]:
        """Order of the axes of the images."""
        return self.orig_view_converter.axes

    @property
    def topo_space(self) -> Conv2DSpace:
        """Where the images lie."""
        return self.orig_view_converter.topo_space

    def set_axes(self, axes: Sequence[int | str]) -> None:
        """Change the order of the axes of the images."""
        self.orig_view_converter.set_axes(axes)

    def view_shape(self) -> tuple[int, ...]:
        """Return (rows, columns, channels)."""
        return self.orig_view_converter.view_shape()

    def design_mat_to_topo_view(self, X: Array) -> Array:
        """Return projections as images."""
        return self.orig_view_converter.design_mat_to_topo_view(self.to_input(X))

    def design_mat_to_weights_view(self, X: Array) -> Array:
        """Return weights of projections as images, with the axes ('b', 0, 1, 'c')."""
        return self.orig_view_converter.design_mat_to_weights_view(self.to_weights(X))

    def topo_view_to_design_mat(self, V: Array) -> Array:
        """Return images as projections."""
        return self.to_pca(self.orig_view_converter.topo_view_to_design_mat(V))

    def get_formatted_batch(self, batch: Array, dspace: Space) -> Array:
        """Return rows as they are for a space of vectors, or as a batch of a space of images."""
        return _formatted(self, batch, dspace)


def _formatted(view: ViewConverter, batch: Array, space: Space) -> Array:
    formatted: Array
    if isinstance(space, Conv2DSpace):
        formatted = view.topo_space.np_format_as(view.design_mat_to_topo_view(batch), space)
    else:
        formatted = space.np_format_as(batch, space)
    return formatted
