"""Random values: ``uniform``, ``loguniform``, ``randint``, ``normal`` and ``choice``.

``key ~ loguniform(1e-4, 1)`` in a parameter draws the key's value. A draw depends on the seed, the
key and the draw's number alone: on no other key, no platform, no version of Python. Names and
arguments mean what they mean in ``scipy.stats``, where there is such a name.
"""

__all__ = [
    "Choice",
    "Distribution",
    "LogUniform",
    "Normal",
    "RandInt",
    "Uniform",
    "is_distribution",
    "parse_distribution",
]

import hashlib
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Context, Decimal
from typing import Any

from pylearn2_jobman.errors import JobmanError, UsageError, suggest
from pylearn2_jobman.jobman.parameters.grid import split_values
from pylearn2_jobman.jobman.parameters.words import Word
from pylearn2_jobman.values import format_literal, parse_literal

_BITS = 256
# Logarithms of a platform's own differ in the last digit; those of decimal numbers do not.
_EXACT = Context(prec=50)


class SciPyMeaningWarning(UserWarning):
    """A distribution's arguments mean what they mean in SciPy, which is perhaps not meant."""


@dataclass(frozen=True)
class Uniform:
    """``uniform(loc=0, scale=1)``: numbers from ``loc`` to ``loc + scale``, as in SciPy.

    ``uniform(low=a, high=b)`` are those from a to b.
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        _check(self, self.low < self.high, "low < high is to hold (scale > 0)")

    def draw(self, seed: int, key: str, number: int) -> float:
        """Return a key's draw of a number, from 0 on."""
        return float(_between(Decimal(self.low), Decimal(self.high), seed, number, key))

    def __str__(self) -> str:
        return f"uniform(low={self.low!r}, high={self.high!r})"


@dataclass(frozen=True)
class LogUniform:
    """``loguniform(a, b)``: numbers from a to b whose logarithms are uniform, as in SciPy."""

    a: float
    b: float

    def __post_init__(self) -> None:
        _check(self, 0 < self.a < self.b, "0 < a < b is to hold")

    def draw(self, seed: int, key: str, number: int) -> float:
        """Return a key's draw of a number, from 0 on."""
        low, high = (_EXACT.ln(Decimal(bound)) for bound in (self.a, self.b))
        return float(_EXACT.exp(_between(low, high, seed, number, key)))

    def __str__(self) -> str:
        return f"loguniform({self.a!r}, {self.b!r})"


@dataclass(frozen=True)
class Normal:
    """``normal(loc=0, scale=1)``: normal numbers of this mean and standard deviation.

    In SciPy that is ``norm``, in NumPy ``normal``.
    """

    loc: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _check(self, self.scale > 0, "scale is to be greater than 0")

    def draw(self, seed: int, key: str, number: int) -> float:
        """Return a key's draw of a number, from 0 on (by Marsaglia's polar method)."""
        attempt, square = 0, Decimal(2)
        while not 0 < square < 1:
            x, y = (
                _between(Decimal(-1), Decimal(1), seed, number, attempt, axis, key) for axis in "xy"
            )
            square = _EXACT.fma(x, x, _EXACT.multiply(y, y))
            attempt += 1
        ratio = _EXACT.divide(_EXACT.multiply(Decimal(-2), _EXACT.ln(square)), square)
        deviate = _EXACT.multiply(x, _EXACT.sqrt(ratio))
        return float(_EXACT.fma(deviate, Decimal(self.scale), Decimal(self.loc)))

    def __str__(self) -> str:
        return f"normal({self.loc!r}, {self.scale!r})"


@dataclass(frozen=True)
class RandInt:
    """``randint(low, high)``: whole numbers from low to high - 1, as in SciPy and NumPy."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _check(self, self.low < self.high, "low < high is to hold; high itself is never drawn")

    def draw(self, seed: int, key: str, number: int) -> int:
        """Return a key's draw of a number, from 0 on."""
        return self.low + _below(self.high - self.low, seed, number, key)

    def __str__(self) -> str:
        return f"randint({self.low}, {self.high})"


@dataclass(frozen=True)
class Choice:
    """``choice(a, b, ...)`` or ``choice([a, b, ...])``: one of these values, all alike.

    A value is a Python literal, or else the text itself, as behind ``key=``.
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise UsageError("choice() has nothing to choose from")

    def draw(self, seed: int, key: str, number: int) -> Any:
        """Return a key's draw of a number, from 0 on."""
        return self.values[_below(len(self.values), seed, number, key)]

    def __str__(self) -> str:
        listed = ", ".join(_written(value) for value in self.values)
        return f"choice({listed})" if len(self.values) > 1 else f"choice([{listed}])"


Distribution = Uniform | LogUniform | Normal | RandInt | Choice

_CALL = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*\((?P<inside>.*)\)\s*", re.DOTALL)
_KEYWORD = re.compile(r"([^\W\d]\w*)\s*=(?!=)\s*(.*)", re.DOTALL)


def is_distribution(text: str) -> bool:
    """Return whether a text looks like a distribution, ``uniform(0, 1)``."""
    match = _CALL.fullmatch(text)
    return match is not None and match["name"] in _NAMES


