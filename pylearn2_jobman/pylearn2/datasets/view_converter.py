"""Images as rows of a matrix, and back."""

__all__ = ["DefaultViewConverter"]

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.space import Conv2DSpace

Array = np.ndarray[Any, Any]


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
        self.axes = tuple(axes)
        self.topo_space = Conv2DSpace(self.shape[:2], num_channels=self.shape[2], axes=axes)

    def view_shape(self) -> tuple[int, ...]:
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
