"""``theano.tensor.signal``: pooling."""

__all__ = ["Pool", "max_pool_2d", "pool_2d"]

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytensor.tensor as pt

from pylearn2_jobman.theano.gof import Apply, Op

_MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")


class Pool(Op):
    """The maximum, sum or mean of each region of images, or the gradient of that.

    Parameters
    ----------
    ds, st, padding
        Rows and columns of a region; the steps between regions; zeros around the image.
    ignore_border
        Whether regions that do not fit into the image are left out.
    mode
        ``'max'``, ``'sum'``, ``'average_inc_pad'`` or ``'average_exc_pad'``.
    is_gradient
        Whether it computes the gradient by the images, from images, pooled images and the gradient
        by these. Every element that equals its region's maximum gets all of it, as in Theano.
    """

    __props__ = ("ds", "st", "padding", "ignore_border", "mode", "is_gradient")

    def __init__(
        self,
        ds: Any,
        st: Any,
        padding: Any = (0, 0),
        ignore_border: bool = True,
        mode: str = "max",
        is_gradient: bool = False,
    ) -> None:
        if mode not in _MODES:
            raise ValueError(f"pooling by {mode!r}; there are {', '.join(_MODES)}")
        if tuple(padding) != (0, 0) and not ignore_border:
            raise NotImplementedError("padding works only with ignore_border=True")
        self.ds, self.st, self.padding = tuple(ds), tuple(st), tuple(padding)
        self.ignore_border, self.mode, self.is_gradient = bool(ignore_border), mode, is_gradient

    def make_node(self, *inputs: Any) -> Any:
        """Return the node of this computation."""
        variables = [pt.as_tensor_variable(each) for each in inputs]
        return Apply(self, variables, [pt.tensor4(dtype=variables[0].dtype)])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        """Compute it."""
        x = self._padded(inputs[0])
        if not self.is_gradient:
            output_storage[0][0] = self._pooled(x)
            return
        made = np.zeros_like(x)
        _, z, g = inputs
        counts = self._counts(x, z.shape[2:])
        for window, inside in self._windows(x.shape, z.shape[2:]):
            share = g[inside] / (1 if counts is None else counts[inside[2:]])
            made[window] += share * (x[window] == z[inside]) if self.mode == "max" else share
        rows, columns = self.padding
        height, width = inputs[0].shape[2:]
        output_storage[0][0] = made[:, :, rows : rows + height, columns : columns + width].copy()

    def _padded(self, x: Any) -> Any:
        if self.padding == (0, 0):
            return x
        rows, columns = self.padding
        around = ((0, 0), (0, 0), (rows, rows), (columns, columns))
        return np.pad(x, around, constant_values=-np.inf if self.mode == "max" else 0)

    def _pooled(self, x: Any) -> Any:
        shape = tuple(self._number(x.shape[axis + 2], axis) for axis in (0, 1))
        made = np.full((*x.shape[:2], *shape), -np.inf if self.mode == "max" else 0, x.dtype)
        for window, inside in self._windows(x.shape, shape):
            if self.mode == "max":
                made[inside] = np.maximum(made[inside], x[window])
            else:
                made[inside] += x[window]
        counts = self._counts(x, shape)
        return made if counts is None else (made / counts).astype(x.dtype)

    def _number(self, length: int, axis: int) -> int:
        """Return how many regions there are along an axis."""
        size, step = self.ds[axis], self.st[axis]
        if self.ignore_border:
            return max((length - size) // step + 1, 0)
        if step >= size:
            return (length - 1) // step + 1
        return max(0, (length - 1 - size + step) // step) + 1

    def _windows(self, whole: Any, shape: Any) -> Iterator[tuple[Any, Any]]:
        """Yield, for each place in a region, where it is in the images and in the pooled ones."""
        (rows, columns), (down, across) = shape, self.st
        for i in range(self.ds[0]):
            for j in range(self.ds[1]):
                height = len(range(i, min(whole[2], i + rows * down), down))
                width = len(range(j, min(whole[3], j + columns * across), across))
                window = (
                    ...,
                    slice(i, i + height * down, down),
                    slice(j, j + width * across, across),
                )
                yield window, (slice(None), slice(None), slice(height), slice(width))

    def _counts(self, x: Any, shape: Any) -> Any:
        """Return how many elements each mean is over."""
        if not self.mode.startswith("average"):
            return None
        if self.mode == "average_inc_pad" and self.ignore_border:
            return np.full(shape, float(np.prod(self.ds)), x.dtype)
        inside = np.zeros((1, 1, *x.shape[2:]), x.dtype)
        rows, columns = self.padding if self.mode == "average_exc_pad" else (0, 0)
        inside[:, :, rows : x.shape[2] - rows, columns : x.shape[3] - columns] = 1
        counts = np.zeros(shape, x.dtype)
        for window, place in self._windows(x.shape, shape):
            counts[place[2:]] += inside[window][0, 0]
        return counts

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient by the images."""
        how = (self.ds, self.st, self.padding, self.ignore_border, self.mode)
        if not self.is_gradient:
            pooled = self(*inputs)
            return [Pool(*how, is_gradient=True)(inputs[0], pooled, output_grads[0])]
        if self.mode == "max":
            raise NotImplementedError("the second derivative of max pooling")
        by_g = Pool(*how)(output_grads[0])
        return [pt.zeros_like(inputs[0]), pt.zeros_like(inputs[1]), by_g]


def pool_2d(
    input: Any,
    ds: Any = None,
    ignore_border: bool | None = None,
    st: Any = None,
    padding: Any = (0, 0),
    mode: str = "max",
    ws: Any = None,
    stride: Any = None,
    pad: Any = None,
) -> Any:
    """Pool the last two dimensions of a variable.

    Parameters
    ----------
    input
        Images; at least two dimensions.
    ds, ws
        Rows and columns of a region.
    ignore_border
        Whether regions that do not fit into the image are left out; by default they are not.
    st, stride
        The steps between regions; by default their size.
    padding, pad
        Zeros around the images.
    mode
        See `Pool`.
    """
    ds = ds if ds is not None else ws
    steps = st if st is not None else (stride if stride is not None else ds)
    input = pt.as_tensor_variable(input)
    leading = input.shape[: input.ndim - 2]
    images = input.reshape((1, -1, *input.shape[-2:]), ndim=4) if input.ndim != 4 else input
    made = Pool(ds, steps, pad if pad is not None else padding, bool(ignore_border), mode)(images)
    if input.ndim == 4:
        return made
    return made.reshape(pt.concatenate([leading, made.shape[-2:]]), ndim=input.ndim)


def max_pool_2d(input: Any, ds: Any = None, ignore_border: bool = False, **kwargs: Any) -> Any:
    """Pool by the maximum; see `pool_2d`."""
    return pool_2d(input, ds, ignore_border, **kwargs)


max_pool = max_pool_2d
