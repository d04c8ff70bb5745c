"""``theano.scalar``: operations on single numbers."""

__all__ = ["all_types", "identity", "upcast"]

from pytensor.scalar import identity, upcast
from pytensor.scalar.basic import Identity, all_types, get_scalar_type

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(__name__, "pytensor.scalar", "pytensor.scalar.basic", "pytensor.scalar.math")

Scalar = get_scalar_type
