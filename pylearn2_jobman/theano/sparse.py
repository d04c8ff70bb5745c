"""``theano.sparse``: sparse matrices."""

__all__ = ["SparseType", "SparseVariable", "enable_sparse"]

from typing import Any

import pytensor.sparse.basic
from pytensor.sparse import SparseTensorType
from pytensor.sparse.variable import SparseVariable

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(__name__, "pytensor.sparse", "pytensor.sparse.basic", "pytensor.sparse.math")

enable_sparse = True


class _Any(type(SparseTensorType)):  # type: ignore[misc]
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, SparseTensorType)


class SparseType(SparseTensorType, metaclass=_Any):
    """The type of sparse matrices: of a format (``csr``, ``csc``) and a dtype.

    Those that operations make are PyTensor's own, and count as this one.
    """

    dtype_set = frozenset(pytensor.sparse.basic.all_dtypes)