def parse_distribution(text: str) -> Distribution:
    """Return the distribution that a text like ``loguniform(1e-4, 1)`` is.

    ``str()`` of a distribution is such a text, and reads back equal.

    Raises
    ------
    UsageError
        If there is none of that name, or its arguments are wrong.

    Warns
    -----
    SciPyMeaningWarning
        For ``uniform(a, b)`` with an ``a`` other than 0, which to many is the interval from a to b.
    """
    match = _CALL.fullmatch(text)
    name = match["name"] if match else text.strip().partition("(")[0]
    if name not in _NAMES:
        raise UsageError(
            f"there is no distribution {text.strip()!r:.80}{suggest(name, _NAMES)} "
            f"(there are {', '.join(_SIGNATURES)})"
        )
    if match is None:
        raise UsageError(f"{text.strip()!r:.80} is to be {_NAMES[name][0]}")
    try:
        return _NAMES[name][1](_arguments(match["inside"]))
    except (JobmanError, OverflowError) as error:
        raise UsageError(f"{text.strip()!r:.80} is not {_NAMES[name][0]}: {error}") from None


def _choice(arguments: Sequence[str]) -> Choice:
    if named := _keywords(arguments):
        raise UsageError(f"it has no argument {next(iter(named))!r} (quote a text with = in it)")
    if len(arguments) == 1 and arguments[0][:1] + arguments[0][-1:] in ("[]", "()"):
        arguments = _arguments(arguments[0][1:-1])  # one list of them
    if "" in arguments:
        raise UsageError("a value is empty; for the empty text write ''")
    return Choice(tuple(map(_value, arguments)))


def _uniform(arguments: Sequence[str]) -> Uniform:
    if {"low", "high"} & _keywords(arguments).keys():
        return Uniform(*_floats(arguments, ["low", "high"]))
    loc, scale = _floats(arguments, ["loc", "scale"], (0.0, 1.0))
    high = float(Decimal(repr(loc)) + Decimal(repr(scale)))
    if loc and len(arguments) == 2 and not _keywords(arguments):
        a, b = arguments
        warnings.warn(
            f"uniform({a}, {b}) goes from {loc:g} to {high:g}, as in SciPy; "
            f"from {a} to {b} is uniform(low={a}, high={b})",
            SciPyMeaningWarning,
            stacklevel=2,
        )
    return Uniform(loc, high)


def _loguniform(arguments: Sequence[str]) -> LogUniform:
    return LogUniform(*_floats(arguments, ["a", "b"]))


def _normal(arguments: Sequence[str]) -> Normal:
    return Normal(*_floats(arguments, ["loc", "scale"], (0.0, 1.0)))


def _randint(arguments: Sequence[str]) -> RandInt:
    low, high = _numbers(arguments, ["low", "high"])
    if not low % 1 == high % 1 == 0:
        raise UsageError("both are whole numbers")
    return RandInt(int(low), int(high))


_SIGNATURES: dict[str, Callable[[Sequence[str]], Distribution]] = {
    "uniform(loc, scale)": _uniform,
    "loguniform(a, b)": _loguniform,
    "randint(low, high)": _randint,
    "normal(loc, scale)": _normal,
    "choice(a, b, ...)": _choice,
}
_NAMES = {signature.partition("(")[0]: (signature, make) for signature, make in _SIGNATURES.items()}


def _floats(
    arguments: Sequence[str], names: Sequence[str], defaults: Sequence[float] = ()
) -> list[float]:
    return [float(number) for number in _numbers(arguments, names, defaults)]


def _numbers(
    arguments: Sequence[str], names: Sequence[str], defaults: Sequence[float] = ()
) -> list[int | float]:
    """Return the arguments of a distribution as numbers, by place or by name."""
    given: dict[str, int | float] = dict(zip(names, defaults, strict=False))
    seen: set[str] = set()
    for place, argument in enumerate(arguments):
        keyword = _KEYWORD.fullmatch(argument)
        name = keyword[1] if keyword else names[place] if place < len(names) else None
        if name is None:
            raise UsageError(f"it has {len(names)} arguments at most")
        if name not in names or name in seen:
            twice = "is given twice" if name in seen else f"is none of {', '.join(names)}"
            raise UsageError(f"the argument {name!r} {twice}")
        seen.add(name)
        value = _value(keyword[2] if keyword else argument)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{name} is to be a number, not {value!r:.40}")
        given[name] = value
    if missing := [name for name in names if name not in given]:
        raise UsageError(f"{' and '.join(missing)} missing")
    return [given[name] for name in names]


def _arguments(text: str) -> list[str]:
    """Return what stands between the commas; the last one may be followed by nothing."""
    arguments = split_values(text)
    return arguments if arguments[-1] else arguments[:-1]


def _keywords(arguments: Sequence[str]) -> Mapping[str, str]:
    found = (_KEYWORD.fullmatch(argument) for argument in arguments)
    return {match[1]: match[2] for match in found if match}


def _value(text: str) -> Any:
    try:
        return parse_literal(text)
    except ValueError:
        return Word(text)


def _written(value: Any) -> str:
    return str(value) if type(value) is Word else format_literal(value)


def _check(made: Distribution, holds: bool, rule: str) -> None:
    if not all(math.isfinite(number) for number in astuple(made)):
        raise UsageError("its numbers are finite")
    if not holds:
        raise UsageError(rule)


def _below(count: int, *what: Any) -> int:
    """Return a whole number from 0 to count - 1 that depends on nothing but ``what``."""
    text = "\n".join(map(str, what))
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    return (int.from_bytes(digest, "big") * count) >> _BITS


def _between(low: Decimal, high: Decimal, *what: Any) -> Decimal:
    """Return a number from ``low`` to ``high`` that depends on nothing else but ``what``."""
    fraction = _EXACT.divide(Decimal(_below(1 << _BITS, *what)), Decimal(1 << _BITS))
    return _EXACT.fma(fraction, _EXACT.subtract(high, low), low)
