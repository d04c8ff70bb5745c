"""``theano.scan`` and what stands around it: loops in graphs."""

__all__ = ["foldl", "foldr", "map", "reduce", "scan", "until"]

from pytensor.scan import basic, views
from pytensor.scan.utils import until

from pylearn2_jobman.theano.fallback import fallback
from pylearn2_jobman.theano.quiet import quiet

__getattr__ = fallback(__name__, "pytensor.scan", "pytensor.scan.utils", "pytensor.scan.basic")

scan = quiet(basic.scan)
map = quiet(views.map)
reduce = quiet(views.reduce)
foldl = quiet(views.foldl)
foldr = quiet(views.foldr)
