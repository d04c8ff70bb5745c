"""Pooling: one number for each window of an image."""

__all__ = ["max_pool", "mean_pool", "pooled_shape"]

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.pylearn2.expr.maximum import largest


def pooled_shape(
    shape: Sequence[int], pool_shape: Sequence[int], pool_stride: Sequence[int], layer_name: str
) -> tuple[int, ...]:
    """Return (rows, columns) of the pooled images, for images of ``shape``.

    Raises
    ------
    ValueError
        If a window is larger than the image.
    """
    if any(pool > size for size, pool in zip(shape, pool_shape, strict=True)):
        raise ValueError(
            f"layer {layer_name!r}: pooling windows of {tuple(pool_shape)} are larger than the "
            f"images that are pooled, {tuple(shape)}"
        )
    return tuple(map(_windows, shape, pool_shape, pool_stride))


def _windows(size: int, pool: int, stride: int) -> int:
    """Return how many windows it takes until each pixel was in one, or between two."""
    windows = -(-(size - pool) // stride) + 1
    return windows if (windows - 1) * stride < size else windows - 1


def _padded(
    images: torch.Tensor, pool_shape: Sequence[int], pool_stride: Sequence[int], value: float
) -> torch.Tensor:
    """Add the rows and columns that the last windows reach over, below and on the right."""
    missing = [
        (_windows(size, pool, stride) - 1) * stride + pool - size
        for size, pool, stride in zip(images.shape[2:], pool_shape, pool_stride, strict=True)
    ]
    rows, columns = missing
    return F.pad(images, (0, columns, 0, rows), value=value)


def max_pool(
    images: torch.Tensor, pool_shape: Sequence[int], pool_stride: Sequence[int]
) -> torch.Tensor:
    """Return the largest number of each window; images of (examples, channels, rows, columns)."""
    padded = _padded(images, pool_shape, pool_stride, -torch.inf)
    (rows, columns), (down, right) = pool_shape, pool_stride
    return largest(padded.unfold(2, rows, down).unfold(3, columns, right).flatten(4))


def mean_pool(
    images: torch.Tensor, pool_shape: Sequence[int], pool_stride: Sequence[int]
) -> torch.Tensor:
    """Return the mean of each window's pixels; images of (examples, channels, rows, columns).

    In the Theano version, windows that reach over the border gave minus infinity.
    """
    pool, stride = tuple(pool_shape), tuple(pool_stride)
    sums = F.avg_pool2d(_padded(images, pool, stride, 0.0), pool, stride)
    inside = F.avg_pool2d(_padded(torch.ones_like(images[:1, :1]), pool, stride, 0.0), pool, stride)
    return sums / inside
