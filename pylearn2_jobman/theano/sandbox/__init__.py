"""``theano.sandbox``: MRG's random streams; and the graphics cards that there are not."""

__all__ = ["cuda", "rng_mrg"]

from pylearn2_jobman.theano.sandbox import cuda, rng_mrg
