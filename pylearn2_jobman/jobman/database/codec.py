"""How a value stands in a row of the keyval table: a type letter and four value columns.

The letters are the original's: ``i`` a 64-bit integer, ``f`` a float, ``s`` text, ``b`` the Python
literal of anything else (None, a larger integer, a list, a tuple, a dictionary). A boolean is an
``i``, 1 or 0, as it was in the original's tables, with its literal beside it, which tells it from
an integer.
"""

__all__ = ["EncodedValue", "check_state", "decode", "encode"]

from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.errors import NotStorableError
from pylearn2_jobman.values import Plain, format_literal, parse_literal

EncodedValue = tuple[str, int | None, float | None, str | None, bytes | None]

LONGEST_KEY = 128
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)

# Most literals are one of these; the parser is worth a hundred times the look-up.
_FREQUENT = {b"None": None, b"True": True, b"False": False}


def encode(value: Plain) -> EncodedValue:
    """Return the columns (type, ival, fval, sval, bval) that hold a plain value."""
    kind = type(value)
    if kind is float:
        return ("f", None, value, None, None)  # type: ignore[return-value]
    if kind is str:
        return ("s", None, None, value, None)  # type: ignore[return-value]
    if kind is int and _SMALLEST <= value <= _LARGEST:  # type: ignore[operator]
        return ("i", value, None, None, None)  # type: ignore[return-value]
    if isinstance(value, bool):
        return ("i", int(value), None, None, format_literal(value).encode())
    return ("b", None, None, None, format_literal(value).encode())


def decode(
    letter: str | None,
    ival: int | None,
    fval: float | None,
    sval: str | None,
    bval: bytes | str | None,
) -> Any:
    """Return the value that the columns hold.

    Raises
    ------
    ValueError
        If the type is none of ``i f s b``, the column is empty, or a literal cannot be read.
    """
    # SQLite holds values of any type in any column.
    if letter == "f" and (fval is None or isinstance(fval, float | int)):
        # SQLite stores NaN as NULL.
        return float("nan") if fval is None else fval
    if letter == "s" and isinstance(sval, str):
        return sval
    if letter == "i" and isinstance(ival, int):
        return ival if bval is None else bool(ival)
    if letter == "b" and isinstance(bval, str | bytes):
        literal = bval.encode() if isinstance(bval, str) else bval
        if literal in _FREQUENT:
            return _FREQUENT[literal]
        return parse_literal(literal.decode())
    raise ValueError(f"type {letter!r} with no value of that type")


def check_state(flat: Mapping[str, Plain], *, nul_allowed: bool) -> None:
    """Raise if a flat state cannot be stored and read back equal.

    Parameters
    ----------
    flat
        Dotted keys and plain values.
    nul_allowed
        Whether the database can hold NUL characters in text (PostgreSQL cannot).

    Raises
    ------
    NotStorableError
        Naming the key: longer than 128 characters, empty, beginning with a dot, both a value and a
        prefix of another, or holding text that the database cannot.
    """
    prefixes: set[str] = set()
    for key, value in flat.items():
        if not key or len(key) > LONGEST_KEY:
            raise NotStorableError(
                f"the key {key!r} has {len(key)} characters; a key has 1 to {LONGEST_KEY}"
            )
        if key[0] == ".":
            raise NotStorableError(f"the key {key!r} begins with a dot: its first part is empty")
        prefix = key.rpartition(".")[0]
        while prefix and prefix not in prefixes:
            prefixes.add(prefix)
            prefix = prefix.rpartition(".")[0]
        # Most text by far is ASCII.
        if not key.isascii() or "\0" in key:
            _check_text(key, key, nul_allowed=False)
        if type(value) is str and not (value.isascii() and (nul_allowed or "\0" not in value)):
            _check_text(value, key, nul_allowed=nul_allowed)
    for key in prefixes & flat.keys():
        longer = next(other for other in flat if other.startswith(f"{key}."))
        raise NotStorableError(f"the key {key!r} is both a value and a prefix of {longer!r}")


def _check_text(text: str, key: str, *, nul_allowed: bool) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotStorableError(
            f"{key!r} holds {text[error.start]!r} at position {error.start}, half of a "
            "surrogate pair, which is not text: store repr(x) or a file's name"
        ) from None
    if nul_allowed or "\0" not in text:
        return
    raise NotStorableError(
        f"{key!r} holds a NUL character at position {text.index(chr(0))}, "
        "which no key and no text in PostgreSQL can hold"
    )
