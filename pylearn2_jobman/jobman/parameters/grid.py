"""``{{a,b}}`` in an argument: one job for every value, and the cross product of all of them."""

__all__ = ["expand_grid", "split_values", "varying"]

import itertools
import math
from collections.abc import Sequence

from pylearn2_jobman.errors import UsageError

_CLOSING = {"(": ")", "[": "]", "{": "}"}
MOST_JOBS = 100_000


def expand_grid(arguments: Sequence[str]) -> list[list[str]]:
    """Return the argument lists that a grid stands for; the last place varies fastest.

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
        raise UsageError(
            f"the grid has {f'{jobs:,}' if jobs < 10**100 else 'far too many'} jobs; "
            f"{MOST_JOBS:,} are the most: schedule it in parts"
        )
    alternatives = [list(map("".join, itertools.product(*each))) for each in pieces]
    return [list(line) for line in itertools.product(*alternatives)]


def varying(arguments: Sequence[str]) -> list[int]:
    """Return the positions of the arguments that take several values."""
    return [
        i
        for i, argument in enumerate(arguments)
        if any(len(values) > 1 for values in _pieces(argument))
    ]


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
