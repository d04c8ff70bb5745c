"""What expressions compute with: Python's own, but for what would take all memory or hours."""

__all__ = ["BINARY", "FUNCTIONS", "MOST_ITEMS", "check_call", "limit", "size"]

import ast
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pylearn2_jobman.errors import UsageError

# More than a state can hold, by far: an expression that needs more is a mistake.
MOST_ITEMS = 1_000_000
_MOST_BITS = 100_000
_MOST_PLACES = 4300
_MOST_STEPS = 10_000_000  # of those that copy or multiply
_WIDE = re.compile(r"%[^a-zA-Z%]*(?:\*|\d{6,})")
_WIDE_FIELD = re.compile(r"[:.][^{}]*(?:\{|\d{6,})|__")  # or one that looks inside
_PLAIN = (str, bytes, int, float)
_HOLDING = (list, tuple, set, dict)
_SIZED = (*_HOLDING, str, bytes, range)
_NUMBERS = frozenset({int, float, bool, type(None)})


def limit(number: int, most: int, unit: str) -> None:
    """Refuse what has more of a unit than an expression may make.

    Raises
    ------
    UsageError
        Naming the limit.
    """
    if number > most:
        raise UsageError(f"an expression makes nothing of more than {most:,} {unit}")


def size(*values: Any) -> int:
    """Return how many items and characters are in values, at any depth, counted to the limit."""
    found, waiting = 0, list(values)
    while waiting and found <= MOST_ITEMS:
        value = waiting.pop()
        if isinstance(value, _SIZED):
            found += len(value)
        if isinstance(value, _HOLDING):
            inside = [*value, *value.values()] if isinstance(value, dict) else value
            waiting += [each for each in inside if type(each) not in _NUMBERS]
    return found


def check_call(function: Any, arguments: Sequence[Any]) -> None:
    """Refuse a call of a plain value's method that would make too much of it.

    Raises
    ------
    UsageError
        Naming the limit.
    """
    owner: Any = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    limit(size(owner), MOST_ITEMS, "items")
    if not isinstance(owner, _PLAIN):
        return
    for argument in arguments:
        if isinstance(argument, int):  # 'x'.ljust(10**10)
            limit(argument, MOST_ITEMS, "characters")
    if isinstance(owner, int | float):
        return
    if name in ("format", "format_map") and _WIDE_FIELD.search(str(owner)):
        raise UsageError(f"{owner!r:.60} makes too wide a text, or looks into what it is given")
    match name, arguments:
        case "replace", [_, str(new) | bytes(new), *_]:
            limit(owner.count(arguments[0]) * len(new), MOST_ITEMS, "characters")
        case "join", [[*items]]:
            limit(size(items) + len(owner) * len(items), MOST_ITEMS, "characters")
        case "translate", [table]:
            limit(len(owner) * size(table), MOST_ITEMS, "characters")
        case "expandtabs", [int(width)]:
            limit(len(owner) * width, MOST_ITEMS, "characters")


def _power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    if isinstance(base, int) and isinstance(exponent, int):
        if modulus is None:
            limit(base.bit_length() * exponent, _MOST_BITS, "bits")
        elif isinstance(modulus, int):
            limit(exponent.bit_length() * modulus.bit_length(), _MOST_STEPS, "bits by bits")
    return pow(base, exponent, modulus)


def _product(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        limit(left.bit_length() + right.bit_length(), _MOST_BITS, "bits")
    for items, number in ((left, right), (right, left)):
        if isinstance(items, str | bytes | list | tuple) and isinstance(number, int):
            limit(size(items) * number, MOST_ITEMS, "items")
    return left * right


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes) and _WIDE.search(str(left)):
        raise UsageError(f"{left!r:.60} makes too wide a text")
    return left % right


def _range(*bounds: Any) -> range:
    made = range(*bounds)
    limit((made.stop - made.start) // made.step, MOST_ITEMS, "items")
    return made


def _round(number: Any, digits: Any = None) -> Any:
    if isinstance(digits, int):
        limit(abs(digits), _MOST_PLACES, "digits")
    return round(number, digits)


def _sum(items: Iterable[Any], start: Any = 0) -> Any:
    items = list(items)
    if isinstance(start, list | tuple):  # each step copies what there is
        limit(len(items) * size(items), _MOST_STEPS, "items by items")
    return sum(items, start)


def _zip(*several: Iterable[Any]) -> list[tuple[Any, ...]]:
    lists = [list(each) for each in several]
    limit(len(lists) * min(map(len, lists), default=0), MOST_ITEMS, "items")
    return list(zip(*lists, strict=False))


BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _product,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _remainder,
    ast.Pow: _power,
}

# What an expression may call without importing it: functions of values, nothing that reaches out.
FUNCTIONS: dict[str, Any] = {
    function.__name__: function
    for function in (
        abs, bool, dict, divmod, float, int, len, list, max, min, set, sorted, str, tuple,
    )
} | {
    "pow": _power, "range": _range, "reversed": lambda items: list(reversed(items)),
    "round": _round, "sum": _sum, "zip": _zip,
}  # fmt: skip
