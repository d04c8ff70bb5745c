"""Values as a person reads them: on one line, not too long, in the units of daily life."""

__all__ = ["duration", "plural", "shorten", "shorten_error"]

import re
from typing import Any

from pylearn2_jobman.values import format_literal

_SUGGESTION = re.compile(r"; did you mean '.*?'\?")


def shorten(value: Any, width: int = 40) -> str:
    """Return a value on one line of at most ``width`` characters."""
    text = value if isinstance(value, str) else format_literal(value)
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 3] + "..."


def shorten_error(text: str, width: int) -> str:
    """Return an error on one line, cut behind ``width`` characters and behind what it suggests."""
    line = " ".join(text.split())
    found = _SUGGESTION.search(line)
    return shorten(line, max(width, found.end() + 3 if found else 0))


def plural(number: int, noun: str) -> str:
    """Return a noun as it stands behind a number: ``job`` behind 1, otherwise ``jobs``."""
    return noun if number == 1 else f"{noun}s"


def duration(seconds: float) -> str:
    """Return a time as a person writes it: ``4.2 s``, ``3 min 20 s``, ``2 h 05 min``.

    >>> duration(200)
    '3 min 20 s'
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:02.0f} min"
