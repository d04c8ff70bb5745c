"""Images as arrays of shape (rows, columns, channels), through Pillow, which matplotlib brings."""

__all__ = [
    "fit_inside",
    "letterbox",
    "load",
    "make_letterboxed_thumbnail",
    "ndarray_from_pil",
    "pil_from_ndarray",
    "rescale",
    "resize",
    "save",
]

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def pil_from_ndarray(ndarray: Array) -> Any:
    """Return an array as a Pillow image.

    Parameters
    ----------
    ndarray
        Bytes, or real numbers from 0 to 1.
    """
    from PIL import Image

    if np.issubdtype(ndarray.dtype, np.floating):
        if ndarray.size and not 0 <= ndarray.min() <= ndarray.max() <= 1:
            raise ValueError(
                f"an image of real numbers must be from 0 to 1; it is from {ndarray.min()} to "
                f"{ndarray.max()}"
            )
        ndarray = (ndarray * 255).astype(np.uint8)
    one = ndarray.ndim == 3 and ndarray.shape[2] == 1
    return Image.fromarray(ndarray[:, :, 0] if one else ndarray)


def ndarray_from_pil(pil: Any, dtype: Any = "uint8") -> Array:
    """Return a Pillow image as bytes, or as real numbers from 0 to 1."""
    array = np.asarray(pil).astype(dtype)
    if np.issubdtype(array.dtype, np.floating):
        array = array / np.asarray(255, array.dtype)
    return array[:, :, None] if array.ndim == 2 else array


def load(
    filepath: str | os.PathLike[str], rescale_image: bool = True, dtype: str = "float64"
) -> Array:
    """Return the image in a file: real numbers from 0 to 1, or to 255 without ``rescale_image``."""
    from PIL import Image

    with Image.open(filepath) as image:
        array = ndarray_from_pil(image, "uint8").astype(dtype)
    return array / np.asarray(255, dtype) if rescale_image else array


def save(filepath: str | os.PathLike[str], ndarray: Array) -> None:
    """Write an image to a file."""
    pil_from_ndarray(ndarray).save(filepath)


def rescale(image: Array, shape: Sequence[int]) -> Array:
    """Return an image shrunk to (rows, columns) at most; its proportions stay."""
    from PIL import Image

    pil = pil_from_ndarray(image)
    pil.thumbnail((int(shape[1]), int(shape[0])), Image.Resampling.LANCZOS)
    return ndarray_from_pil(pil, image.dtype)


resize = rescale


def fit_inside(image: Array, shape: Sequence[int]) -> Array:
    """Return an image, shrunk if it is larger than (rows, columns)."""
    fits = image.shape[0] <= shape[0] and image.shape[1] <= shape[1]
    return image.copy() if fits else rescale(image, shape)


def letterbox(image: Array, shape: Sequence[int]) -> Array:
    """Return an image in the middle of a black one of (rows, columns)."""
    if image.shape[0] > shape[0] or image.shape[1] > shape[1]:
        raise ValueError(f"an image of {image.shape[:2]} does not fit into {tuple(shape)}")
    boxed = np.zeros((*shape, image.shape[2]), image.dtype)
    top, left = ((shape[axis] - image.shape[axis]) // 2 for axis in (0, 1))
    boxed[top : top + image.shape[0], left : left + image.shape[1]] = image
    return boxed


def make_letterboxed_thumbnail(image: Array, shape: Sequence[int]) -> Array:
    """Return an image of (rows, columns) that holds the given one, shrunk if need be."""
    return letterbox(fit_inside(image, shape), shape)
