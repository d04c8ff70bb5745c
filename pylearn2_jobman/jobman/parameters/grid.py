"""``{{a,b}}`` in a text: several values, of which each job has one.

``{{1..10}}`` and ``{{0..1..0.25}}`` are ranges, both ends included; ``{{a,b}}@1`` goes together
with every other ``{{c,d}}@1``. ``sweep`` makes jobs of all this.
"""

__all__ = ["MOST_JOBS", "Grid", "expand_grid", "pieces", "split_values", "too_many"]

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pylearn2_jobman.errors import UsageError

_CLOSING = {"(": ")", "[": "]", "{": "}"}
MOST_JOBS = 100_000
_LABEL = re.compile(r"@(\d+)(?![\w.@])")
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_TO = r"\s*\.\.\s*"
_RANGE = re.compile(rf"({_NUMBER}){_TO}({_NUMBER})(?:{_TO}(?P<step>{_NUMBER}))?")


@dataclass(frozen=True)
class Grid:
    """One ``{{...}}``: its values, and the label by which it goes together with others."""

    values: list[str]
    label: str | None = None


def too_many(jobs: int) -> UsageError:
    """Return the error for a sweep of more jobs than one may have."""
    return UsageError(
        f"the grid has {f'{jobs:,}' if jobs < 10**100 else 'far too many'} jobs; "
        f"{MOST_JOBS:,} are the most: schedule it in parts"
    )


def expand_grid(arguments: Sequence[str]) -> list[list[str]]:
    """Return the argument lists that a grid stood for in LISA's jobman: no ranges, no labels.

    The last place varies fastest.

    >>> expand_grid(["lr={{0.1,0.01}}", "nhid={{50,100}}"])
    [['lr=0.1', 'nhid=50'], ['lr=0.1', 'nhid=100'], ['lr=0.01', 'nhid=50'], ['lr=0.01', 'nhid=100']]

    A comma inside brackets or quotes does not separate: ``{{(1,2),(3,4)}}`` has two values. Spaces
    around a value do not count. Without any ``{{}}`` there is one list: the arguments themselves.

    Raises
    ------
    UsageError
        If a ``{{`` is never closed, or the grid has more than 100,000 jobs.
    """
    pieces = [_pieces(argument) for argument in arguments]
    jobs = math.prod(len(values) for argument in pieces for values in argument)
    if jobs > MOST_JOBS:
        raise too_many(jobs)
    alternatives = [list(map("".join, itertools.product(*each))) for each in pieces]
    return [list(line) for line in itertools.product(*alternatives)]


def pieces(text: str, visible: str | None = None) -> list[str | Grid]:
    """Return the parts of a text: what stands for itself, and every ``{{...}}``.

    Parameters
    ----------
    text
        The text.
    visible
        The same with what is to be left alone blanked out, as `conf.blanked` does.

    Raises
    ------
    UsageError
        If a ``{{`` is never closed, a range is none, or nothing stands behind a comma.
    """
    visible = text if visible is None else visible
    found: list[str | Grid] = []
    start = 0
    while (opening := visible.find("{{", start)) >= 0:
        values, rest = _segment(text[opening + 2 :], text)
        if "" in values[1:]:
            raise UsageError(
                f"{text!r:.200}: nothing stands behind a comma of {{{{...}}}}: leave the comma "
                "out, or put the empty value, if one is meant, first: {{,a,b}}"
            )
        label = _LABEL.match(rest)
        every = [value for each in values for value in _ranged(each, text)]
        found += [text[start:opening], Grid(every, label[1] if label else None)]
        start = len(text) - len(rest) + (label.end() if label else 0)
    return [*found, text[start:]]


def _ranged(value: str, text: str) -> list[str]:
    """Return the numbers that ``1..10`` or ``0..1..0.25`` stands for; any other value itself."""
    match = _RANGE.fullmatch(value)
    if match is None:
        return [value]
    numbers = [part for part in match.groups() if part is not None]
    whole = all(re.fullmatch(r"[+-]?\d+", number) for number in numbers)
    try:
        if any(re.match(r"[+-]?0\d", number) for number in numbers):
            raise UsageError("a range's numbers begin with no 0")
        if not whole and match["step"] is None:
            raise UsageError(f"numbers that are not whole need a step: {value}..0.1")
        first, last, step = Decimal(match[1]), Decimal(match[2]), Decimal(match["step"] or 1)
        step = abs(step) if last >= first else -abs(step)
        count = int((last - first) // step) + 1
        if count > MOST_JOBS:
            raise UsageError(f"a range has at most {MOST_JOBS:,} numbers")
        every = [first + number * step for number in range(count)]
        return [str(int(number)) if whole else repr(float(number)) for number in every]
    except ArithmeticError:
        raise UsageError(f"{text!r:.200}: {value} is no range") from None
    except UsageError as error:
        raise UsageError(f"{text!r:.200}: {error}") from None


def _pieces(argument: str) -> list[list[str]]:
    """Return the parts of an argument, each with the values that it takes."""
    pieces: list[list[str]] = []
    rest = argument
    while "{{" in rest:
        before, _, inside = rest.partition("{{")
        values, rest = _segment(inside, argument)
        pieces += [[before], values]
    pieces.append([rest])
    return pieces


def _segment(text: str, argument: str) -> tuple[list[str], str]:
    """Split ``text``, which follows a ``{{``, into the values and what comes after the ``}}``."""
    found = _split(text, "}}")
    if found is not None:
        return found
    if "}}" in text:  # unbalanced brackets inside: take the text as it stands
        inside, _, rest = text.partition("}}")
        return [value.strip() for value in inside.split(",")], rest
    raise UsageError(f"{argument!r} opens {{{{ and never closes it with }}}}")


def split_values(text: str) -> list[str]:
    """Return what stands between the commas of a text that are not in brackets or quotes.

    >>> split_values("tanh, (1, 2), 'a,b'")
    ['tanh', '(1, 2)', "'a,b'"]
    """
    found = _split(text, "")
    return [value.strip() for value in text.split(",")] if found is None else found[0]


def _split(text: str, end: str) -> tuple[list[str], str] | None:
    """Split a text at its commas; return the values before ``end``, and what comes after it.

    None if there is no such end outside of brackets and quotes.
    """
    values: list[str] = []
    start = 0
    open_brackets: list[str] = []
    quote = ""
    i = 0
    while i < len(text):
        char = text[i]
        if quote:
            if char == "\\":
                i += 1
            elif char == quote:
                quote = ""
        elif char in "'\"" and _closes(text, i):
            quote = char
        elif open_brackets and char == open_brackets[-1]:
            open_brackets.pop()
        elif end and not open_brackets and text.startswith(end, i):
            values.append(text[start:i].strip())
            return values, text[i + len(end) :]
        elif char in _CLOSING and _CLOSING[char] in text[i:]:
            open_brackets.append(_CLOSING[char])
        elif char == "," and not open_brackets:
            values.append(text[start:i].strip())
            start = i + 1
        i += 1
    if end or open_brackets:
        return None
    return [*values, text[start:].strip()], ""


def _closes(text: str, i: int) -> bool:
    """Return whether the quote at ``i`` has a partner before the segment ends."""
    partner = text.find(text[i], i + 1)
    return partner >= 0 and (i == 0 or not text[i - 1].isalnum() or text[i - 1] in "uUbBrR")
