"""Where numbers live: the floating-point type and the device of models and data.

Both are read from the environment when an object is built: ``PYLEARN2_FLOATX`` (``float32`` unless
set) and ``PYLEARN2_DEVICE`` (``cpu`` unless set; anything that `torch.device` takes).
"""

__all__ = ["device", "float_dtype", "to_tensor"]

import os
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.errors import suggest

_FLOAT_DTYPES = {"float32": torch.float32, "float64": torch.float64}


def float_dtype() -> torch.dtype:
    """Return the floating-point type that ``PYLEARN2_FLOATX`` names.

    Raises
    ------
    ValueError
        If it names no type of `_FLOAT_DTYPES`.
    """
    name = os.environ.get("PYLEARN2_FLOATX", "float32")
    try:
        return _FLOAT_DTYPES[name]
    except KeyError:
        raise ValueError(
            f"PYLEARN2_FLOATX is {name!r}; it takes {' or '.join(_FLOAT_DTYPES)}"
            f"{suggest(name, _FLOAT_DTYPES)}"
        ) from None


def device() -> torch.device:
    """Return the device that ``PYLEARN2_DEVICE`` names.

    Raises
    ------
    ValueError
        If PyTorch knows no such device, or this machine has none.
    """
    name = os.environ.get("PYLEARN2_DEVICE", "cpu")
    try:
        chosen = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"PYLEARN2_DEVICE is {name!r}: {error}") from None
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"PYLEARN2_DEVICE is {name!r}, but PyTorch finds no CUDA device here")
    return chosen


def to_tensor(array: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Return a copy of ``array`` as a tensor of ``dtype`` (the float type) on the device."""
    values = torch.tensor(np.asarray(array), dtype=dtype or float_dtype())
    return values.to(device())
