"""Random numbers: every stream that a model, an algorithm or a dataset draws from begins here."""

__all__ = ["make_np_rng"]

from collections.abc import Sequence

import numpy as np

Seed = int | Sequence[int] | np.random.RandomState | None


def make_np_rng(rng_or_seed: Seed = None, default_seed: Seed = None) -> np.random.RandomState:
    """Return a NumPy generator of the Mersenne Twister kind, which pylearn2's results come from.

    Parameters
    ----------
    rng_or_seed
        A generator, which is then used as it is and shared with whoever else holds it; a seed (an
        integer or a list of integers); or None, for the default.
    default_seed
        What None stands for; 42 when that is None as well.
    """
    for choice in (rng_or_seed, default_seed):
        if isinstance(choice, np.random.RandomState):
            return choice
        if choice is not None:
            return np.random.RandomState(choice)
    return np.random.RandomState(42)
