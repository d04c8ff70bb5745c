"""Shared by the learning half's modules: state, random numbers, batches of indices, pickles.

The functions here are those that people's classes import from ``pylearn2.utils``; new code has no
need of them. PyTorch is imported where it is used: templates are checked without it.
"""

__all__ = [
    "as_floatX",
    "block_gradient",
    "contains_inf",
    "contains_nan",
    "isfinite",
    "make_name",
    "py_complex_types",
    "py_float_types",
    "py_integer_types",
    "py_number_types",
    "safe_izip",
    "safe_union",
    "safe_update",
    "safe_zip",
    "sharedX",
    "subdict",
    "wraps",
]

from collections.abc import Iterable, Iterator, Sequence, Sized
from functools import wraps
from typing import Any

import numpy as np

py_integer_types = (int, np.integer)
py_float_types = (float, np.floating)
py_complex_types = (complex, np.complexfloating)
py_number_types = (int, float, complex, np.number)


def safe_zip(*args: Sized) -> Iterator[tuple[Any, ...]]:
    """Return the zip of sequences that have the same length.

    Raises
    ------
    ValueError
        If one has another length.
    """
    for i, arg in enumerate(args[1:], start=1):
        if len(arg) != len(args[0]):
            raise ValueError(
                f"argument 0 has length {len(args[0])}, but argument {i} has length {len(arg)}"
            )
    return zip(*args, strict=True)


safe_izip = safe_zip


def safe_union(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    """Return the items of two lists in their order, each once."""
    union: list[Any] = []
    for item in [*a, *b]:
        if item not in union:
            union.append(item)
    return union


def safe_update(dict_to: dict[Any, Any], dict_from: dict[Any, Any]) -> dict[Any, Any]:
    """Put one dictionary into another one, which has none of its keys.

    Raises
    ------
    KeyError
        If it has.
    """
    for key in dict_from:
        if key in dict_to:
            raise KeyError(key)
    dict_to.update(dict_from)
    return dict_to


def subdict(d: dict[Any, Any], keys: Iterable[Any]) -> dict[Any, Any]:
    """Return the part of a dictionary that has these keys, where they are."""
    return {key: d[key] for key in keys if key in d}


def make_name(variable: Any, anon: str = "anonymous_variable") -> str:
    """Return the ``name`` of something, or ``anon``."""
    return getattr(variable, "name", None) or anon


def as_floatX(variable: Any) -> Any:
    """Return a number, an array or a tensor in the float type."""
    import torch

    from pylearn2_jobman.pylearn2 import backend

    if isinstance(variable, torch.Tensor):
        return variable.to(backend.float_dtype())
    cast = np.asarray(variable, str(backend.float_dtype()).removeprefix("torch."))
    return cast if isinstance(variable, np.ndarray) else cast[()]


def sharedX(value: Any, name: str | None = None, borrow: bool = False) -> Any:
    """Return a parameter of the float type, on the device, with a copy of ``value``.

    Parameters
    ----------
    value
        A number or an array.
    name
        The parameter's name in monitors; in a model without one, that of the attribute it is in.
    borrow
        Not used: the value is always copied.
    """
    from torch import nn

    from pylearn2_jobman.pylearn2 import backend
    from pylearn2_jobman.pylearn2.utils.shared import set_name

    parameter = nn.Parameter(backend.to_tensor(value))
    set_name(parameter, name)
    return parameter


def block_gradient(variable: Any) -> Any:
    """Return a tensor that passes no gradient on."""
    return variable.detach()


def contains_nan(arr: Any) -> bool:
    """Return whether an array holds a NaN."""
    return bool(np.isnan(arr).any())


def contains_inf(arr: Any) -> bool:
    """Return whether an array holds an infinite number."""
    return bool(np.isinf(arr).any())


def isfinite(arr: Any) -> bool:
    """Return whether all numbers of an array are finite."""
    return bool(np.isfinite(arr).all())


_SYMBOLIC = ("CallbackOp", "constantX", "function", "get_dataless_dataset", "grad")


def __getattr__(name: str) -> Any:
    if name in _SYMBOLIC or name == "_ElemwiseNoGradient":
        raise AttributeError(
            f"pylearn2.utils.{name} works on Theano's symbolic graphs; models compute with PyTorch "
            "here: call functions and torch.autograd directly, or use the real pylearn2, where its "
            "checkout and Theano are in PYTHONPATH"
        )
    raise AttributeError(f"module 'pylearn2.utils' has no attribute {name!r}")
