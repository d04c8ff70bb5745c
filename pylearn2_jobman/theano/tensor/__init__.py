"""``theano.tensor``: arrays in graphs.

Comparisons by function, such as ``eq``, give int8, as in Theano; those by operator (``x > 0``) are
PyTensor's and give Booleans, which count as whole numbers in products, sums and means alike. Two of
these added are taken for whole numbers too (`theano.compile`).
"""

__all__ = ["TensorConstant", "TensorType", "TensorVariable", "grad"]

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytensor.tensor.basic
import pytensor.tensor.linalg
from pytensor.graph.basic import Variable
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from pytensor.tensor.exceptions import NotScalarConstantError
from pytensor.tensor.sharedvar import TensorSharedVariable
from pytensor.tensor.type import TensorType
from pytensor.tensor.variable import TensorConstant, TensorVariable

from pylearn2_jobman.theano.compile import SharedVariable, shared
from pylearn2_jobman.theano.configparser import config
from pylearn2_jobman.theano.fallback import fallback
from pylearn2_jobman.theano.gradient import Lop, Rop, grad, hessian, jacobian, verify_grad

__getattr__ = fallback(
    __name__,
    "pytensor.tensor",
    "pytensor.tensor.basic",
    "pytensor.tensor.math",
    "pytensor.tensor.extra_ops",
    "pytensor.tensor.subtensor",
    "pytensor.tensor.shape",
    "pytensor.tensor.sort",
    "pytensor.tensor.type",
    "pytensor.tensor.utils",
    "pytensor.tensor.xlogx",
    "pytensor.tensor.linalg",
    "pytensor.tensor.linalg.decomposition",
    "pytensor.tensor.linalg.solvers",
    "pytensor.tensor.blas",
)

float32_shared_constructor = shared
abs_ = pt.abs
sgn = pt.sign
inv = pt.reciprocal
any = pt.any
all = pt.all
matrix_inverse = pytensor.tensor.linalg.inv
alloc_diag = pt.diag
extract_diag = pt.diagonal
and_, or_, xor, invert = pt.bitwise_and, pt.bitwise_or, pt.bitwise_xor, pt.bitwise_not
wscalar, wvector, wmatrix = (TensorType("int16", (None,) * ndim) for ndim in range(3))
_wrow = TensorType("int16", (1, None))
get_scalar_constant_value = pt.get_scalar_constant_value
extract_constant = pt.get_scalar_constant_value


def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None) -> Any:
    """Return a variable for what may be a number, a list or an array."""
    return pt.as_tensor_variable(x, name=name, ndim=ndim)


as_tensor = as_symbolic = as_tensor_variable


def cast(x: Any, dtype: str) -> Any:
    """Return a variable of another type, ``'floatX'`` among them."""
    return pt.cast(x, config.floatX if dtype == "floatX" else dtype)


def copy(x: Any) -> Any:
    """Return a variable of the same value."""
    return x.copy()


def _comparison(compare: Callable[..., Any]) -> Callable[..., Any]:
    def compared(a: Any, b: Any) -> Any:
        return pt.cast(compare(a, b), "int8")

    compared.__name__ = compared.__qualname__ = str(compare)
    compared.__doc__ = f"Return where ``{compare}`` holds, as zeros and ones of int8."
    return compared


eq = _comparison(pt.eq)
neq = _comparison(pt.neq)
gt = _comparison(pt.gt)
ge = _comparison(pt.ge)
lt = _comparison(pt.lt)
le = _comparison(pt.le)


def isnan(a: Any) -> Any:
    """Return where there is no number, as zeros and ones of int8."""
    return pt.cast(pt.isnan(a), "int8")


def isinf(a: Any) -> Any:
    """Return where a number is infinite, as zeros and ones of int8."""
    return pt.cast(pt.isinf(a), "int8")


def isclose(a: Any, b: Any, **kwargs: Any) -> Any:
    """Return where numbers are alike, as zeros and ones of int8."""
    return pt.cast(pt.isclose(a, b, **kwargs), "int8")


def flatten(x: Any, ndim: int = 1, outdim: int | None = None) -> Any:
    """Return a variable of ``ndim`` dimensions, the last of which holds all the rest."""
    return pt.flatten(x, ndim=ndim if outdim is None else outdim)


def stack(*tensors: Any, axis: int = 0, **kwargs: Any) -> Any:
    """Stack variables along a new axis: given one by one, or in a list, with the axis behind it."""
    if isinstance(tensors[0], list | tuple):
        axis = tensors[1] if len(tensors) > 1 else axis
        tensors = tuple(kwargs.get("tensors", tensors[0]))
    return pt.stack(tensors, axis=axis)


def largest(*variables: Any) -> Any:
    """Return the elementwise largest."""
    if len(variables) == 2:
        return pt.maximum(*variables)
    return pt.max(pt.stack(variables), axis=0)


def smallest(*variables: Any) -> Any:
    """Return the elementwise smallest."""
    if len(variables) == 2:
        return pt.minimum(*variables)
    return pt.min(pt.stack(variables), axis=0)


def addbroadcast(x: Any, *axes: int) -> Any:
    """Return a variable that is known to have one element along the axes."""
    return pt.specify_broadcastable(x, *axes)


def unbroadcast(x: Any, *axes: int) -> Any:
    """Return the variable itself: PyTensor finds out for itself what has one element."""
    return x


def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Any:
    """Return a variable that is known to have one element along the axes that are true."""
    added = [axis for axis, one in enumerate(broadcastable) if one]
    return pt.specify_broadcastable(x, *added) if added else x


class Rebroadcast:
    """Says of axes whether they are known to have one element: ``Rebroadcast((0, True))(x)``."""

    def __init__(self, *axes: tuple[int, bool]) -> None:
        self._axes = dict(axes)

    def __call__(self, x: Any) -> Any:
        """Return the variable with that said."""
        known = enumerate(x.type.broadcastable)
        return patternbroadcast(x, [bool(self._axes.get(axis, one)) for axis, one in known])


def hashtype(self: Any) -> int:
    """Return the hash of an Op that has no parameters."""
    return hash(self.__class__)  # `type` is what `theano.tensor.type` is here


def _allclose(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
    """Compare arrays as their type allows: float32 more loosely."""
    types = {str(getattr(each, "dtype", "")) for each in (a, b)}
    narrow = "float32" in types or "complex64" in types
    rtol = rtol if rtol is not None else 1e-5
    atol = atol if atol is not None else (1e-5 if narrow else 1e-8)
    return bool(np.allclose(a, b, atol=atol, rtol=rtol))
