"""What a value may be: plain Python values that a database column or a ``.conf`` line can hold."""

__all__ = ["Plain", "Scalar", "format_literal", "in_order", "parse_literal", "plain", "storable"]

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.errors import NotStorableError

Scalar = None | bool | int | float | complex | str
# Sets and complex numbers are plain because the original's tables hold some.
Plain = Scalar | list[Any] | tuple[Any, ...] | dict[Any, Any] | set[Any]

_SCALARS = (bool, int, float, complex, str, type(None))
# What Python writes and reads as a literal: longer numbers it refuses, deeper nesting its parser.
_MOST_DIGITS = 4300
_MOST_BITS = int(_MOST_DIGITS * 3.3219)
DEEPEST = 100
_NAMES: dict[str, Scalar] = {
    "nan": float("nan"),
    "inf": float("inf"),
    "nanj": complex(0, float("nan")),
    "infj": complex(0, float("inf")),
}

# What parsing a literal raises for what is none; a TypeError for a list as a dictionary's key.
_NO_LITERAL = (SyntaxError, MemoryError, RecursionError, TypeError)

# A string literal (to be left alone), or a number as only Python 2 wrote it: 10L, 0777.
_PYTHON2_NUMBER = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?)"""
    r"""|(?<![\w.])(?:(?P<octal>0[0-7]+)|(?P<number>0[xX][0-9a-fA-F]+|\d+))(?P<long>[lL]?)(?![\w.])"""
)


def plain(value: Any, key: str = "value") -> Plain:
    """Return ``value`` as plain Python, so that any database or text file can hold it.

    NumPy scalars, 0-d arrays and 0-d tensors become Python scalars, masked ones NaN; subclasses of
    the plain types (``numpy.float64``, an ``IntEnum``) become the type itself; mappings, lists and
    tuples are normalised through and through.

    Parameters
    ----------
    value
        Anything.
    key
        What the error calls the value: its dotted key.

    Raises
    ------
    NotStorableError
        If the value, or something inside it, is an array, a tensor or another object, has more
        digits than Python writes, or is nested deeper than it reads.
    """
    return _plain(value, key, 0)


def _plain(value: Any, key: str, depth: int) -> Plain:
    kind = type(value)
    if kind in _SCALARS:
        if kind is int and value.bit_length() > _MOST_BITS:
            raise NotStorableError(
                f"{key!r} is an integer of more than {_MOST_DIGITS} digits: store str(x) in a file"
            )
        return value  # type: ignore[no-any-return]
    if depth > DEEPEST:
        raise NotStorableError(f"{key[:100]!r}... is nested more than {DEEPEST} deep")
    if isinstance(value, Mapping):
        return {
            _plain_key(k, key): _plain(v, f"{key}.{k}" if key else str(k), depth + 1)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_plain(item, f"{key}[{i}]", depth + 1) for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return tuple(_plain(item, f"{key}[{i}]", depth + 1) for i, item in enumerate(value))
    if isinstance(value, set | frozenset):
        return {_plain_key(item, key) for item in value}
    kinds: tuple[type[Any], ...] = (str, bool, int, float, complex)
    for scalar in kinds:
        if isinstance(value, scalar):  # numpy.float64, numpy.str_, enumerations
            return _plain(scalar(value), key, depth)
    # NumPy and PyTorch, recognised by what they offer, so that neither has to be imported.
    if callable(getattr(value, "item", None)) and getattr(value, "shape", None) == ():
        if getattr(value, "mask", None) is not None and value.mask:
            return math.nan  # what lies under the mask is no result
        item = value.item()
        if type(item) in _SCALARS:
            return _plain(item, key, depth)
    shape = getattr(value, "shape", None)
    what = f"{kind.__module__}.{kind.__qualname__}"
    if shape is not None:
        raise NotStorableError(
            f"{key!r} is an array ({what} of shape {tuple(shape)}), which a database cannot hold: "
            "save it to a file in the job's directory, or make it numbers (float(x), x.tolist())"
        )
    raise NotStorableError(
        f"{key!r} is a {what}, which a database cannot hold: "
        "use numbers, strings, booleans, None, and lists, tuples or dictionaries of those"
    )


def _plain_key(key: Any, where: str) -> Scalar:
    """Return a mapping's key as plain Python; a number or a string."""
    value = plain(key, f"a key of {where}")
    if isinstance(value, _SCALARS):
        return value
    raise NotStorableError(f"{where!r} has the key {key!r}; keys are strings or numbers")


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


