"""``theano.ifelse``: one of two graphs, of which only that is computed."""

__all__ = ["IfElse", "ifelse"]

from pytensor.ifelse import IfElse, ifelse
