"""``theano.tensor.nnet.conv``: convolutions, by PyTorch.

PyTensor has none that is fast without a BLAS. The gradients have gradients of their own, which
contractive costs need.
"""

__all__ = ["Convolution", "conv2d", "conv3D"]

from typing import Any

import numpy as np
import pytensor.tensor as pt
import torch
from pytensor.gradient import disconnected_type
from pytensor.scalar import upcast
from torch.nn import functional
from torch.nn.grad import conv2d_input, conv2d_weight, conv3d_input, conv3d_weight

from pylearn2_jobman.theano.gof import Apply, Op

_FORWARD = {2: functional.conv2d, 3: functional.conv3d}
_BY_INPUT = {2: conv2d_input, 3: conv3d_input}
_BY_FILTERS = {2: conv2d_weight, 3: conv3d_weight}


class Convolution(Op):
    """A correlation of inputs (batch, channel, ...) with filters (output, channel, ...).

    Parameters
    ----------
    wants
        ``'output'``, from the input and the filters; or the gradient by one of these two:
        ``'input'``, from the output's gradient, the filters and the input's shape; ``'filters'``,
        from the input, the output's gradient and the filters' shape.
    subsample
        The step along each axis.
    padding
        How many zeros are put on both sides of each axis.
    flip
        Whether it is a convolution: the filters are turned round.
    image_shape, filter_shape
        The shapes of input and filters, where they are known: gradients then do without these.
    """

    __props__ = ("wants", "subsample", "padding", "flip", "image_shape", "filter_shape")

    def __init__(
        self,
        wants: str,
        subsample: Any,
        padding: Any,
        flip: bool = False,
        image_shape: Any = None,
        filter_shape: Any = None,
    ) -> None:
        self.wants = wants
        self.subsample = tuple(map(int, subsample))
        self.padding = tuple(map(int, padding))
        self.flip = bool(flip)
        self.image_shape, self.filter_shape = _known(image_shape), _known(filter_shape)

    def make_node(self, *inputs: Any) -> Any:
        """Return the node of this computation."""
        variables = [pt.as_tensor_variable(each) for each in inputs]
        shape = (None,) * (2 + len(self.subsample))
        return Apply(self, variables, [pt.TensorType(variables[0].dtype, shape)()])

    def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
        """Compute it."""
        ndim, how = len(self.subsample), (self.subsample, self.padding)
        inner = tuple(range(2, 2 + ndim)) if self.flip else ()
        a, b = (torch.from_numpy(np.array(each, order="C")) for each in inputs[:2])
        if self.wants != "filters":
            b = b.flip(inner)
        if self.wants == "output":
            made = _FORWARD[ndim](a, b, None, *how)
        else:
            shape = tuple(map(int, inputs[2]))
            if self.wants == "input":
                made = _BY_INPUT[ndim](shape, b, a, *how)
            else:
                made = _BY_FILTERS[ndim](a, shape, b, *how).flip(inner)
        output_storage[0][0] = made.numpy()

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Return that nothing is differentiated by a shape."""
        return [[True], [True], [False]][: len(node.inputs)]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients: this is linear in both, and so are its gradients."""
        (g,) = output_grads
        how = (self.subsample, self.padding, self.flip, self.image_shape, self.filter_shape)
        output, by_input, by_filters = (
            Convolution(wants, *how) for wants in ("output", "input", "filters")
        )
        a, b = inputs[:2]

        def images(variable: Any) -> Any:
            return variable.shape if self.image_shape is None else self.image_shape

        def filters(variable: Any) -> Any:
            return variable.shape if self.filter_shape is None else self.filter_shape

        if self.wants == "output":
            return [by_input(g, b, images(a)), by_filters(a, g, filters(b))]
        if self.wants == "input":
            return [output(g, b), by_filters(g, a, filters(b)), disconnected_type()]
        return [by_input(b, g, images(a)), output(a, g), disconnected_type()]

    @staticmethod
    def getOutputShape(inshp: Any, kshp: Any, stride: Any = (1, 1), mode: str = "valid") -> Any:
        """Return rows and columns of the output, from those of the images and of the filters."""
        sign = {"valid": -1, "full": 1}[mode]
        return tuple(
            -(-(size + sign * (kernel - 1)) // step)
            for size, kernel, step in zip(inshp, kshp, stride, strict=True)
        )


ConvOp = Convolution


def conv2d(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    input_shape: Any = None,
    **unused: Any,
) -> Any:
    """Return the convolution of images with filters.

    Parameters
    ----------
    input
        Images: (batch, channel, row, column).
    filters
        Filters: (output channel, channel, row, column).
    image_shape, input_shape, filter_shape
        The shapes, where they are known.
    border_mode
        ``'valid'``, ``'full'``, ``'half'``, or how many zeros are put around.
    subsample
        The step along rows and columns.
    filter_flip
        False for a correlation.
    unused
        What says how Theano was to compute it.
    """
    input, filters = pt.as_tensor_variable(input), pt.as_tensor_variable(filters)
    dtype = upcast(input.dtype, filters.dtype)
    input, filters = pt.cast(input, dtype), pt.cast(filters, dtype)
    known = _known(filter_shape)
    padding: Any = (0, 0)
    if border_mode in ("full", "half"):
        sizes = filters.shape[2:] if known is None else known[2:]
        widths = [size - 1 if border_mode == "full" else size // 2 for size in sizes]
        if known is not None:
            padding = widths
        else:
            input, image_shape, input_shape = _padded(input, widths), None, None
    elif border_mode != "valid":
        padding = (border_mode, border_mode) if isinstance(border_mode, int) else border_mode
    shape = image_shape if image_shape is not None else input_shape
    return Convolution("output", subsample, padding, filter_flip, shape, known)(input, filters)


def _known(shape: Any) -> tuple[int, ...] | None:
    """Return a shape of which all is known, or None."""
    if shape is None or not all(isinstance(each, int | np.integer) for each in shape):
        return None
    return tuple(map(int, shape))


def _padded(x: Any, widths: Any) -> Any:
    """Return images with zeros around, as many as variables say."""
    rows, columns = widths
    shape = (x.shape[0], x.shape[1], x.shape[2] + 2 * rows, x.shape[3] + 2 * columns)
    inside = pt.zeros(shape, dtype=x.dtype)[
        :, :, rows : rows + x.shape[2], columns : columns + x.shape[3]
    ]
    return pt.set_subtensor(inside, x)


def conv3D(V: Any, W: Any, b: Any, d: Any) -> Any:
    """Return the correlation of volumes with filters, plus a bias.

    Parameters
    ----------
    V
        Volumes: (batch, row, column, time, channel).
    W
        Filters: (output channel, row, column, time, channel).
    b
        The bias of each output channel.
    d
        The step along rows, columns and time: three numbers.

    Returns
    -------
    variable
        (batch, row, column, time, output channel).
    """
    first, last = (0, 4, 1, 2, 3), (0, 2, 3, 4, 1)
    V, W = (pt.as_tensor_variable(each).dimshuffle(first) for each in (V, W))
    made = Convolution("output", d, (0, 0, 0))(V, W)
    return made.dimshuffle(last) + b
