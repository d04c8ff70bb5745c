"""``theano.tensor.nnet``: activations and costs of neural networks."""

__all__ = ["binary_crossentropy", "categorical_crossentropy", "conv2d", "sigmoid", "softmax"]

from typing import Any

import pytensor.scalar
import pytensor.tensor as pt
from pytensor.tensor.special import LogSoftmax, Softmax

from pylearn2_jobman.theano.fallback import fallback
from pylearn2_jobman.theano.tensor import conv
from pylearn2_jobman.theano.tensor.conv import conv2d
from pylearn2_jobman.theano.tensor.neighbours import images2neibs

__getattr__ = fallback(__name__, "pytensor.tensor.special", "pytensor.tensor")

sigmoid = pt.sigmoid
softplus = pt.softplus
ScalarSigmoid = pytensor.scalar.Sigmoid
ScalarSoftplus = pytensor.scalar.Softplus
# An approximation, in Theano; here the function itself.
ultra_fast_sigmoid = pt.sigmoid


def softmax(c: Any) -> Any:
    """Return the softmax of each row; of a vector, a matrix of one row."""
    c = pt.as_tensor_variable(c)
    return Softmax(axis=-1)(pt.shape_padleft(c) if c.ndim == 1 else c)


softmax_op = softmax_graph = softmax


def softmax_with_bias(x: Any, b: Any) -> Any:
    """Return the softmax of each row of ``x + b``."""
    return softmax(x + b)


def logsoftmax(c: Any) -> Any:
    """Return the logarithm of `softmax`."""
    c = pt.as_tensor_variable(c)
    return LogSoftmax(axis=-1)(pt.shape_padleft(c) if c.ndim == 1 else c)


def relu(x: Any, alpha: float = 0) -> Any:
    """Return ``x`` where it is positive, ``alpha * x`` elsewhere."""
    if alpha == 0:
        return 0.5 * (x + abs(x))  # whose derivative at 0 is a half, as in Theano
    return 0.5 * (1 + alpha) * x + 0.5 * (1 - alpha) * abs(x)


def hard_sigmoid(x: Any) -> Any:
    """Return a sigmoid of three straight lines."""
    return pt.clip(x * 0.2 + 0.5, 0.0, 1.0)


def binary_crossentropy(output: Any, target: Any) -> Any:
    """Return the cross-entropy of each probability with what is to be."""
    return -(target * pt.log(output) + (1.0 - target) * pt.log(1.0 - output))


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Any:
    """Return the cross-entropy of each row with a distribution, or with the number of a class."""
    if true_dist.ndim == coding_dist.ndim:
        return -pt.sum(true_dist * pt.log(coding_dist), axis=coding_dist.ndim - 1)
    rows = pt.arange(true_dist.shape[0])
    return -pt.log(coding_dist[rows, true_dist])


def crossentropy_categorical_1hot(coding_dist: Any, true_one_of_n: Any) -> Any:
    """Return the cross-entropy of each row with the number of a class."""
    return categorical_crossentropy(coding_dist, true_one_of_n)


def crossentropy_softmax_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> tuple[Any, Any, Any]:
    """Return each row's cross-entropy with a class, its softmax, and where that is largest."""
    p = softmax_with_bias(x, b)
    return categorical_crossentropy(p, y_idx), p, pt.argmax(p, axis=-1)
