"""Many small images in a grid."""

__all__ = ["PatchViewer", "make_viewer"]

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# Of the frames around a patch, from the inside to the outside.
_COLOURS = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0]])


class PatchViewer:
    """A picture that patches are put into, row by row.

    Parameters
    ----------
    grid_shape
        (rows, columns) of patches.
    patch_shape
        (rows, columns) of pixels of a patch.
    is_color
        Whether patches have three channels.
    pad
        Rows and columns of pixels between patches.
    background
        Colour between them, from -1 to 1: a number, or three.

    Attributes
    ----------
    image
        The picture, of shape (rows, columns, 3), from 0 to 1.
    """

    def __init__(
        self,
        grid_shape: Sequence[int],
        patch_shape: Sequence[int],
        is_color: bool = False,
        pad: Sequence[int] | None = None,
        background: Any = 0.0,
    ) -> None:
        self.grid_shape = tuple(int(size) for size in grid_shape)
        self.patch_shape = tuple(int(size) for size in patch_shape)
        self.is_color = is_color
        self.pad = tuple(pad or (5, 5))
        self.background = background
        height, width = (
            gap * (1 + count) + count * size
            for gap, count, size in zip(self.pad, self.grid_shape, self.patch_shape, strict=True)
        )
        self.image = np.zeros((height, width, 3))
        self.clear()

    def clear(self) -> None:
        """Take the patches away."""
        self.image[:] = np.asarray(self.background) * 0.5 + 0.5
        self._count = 0

    def add_patch(
        self, patch: Array, rescale: bool = True, recenter: bool = True, activation: Any = None
    ) -> None:
        """Put a patch at the next place; after the last one the picture begins anew.

        Parameters
        ----------
        patch
            Numbers of shape (rows, columns), or with channels behind.
        rescale
            Whether to divide by the largest absolute number; else they must be from -1 to 1.
        recenter
            Whether a smaller patch is put into the middle of its place; else it is refused.
        activation
            Brightness, or several, of frames around the patch; below 0 for none.

        Raises
        ------
        ValueError
            If the patch does not fit, or its numbers are not finite or out of range.
        """
        patch = np.array(patch, dtype=float)
        patch = patch[:, :, None] if patch.ndim == 2 else patch
        channels = 3 if self.is_color else 1
        fits = all(a <= b for a, b in zip(patch.shape, self.patch_shape, strict=False))
        whole = patch.shape[:2] == self.patch_shape
        if patch.ndim != 3 or patch.shape[2] != channels or not (fits if recenter else whole):
            raise ValueError(
                f"a patch of shape {patch.shape} does not fit into {(*self.patch_shape, channels)}"
            )
        most = np.abs(patch).max(initial=0)
        if not np.isfinite(most):
            raise ValueError("a patch holds numbers that are not finite")
        if rescale and most > 0:
            patch /= most
        elif most > 1:
            raise ValueError(f"without rescale a patch must be from -1 to 1; it goes to {most}")
        if self._count == self.grid_shape[0] * self.grid_shape[1]:
            self.clear()
        place = divmod(self._count, self.grid_shape[1])
        top, left = (
            gap + i * (size + gap) + (size - own) // 2
            for i, gap, size, own in zip(
                place, self.pad, self.patch_shape, patch.shape, strict=False
            )
        )
        bottom, right = top + patch.shape[0], left + patch.shape[1]
        frames: Any = [] if activation is None else np.atleast_1d(activation)
        for i in reversed(range(len(frames))):
            if frames[i] >= 0:
                around = slice(top - i - 1, bottom + i + 1), slice(left - i - 1, right + i + 1)
                self.image[around] = frames[i] * _COLOURS[i]
        self.image[top:bottom, left:right] = patch * 0.5 + 0.5
        self._count += 1

    def get_img(self) -> Array:
        """Return the picture as bytes, of shape (rows, columns, 3)."""
        return (self.image * 255).astype(np.uint8)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, such as a ``.png``."""
        from matplotlib.image import imsave

        imsave(path, self.get_img())

    def show(self) -> None:
        """Show the picture in a window."""
        import matplotlib.pyplot as plt

        plt.imshow(self.get_img(), interpolation="nearest")
        plt.axis("off")
        plt.show()

    @staticmethod
    def pick_shape(n: int, exact: bool = False) -> tuple[int, int]:
        """Return rows and columns for ``n`` patches: nearly a square.

        Parameters
        ----------
        n
            Number of patches.
        exact
            Whether no place may stay empty.
        """
        rows = math.isqrt(n)
        if not exact:
            return rows, math.ceil(n / rows)
        while n % rows:
            rows -= 1
        return rows, n // rows


def make_viewer(
    mat: Array,
    grid_shape: Sequence[int] | None = None,
    patch_shape: Sequence[int] | None = None,
    activation: Any = None,
    pad: Sequence[int] | None = None,
    is_color: bool = False,
    rescale: bool = True,
) -> PatchViewer:
    """Return a picture of the rows of a matrix, or of images with the axes ('b', 0, 1, 'c').

    Parameters
    ----------
    mat
        The rows, each one channel after the other, or the images.
    grid_shape, patch_shape, pad
        As a `PatchViewer`'s; nearly squares by default.
    activation
        Brightness of a frame around each patch, or several lists of such.
    is_color
        Whether rows have three channels.
    rescale
        Whether to divide each patch by its largest absolute number.
    """
    if mat.ndim > 2:
        images = mat
    else:
        channels = 3 if is_color else 1
        shape = patch_shape or PatchViewer.pick_shape(mat.shape[1] // channels, exact=True)
        images = mat.reshape(len(mat), channels, *shape).transpose(0, 2, 3, 1)
    viewer = PatchViewer(
        grid_shape or PatchViewer.pick_shape(len(images)),
        images.shape[1:3],
        is_color=images.shape[3] == 3,
        pad=pad,
    )
    for i, patch in enumerate(images):
        frames = None
        if activation is not None:
            several = np.ndim(activation[0]) > 0
            frames = [each[i] for each in activation] if several else activation[i]
        viewer.add_patch(patch, rescale=rescale, activation=frames)
    return viewer
