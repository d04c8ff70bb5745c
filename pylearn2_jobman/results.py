"""From what an extractor returned to what a database can hold."""

__all__ = ["storable"]

from typing import Any

from pylearn2_jobman.values import Plain, plain


def storable(results: Any) -> Plain:
    """Return an extractor's results as plain values.

    Parameters
    ----------
    results
        A dictionary with string or integer keys, nested to any depth; a list or tuple; one number,
        string or boolean; None. NumPy scalars, 0-d arrays and 0-d tensors count as numbers.

    Raises
    ------
    NotStorableError
        For anything else, naming the key (``results.weights``), its type and what to do.

    Examples
    --------
    >>> import numpy
    >>> storable({"nll": numpy.float32(0.5), "best": {"epoch": numpy.array(7)}})
    {'nll': 0.5, 'best': {'epoch': 7}}
    """
    return plain(results, "results")
