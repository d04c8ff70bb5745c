"""Examples and their targets as arrays, from what people have."""

__all__ = ["as_arrays", "as_sets"]

from collections.abc import Mapping
from typing import Any

import numpy as np


def as_arrays(data: Any, name: str) -> tuple[Any, Any]:
    """Return examples and targets.

    Parameters
    ----------
    data
        A pair ``(X, y)``; a dataset of pylearn2; a dictionary or a bunch of scikit-learn's with
        ``data`` and ``target``; or examples alone.
    name
        What it is an argument of, for the error message.

    Returns
    -------
    X
        An array whose first axis is the examples, a sparse one, or a data frame.
    y
        An array likewise, a single target an example without an axis of its own; None without
        targets.

    Raises
    ------
    ValueError
        If there are not as many targets as examples.
    """
    if callable(getattr(data, "get_data", None)):
        data = data.get_data()
    elif isinstance(data, Mapping):
        if "data" not in data:
            raise ValueError(f"{name} is a dictionary without 'data'; it has {', '.join(data)}")
        data = (data["data"], data.get("target"))
    pair = data if isinstance(data, tuple | list) and len(data) == 2 else (data, None)
    X, y = (part if part is None or hasattr(part, "iloc") else _array(part) for part in pair)
    if y is not None and getattr(y, "ndim", 1) == 2 and y.shape[1] == 1:
        y = np.asarray(y).ravel()
    if X is None or getattr(X, "ndim", 0) < 1:
        raise ValueError(
            f"{name} is a {type(data).__name__}: give a pair of arrays, examples and targets, or a "
            "dataset of pylearn2"
        )
    if y is not None and X.shape[0] != len(y):
        raise ValueError(f"{name} has {X.shape[0]} examples, but {len(y)} targets")
    return X, y


def _array(values: Any) -> Any:
    is_sparse = callable(getattr(values, "tocsr", None))
    return values.tocsr() if is_sparse else np.asarray(values)  # some kinds have no rows to take


def as_sets(monitoring_dataset: Any) -> dict[str, Any]:
    """Return what to monitor, by the names that channels begin with; one alone is ``valid``."""
    if monitoring_dataset is None:
        return {}
    if isinstance(monitoring_dataset, Mapping) and "data" not in monitoring_dataset:
        return dict(monitoring_dataset)
    return {"valid": monitoring_dataset}
