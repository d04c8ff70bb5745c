"""Whether a literal can be meant for an argument, by the argument's annotation."""

__all__ = ["value_problem"]

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any

from pylearn2_jobman.naming.signatures import signature

_LITERALS = (bool, int, float, str, list, dict)
# What an argument of a type is in words, and which literals may be meant for it.
_TAKEN: tuple[tuple[tuple[type, ...], str, tuple[type, ...]], ...] = (
    ((bool,), "true or false", (int, float)),
    ((int, float), "a number", (int, float)),
    ((str, PurePath), "text", (str, int, float)),
    ((Mapping,), "a mapping", (dict,)),
    ((Sequence,), "a list", (list,)),
)
_ARRAYS = ("ndarray", "Tensor")


def value_problem(target: Callable[..., Any], argument: str, value: Any) -> str | None:
    """Return what is wrong with a literal as an argument, or None.

    Only what cannot be meant is wrong: text or a collection in the place of a number, a literal in
    the place of an object. A number may stand for text, and for true or false.

    Parameters
    ----------
    target
        What is called.
    argument
        The argument's name.
    value
        The literal; of a list or a dictionary only the type counts.
    """
    taken = signature(target)
    parameter = None if taken is None else taken.parameters.get(argument)
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    if parameter is None or parameter.kind in variadic or parameter.annotation is parameter.empty:
        return None
    annotation = parameter.annotation
    is_union = typing.get_origin(annotation) in (UnionType, typing.Union)
    kinds = typing.get_args(annotation) if is_union else (annotation,)
    described = [_described(kind) for kind in kinds if kind is not NoneType]
    if not all(described):
        return None
    wanted = " or ".join(dict.fromkeys(word for word, _ in filter(None, described)))
    if value is None:
        required = parameter.default is parameter.empty and NoneType not in kinds
        return f"is {wanted}, and nothing is given" if required else None
    fitting = tuple(each for _, literals in filter(None, described) for each in literals)
    if isinstance(value, fitting) or not isinstance(value, _LITERALS):
        return None
    shown: dict[Any, str] = {list: "a list", dict: "a mapping", str: f"the text {value!r:.60}"}
    problem = f"is {wanted}, and this is {shown.get(type(value), repr(value))}"
    return f"{problem}: write it without quotes" if _is_number(value) else problem


def _described(kind: Any) -> tuple[str, tuple[type, ...]] | None:
    """Return what an argument of a type is in words, and its literals; None if it may be any."""
    origin = typing.get_origin(kind) or kind
    if kind is Any or not isinstance(origin, type):  # a name that is not resolved yet
        return None
    for types, word, literals in _TAKEN:
        if issubclass(origin, types):
            items = typing.get_args(kind)
            of_text = any(each in (str, Any) or str in typing.get_args(each) for each in items)
            return word, (*literals, str) if word == "a list" and of_text else literals
    if origin.__name__ in _ARRAYS:
        return "an array", (int, float, list)
    if origin.__name__ == "Iterable":
        return "a list", (list,)
    word = "a function" if origin.__name__ == "Callable" else f"an object ({origin.__name__})"
    return word, ()


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)
