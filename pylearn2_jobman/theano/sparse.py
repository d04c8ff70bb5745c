"""``theano.sparse``: sparse matrices."""

__all__ = ["SparseType", "SparseVariable", "enable_sparse"]

import pytensor.sparse.basic
from pytensor.sparse import SparseTensorType
from pytensor.sparse.variable import SparseVariable

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(__name__, "pytensor.sparse", "pytensor.sparse.basic", "pytensor.sparse.math")

enable_sparse = True


class SparseType(SparseTensorType):
    """The type of sparse matrices: of a format (``csr``, ``csc``) and a dtype."""

    dtype_set = frozenset(pytensor.sparse.basic.all_dtypes)
