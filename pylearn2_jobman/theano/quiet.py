"""PyTensor's warnings of what Theano's code does as it was meant to."""

__all__ = ["quiet"]

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

_EXPECTED = (
    r".*should implement `p(ullback|ushforward)`",  # people's Ops have grad() and R_op()
    r".*return_updates=False",
    r".*[RL]op is deprecated",
    r".*Numba will use object mode",
    r".*default_update",
    r".*could not link to a BLAS",
    r".*[Cc]annot cache compiled function",
)


def quiet(function: Callable[..., Result]) -> Callable[..., Result]:
    """Make a function keep those warnings to itself, and let through all others."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Result:
        with warnings.catch_warnings():
            for message in _EXPECTED:
                warnings.filterwarnings("ignore", message=message)
            return function(*args, **kwargs)

    return call
