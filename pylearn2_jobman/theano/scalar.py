"""``theano.scalar``: operations on single numbers."""

__all__ = ["all_types", "identity", "upcast"]

import pytensor.scalar.basic
from pytensor.scalar import identity, upcast
from pytensor.scalar.basic import Identity, get_scalar_type

from pylearn2_jobman.theano.fallback import fallback

__getattr__ = fallback(__name__, "pytensor.scalar", "pytensor.scalar.basic", "pytensor.scalar.math")

# Theano had no Booleans.
all_types = [each for each in pytensor.scalar.basic.all_types if each.dtype != "bool"]
Scalar = get_scalar_type
