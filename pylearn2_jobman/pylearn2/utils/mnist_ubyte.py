"""Files of MNIST: arrays of unsigned bytes in the IDX format."""

__all__ = ["read_idx", "read_mnist_images", "read_mnist_labels"]

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np

from pylearn2_jobman.fence.paths import reading

Array = np.ndarray[Any, Any]

_UNSIGNED_BYTES = 0x08


def read_idx(path: str | Path) -> Array:
    """Return the array of unsigned bytes in an IDX file, which may be compressed by gzip.

    The format: two zero bytes, the type of the numbers, the number of axes, the length of each
    axis as 32-bit big-endian integers, the numbers.

    Raises
    ------
    ValueError
        If the file is not of that format, or shorter than it says.
    """
    with reading(path) as found:
        return _read(Path(found))


def _read(path: Path) -> Array:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _UNSIGNED_BYTES:
        raise ValueError(f"{path} is not an IDX file of unsigned bytes")
    begin = 4 + 4 * data[3]
    if len(data) < begin:
        raise ValueError(f"{path} is cut short: it ends inside its header")
    shape = struct.unpack(f">{data[3]}I", data[4:begin])
    values = np.frombuffer(data, np.uint8, offset=begin)
    if values.size != int(np.prod(shape)):
        raise ValueError(f"{path} should hold {shape} numbers, but it holds {values.size}")
    return values.reshape(shape)


def read_mnist_images(fn: str | Path, dtype: Any = None) -> Array:
    """Return images, of shape (examples, rows, columns).

    Parameters
    ----------
    fn
        Path of the file.
    dtype
        Type to convert the bytes to: real numbers are from 0 to 1, booleans are true from 128 on.
    """
    images = _axes(fn, 3)
    if dtype is None:
        return images
    kind = np.dtype(dtype).kind
    if kind == "b":
        return images >= 128
    converted: Array = images.astype(dtype)
    return converted / np.asarray(255, dtype) if kind in "fc" else converted


def read_mnist_labels(fn: str | Path) -> Array:
    """Return labels, of shape (examples,)."""
    return _axes(fn, 1)


def _axes(fn: str | Path, number: int) -> Array:
    array = read_idx(fn)
    if array.ndim != number:
        raise ValueError(f"{fn} holds an array of shape {array.shape}, not of {number} axes")
    return array
