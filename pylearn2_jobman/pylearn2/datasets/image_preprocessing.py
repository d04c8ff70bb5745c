"""Preprocessors of images: windows, patches, local contrast."""

__all__ = [
    "CentralWindow",
    "ExtractGridPatches",
    "ExtractPatches",
    "LeCunLCN",
    "ReassembleGridPatches",
]

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.datasets.preprocessor import ExamplewisePreprocessor, Preprocessor
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

Array = np.ndarray[Any, Any]

_B01C = ("b", 0, 1, "c")


def _images(dataset: Any) -> Array:
    """Return a dataset's images with the axes ('b', 0, 1, 'c')."""
    images = dataset.get_topological_view()
    axes = tuple(dataset.view_converter.axes)
    rearranged: Array = images.transpose([axes.index(axis) for axis in _B01C])
    return rearranged


def _set_images(dataset: Any, images: Array) -> None:
    """Replace the images by others, of which the axes are put as the dataset has them."""
    axes = tuple(dataset.view_converter.axes)
    dataset.set_topological_view(images.transpose([_B01C.index(axis) for axis in axes]), axes)


def _check_fits(name: str, shape: Sequence[int], images: Array) -> None:
    if len(shape) != 2 or shape[0] > images.shape[1] or shape[1] > images.shape[2]:
        raise ValueError(f"{name}: {tuple(shape)} does not fit into {images.shape[1:3]}")


class CentralWindow(Preprocessor):
    """Keeps the middle of each image.

    Parameters
    ----------
    window_shape
        (rows, columns) to keep.
    """

    def __init__(self, window_shape: Sequence[int]) -> None:
        self.window_shape = window_shape

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Cut the images."""
        images = _images(dataset)
        _check_fits("CentralWindow", self.window_shape, images)
        rows, columns = self.window_shape
        top, left = (images.shape[1] - rows) // 2, (images.shape[2] - columns) // 2
        _set_images(dataset, images[:, top : top + rows, left : left + columns])


class ExtractPatches(Preprocessor):
    """Replaces the images by parts of them, drawn at random; there are no targets afterwards.

    Parameters
    ----------
    patch_shape
        (rows, columns) of a part.
    num_patches
        How many are drawn.
    rng
        Generator or seed; every dataset gets the same draws.
    """

    def __init__(self, patch_shape: Sequence[int], num_patches: int, rng: Seed = None) -> None:
        self.patch_shape = patch_shape
        self.num_patches = num_patches
        self.start_rng = make_np_rng(copy.deepcopy(rng), [1, 2, 3])

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Draw the parts."""
        rng, images = copy.deepcopy(self.start_rng), _images(dataset)
        _check_fits("ExtractPatches", self.patch_shape, images)
        rows, columns = self.patch_shape
        patches = np.empty((self.num_patches, rows, columns, images.shape[3]), images.dtype)
        for i in range(self.num_patches):
            image = images[rng.randint(len(images))]
            top = rng.randint(images.shape[1] - rows + 1)
            left = rng.randint(images.shape[2] - columns + 1)
            patches[i] = image[top : top + rows, left : left + columns]
        dataset.y = None
        _set_images(dataset, patches)


class ExtractGridPatches(Preprocessor):
    """Replaces each image by parts of it at regular places, row by row; targets are repeated.

    Parameters
    ----------
    patch_shape
        (rows, columns) of a part.
    patch_stride
        Rows and columns from one part to the next; 0 takes the first only.
    """

    def __init__(self, patch_shape: Sequence[int], patch_stride: Sequence[int]) -> None:
        self.patch_shape = patch_shape
        self.patch_stride = patch_stride

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Cut the parts."""
        images = _images(dataset)
        _check_fits("ExtractGridPatches", self.patch_shape, images)
        parts = np.lib.stride_tricks.sliding_window_view(images, tuple(self.patch_shape), (1, 2))
        down, right = (stride or max(images.shape) for stride in self.patch_stride)
        parts = parts[:, ::down, ::right].transpose(0, 1, 2, 4, 5, 3)
        count = parts.shape[1] * parts.shape[2]
        if dataset.y is not None:
            dataset.y = np.repeat(dataset.y, count, axis=0)
        _set_images(dataset, parts.reshape(-1, *parts.shape[3:]))


class ReassembleGridPatches(Preprocessor):
    """Puts parts that lie next to each other together again.

    Parameters
    ----------
    orig_shape, patch_shape
        (rows, columns) of the images and of the parts.
    """

    def __init__(self, orig_shape: Sequence[int], patch_shape: Sequence[int]) -> None:
        self.orig_shape = orig_shape
        self.patch_shape = patch_shape

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Put the parts together."""
        patches = _images(dataset)
        rows, columns = self.patch_shape
        down, right = self.orig_shape[0] // rows, self.orig_shape[1] // columns
        if (down * rows, right * columns) != tuple(self.orig_shape) or len(patches) % (
            down * right
        ):
            raise ValueError(
                f"ReassembleGridPatches: {len(patches)} parts of {tuple(self.patch_shape)} do not "
                f"make images of {tuple(self.orig_shape)}"
            )
        if dataset.y is not None:
            dataset.y = dataset.y[:: down * right]
        images = patches.reshape(-1, down, right, *patches.shape[1:]).transpose(0, 1, 3, 2, 4, 5)
        _set_images(dataset, images.reshape(-1, *self.orig_shape, patches.shape[3]))


class LeCunLCN(ExamplewisePreprocessor):
    """Gives every place of an image the same contrast within a Gaussian window around it (LeCun).

    Parameters
    ----------
    img_shape
        (rows, columns); not used, the dataset knows it.
    kernel_size
        Rows and columns of the window; odd.
    batch_size
        Not used: it was about memory.
    threshold
        The least that is divided by.
    channels
        Number or numbers of the channel to change. As in pylearn2, of several it is the first one;
        the others stay as they are.
    """

    def __init__(
        self,
        img_shape: Sequence[int],
        kernel_size: int = 7,
        batch_size: int = 5000,
        threshold: float = 1e-4,
        channels: int | Sequence[int] | None = None,
    ) -> None:
        if kernel_size % 2 == 0:
            raise ValueError(f"LeCunLCN: kernel_size is {kernel_size}; it must be odd")
        self._kernel_size = kernel_size
        self._threshold = threshold
        first = channels[0] if isinstance(channels, list | tuple) else channels
        self._channel = int(first or 0)  # type: ignore[arg-type]

    def apply(self, dataset: Any, can_fit: bool = False) -> None:
        """Change the contrast; there is nothing to learn."""
        from scipy.ndimage import convolve  # type: ignore[import-untyped]

        images = _images(dataset).copy()
        away = np.arange(self._kernel_size) - self._kernel_size // 2
        window = np.exp(-(away[:, None] ** 2 + away**2) / 8)  # a standard deviation of 2
        window = (window / window.sum())[None]

        def smooth(x: Array) -> Array:
            smoothed: Array = convolve(x, window, mode="constant")
            return smoothed

        x = images[..., self._channel]
        contrast = np.sqrt(smooth(x**2))
        mean = contrast.mean(axis=(1, 2), keepdims=True)
        divisor = np.maximum(np.maximum(contrast, mean), self._threshold)
        images[..., self._channel] = (x - smooth(x)) / divisor
        _set_images(dataset, images)