def format_literal(value: Plain) -> str:
    """Return the Python literal of a plain value, which `parse_literal` reads back equal.

    A set's items are sorted: in ``repr`` their order changes from one process to the next.
    """
    text = repr(value)
    return text if "{" not in text else _sorted_literal(value)


def _sorted_literal(value: Any) -> str:
    if isinstance(value, set) and value:
        return f"{{{', '.join(map(repr, in_order(value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {_sorted_literal(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_sorted_literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_sorted_literal, value))}{',' * (len(value) == 1)})"
    return repr(value)


def in_order(items: set[Any]) -> list[Any]:
    """Return a set's items in an order that depends on nothing else: numbers, text, the rest."""

    def place(item: Any) -> tuple[int, Any, str]:
        if isinstance(item, int | float):
            return (0, item, repr(item)) if item == item else (1, 0, "")  # NaN
        return (2, item, "") if isinstance(item, str) else (3, repr(item), "")

    return sorted(items, key=place)


def parse_literal(text: str) -> Any:
    """Return the value of a Python literal, without evaluating anything.

    Beyond ``ast.literal_eval`` it reads ``nan`` and ``inf``, at any depth, and what Python 2 wrote:
    ``10L``, ``0777``, ``u'x'``, ``set([1, 2])``.

    Raises
    ------
    ValueError
        If the text is not a literal.
    """
    text = text.strip()
    if "\0" in text:  # to Python 3.11.2 this is no SyntaxError
        raise ValueError(f"not a literal: {text!r:.200}")
    try:
        return _literal(ast.parse(text, mode="eval").body)
    except _NO_LITERAL:
        pass
    try:
        return _literal(ast.parse(_PYTHON2_NUMBER.sub(_python3_number, text), mode="eval").body)
    except _NO_LITERAL:
        raise ValueError(f"not a literal{_beyond(text)}: {text!r:.200}") from None


def _beyond(text: str) -> str:
    """Return which limit a text goes beyond that is no literal for Python, if it does."""
    if re.search(rf"\d{{{_MOST_DIGITS + 1}}}", text):
        return f" (a number has at most {_MOST_DIGITS} digits)"
    depth = deepest = 0
    for bracket in re.findall(r"[\[({})\]]", text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(depth, deepest)
    return f" (it is nested more than {DEEPEST} deep)" if deepest > DEEPEST else ""


def _python3_number(match: re.Match[str]) -> str:
    if match["string"] is not None:
        return match[0]
    if match["octal"] is not None:
        return f"0o{match['octal'][1:]}"
    return match["number"]


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bytes() as data):
            return data.decode("utf-8")
        case ast.Constant(value=int() as value) if value.bit_length() > _MOST_BITS:
            raise ValueError(f"not a literal (a number has at most {_MOST_DIGITS} digits)")
        case ast.Constant(value=value) if value is not Ellipsis:
            return value
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.List(elts=items):
            return [_literal(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_literal(item) for item in items)
        case ast.Set(elts=items):
            return {_literal(item) for item in items}
        case ast.Call(func=ast.Name(id="set"), args=[ast.List(elts=items)], keywords=[]):
            return {_literal(item) for item in items}
        case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
            return set()
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_literal(k): _literal(v) for k, v in zip(keys, values, strict=True) if k}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _literal(operand)
            if isinstance(number, int | float):
                return -number if isinstance(sign, ast.USub) else +number
            if isinstance(number, complex):
                return _complex(node)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return _complex(node)
    raise ValueError(f"not a literal: {ast.unparse(node):.200}")


def _complex(node: ast.expr) -> complex:
    """Return the complex number that an expression is the literal of; arithmetic would lose -0."""
    text = ast.unparse(node)
    try:
        return complex(text.replace(" ", ""))
    except ValueError:
        raise ValueError(f"not a literal: {text:.200}") from None
