"""``theano.tensor.xlogx``: products with logarithms that are 0 at 0."""

__all__ = ["xlogx", "xlogy0"]

from typing import Any

from pytensor.tensor.special import xlogy


def xlogx(x: Any) -> Any:
    """Return ``x * log(x)``."""
    return xlogy(x, x)


xlogy0 = xlogy
