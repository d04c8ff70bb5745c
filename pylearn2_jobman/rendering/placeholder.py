"""One place-holder of a template: its name, its value, and how its letter wants that written."""

__all__ = ["PATTERN", "PlaceHolder", "Verbatim", "look_up"]

import re
import warnings
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.errors import RenderWarning, suggest
from pylearn2_jobman.rendering import flow
from pylearn2_jobman.values import format_literal

# What Python's % operator reads, whole or broken off.
PATTERN = re.compile(
    r"%(?:\((?P<name>[^()]*)\))?(?P<flags>[#0\- +]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?"
    r"[hlL]?(?P<letter>[diouxXeEfFgGcrsa%])?"
)


_WIDEST = 1000


class Verbatim(str):
    """Text that is YAML already."""

    __slots__ = ()


def look_up(match: re.Match[str], values: dict[Any, Any]) -> tuple[Any, Any]:
    """Return the hyper-parameter that a place-holder uses (None for ``%%``), and its value.

    Raises
    ------
    LookupError
        If the place-holder is malformed, or there is no such hyper-parameter.
    """
    shown, name = match[0], match["name"]
    if shown == "%%":
        return None, "%"
    if any(int(match[group] or 0) > _WIDEST for group in ("width", "precision")):
        raise LookupError(f"{shown!r:.60} wants more than {_WIDEST} characters")
    if match["letter"] in (None, "%") or name is None:
        raise LookupError(
            f"a malformed place-holder {shown!r}: they look like %(name)s or %(name).3f, "
            "and a percent sign is written %%"
        )
    if name in values:
        return name, values[name]
    root, *path = name.split(".")
    value: Any = values
    for part in (root, *path):
        if not isinstance(value, dict) or part not in value:
            there = ", ".join(sorted(map(str, values))) or "none at all"
            near = suggest(name, map(str, values))
            raise LookupError(f"there is no hyper-parameter {name!r}{near} (there are: {there})")
        value = value[part]
    return root, value


@dataclass(frozen=True)
class PlaceHolder:
    """A place-holder and its value.

    Attributes
    ----------
    match
        Of `PATTERN` in the template.
    root
        The hyper-parameter that it uses; None for ``%%``.
    value
        The plain value to write.
    """

    match: re.Match[str]
    root: Any
    value: Any

    def whole(self) -> Any:
        """Return the value as the letter wants it, or `Verbatim` text, for a scalar of its own.

        Raises
        ------
        ValueError
            If the value is not of the kind that the letter wants.
        """
        value, letter, precision = self.value, self.match["letter"], self.match["precision"]
        if letter in "rsa%":
            return value if precision is None else self.text()
        number = self._number()
        if letter == "i" or (letter in "du" and precision is not None):
            return self._integer()
        if letter in "xXo":
            integer = self._integer()
            base = "0" if letter == "o" else "0x"
            return Verbatim(f"{'-' if integer < 0 else ''}{base}{format(abs(integer), letter)}")
        if letter == "c":
            return self._formatted("%c", self._integer())
        if precision is not None and abs(number) < float("inf"):
            return Verbatim(self._formatted(f"%.{precision or 0}{letter}", number))
        if letter in "fFeE" and not isinstance(value, bool) and _is_exact_float(number):
            return float(number)
        return number

    def text(self) -> str:
        """Return the value as a piece of a longer text; precision, width and flags as in Python.

        Raises
        ------
        ValueError
            If the value is not of the kind that the letter wants.
        """
        letter, flags = self.match["letter"], self.match["flags"]
        width, precision = int(self.match["width"] or 0), self.match["precision"]
        value = self.value
        if letter == "%":
            return "%"
        if letter not in "rsa":
            value = self._number()
        if letter in "ixXoc" or (precision is not None and letter in "du"):
            value = self._integer()
        if (
            precision is not None
            or letter in "ixXoc"
            or (letter in "du" and isinstance(value, int))
        ):
            dot = "" if precision is None else f".{precision}"
            return self._formatted(f"%{flags}{width or ''}{dot}{letter}", value)
        if letter == "r":
            text = format_literal(value)
        elif letter == "a":
            text = format_literal(value).encode("ascii", "backslashreplace").decode()
        elif letter in "fFeE" and not isinstance(value, bool) and _is_exact_float(value):
            text = str(float(value))
        else:
            writes = flow.flow if isinstance(value, dict) else format_literal
            text = value if isinstance(value, str) else writes(value)
        if letter not in "rsa" and "+" in flags and not text.startswith("-"):
            text = f"+{text}"
        if "-" in flags:
            return text.ljust(width)
        return text.zfill(width) if "0" in flags and letter not in "rsa" else text.rjust(width)

    def _formatted(self, conversion: str, value: Any) -> str:
        try:
            return conversion % (value,)
        except (OverflowError, ValueError) as error:
            raise ValueError(f"{self.match[0]} cannot write {self.root}: {error}") from None

    def _number(self) -> int | float:
        if isinstance(self.value, int | float):
            return self.value
        value = self.value
        described = "None" if value is None else f"the {type(value).__name__} {value!r:.60}"
        raise ValueError(
            f"{self.match[0]} wants a number, and {self.root} is {described} "
            "(%(name)s takes a value of any kind)"
        )

    def _integer(self) -> int:
        number = self._number()
        try:
            integer = int(number)
        except (OverflowError, ValueError):
            message = f"{self.match[0]} makes an integer, and {self.root} is {number}"
            raise ValueError(message) from None
        if integer != number:
            warnings.warn(
                f"{self.match[0]} makes {number!r} the integer {integer}; "
                f"%({self.match['name']})s keeps the value",
                RenderWarning,
                stacklevel=2,
            )
        return integer


def _is_exact_float(value: int | float) -> bool:
    """Return whether a number can be a float without losing digits."""
    try:
        return bool(float(value) == value or value != value)
    except OverflowError:
        return False
