"""``theano.tests``: what Theano's own tests stood on, and others' took from there."""

__all__ = ["assert_allclose", "fetch_seed", "verify_grad"]

from typing import Any

import numpy as np

from pylearn2_jobman.theano import gradient

seed = 1234


def fetch_seed(pseed: int | None = None) -> int:
    """Return a seed: the one that is given, or the same each time."""
    return seed if pseed is None else pseed


def seed_rng(pseed: int | None = None) -> int:
    """Seed NumPy's global generator; return the seed."""
    chosen = fetch_seed(pseed)
    np.random.seed(chosen)
    return chosen


def verify_grad(op: Any, pt: Any, n_tests: int = 2, rng: Any = None, **kwargs: Any) -> None:
    """Compare a gradient with differences; see `theano.gradient.verify_grad`."""
    gradient.verify_grad(op, pt, n_tests, rng, **kwargs)


def assert_allclose(expected: Any, value: Any, rtol: float | None = None, **kwargs: Any) -> None:
    """Raise AssertionError where arrays are not alike, float32 more loosely."""
    narrow = "float32" in {str(getattr(each, "dtype", "")) for each in (expected, value)}
    rtol = rtol if rtol is not None else (1e-4 if narrow else 1e-5)
    np.testing.assert_allclose(value, expected, rtol=rtol, **kwargs)


def disturb_mem() -> None:
    """Do nothing: it was to bring faults of memory to light."""
