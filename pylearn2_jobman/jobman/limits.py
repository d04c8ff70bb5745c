"""How long a job may take and how often it may fail, as its own keys and options say."""

__all__ = ["RETRIES", "TIME_LIMIT", "JobLimits", "is_like", "seconds"]

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from pylearn2_jobman.errors import UsageError

TIME_LIMIT = "jobman.time_limit"
RETRIES = "jobman.retries"

_LONGEST = 50  # characters
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_TIME = re.compile("".join(rf"(?:(?P<{unit}>\d+(?:\.\d*)?){unit})?" for unit in _UNITS))


def seconds(given: object) -> float:
    """Return the time that a number of seconds, or a text such as ``2h30m``, stands for.

    Raises
    ------
    UsageError
        If it is none, not above 0, or infinite.
    """
    found = math.nan
    if isinstance(given, str) and len(given) < _LONGEST:
        text = "".join(given.split())
        parts = _TIME.fullmatch(text)
        try:
            found = float(text)
        except ValueError:
            if parts is not None and any(parts.groups()):
                found = sum(float(parts[unit] or 0) * size for unit, size in _UNITS.items())
    elif isinstance(given, int | float) and not isinstance(given, bool) and given < math.inf:
        found = float(max(-1, min(given, 10**300)))  # a larger integer is no float
    if not 0 < found < math.inf:
        raise UsageError(
            f"a time is a number of seconds above 0, or like 90m or 2h30m: not {given!r:.60}"
        )
    return found


@dataclass(frozen=True)
class JobLimits:
    """What a job's own keys say; None: nothing.

    Attributes
    ----------
    time_limit_seconds
        How long one attempt may take.
    retries
        How often an error of its experiment, whichever it is, is tried again.
    """

    time_limit_seconds: float | None = None
    retries: int | None = None

    @classmethod
    def read(cls, flat: Mapping[str, Any]) -> Self:
        """Return what a flat state says.

        Raises
        ------
        UsageError
            Naming the key whose value is not understood: to go without a limit is no default.
        """
        limit, retries = flat.get(TIME_LIMIT), flat.get(RETRIES)
        if retries is not None and (type(retries) is not int or retries < 0):
            raise UsageError(f"{RETRIES} is a number of tries, from 0 on: not {retries!r}")
        try:
            return cls(None if limit is None else seconds(limit), retries)
        except UsageError as error:
            raise UsageError(f"{TIME_LIMIT}: {error}") from None


def is_like(error: str, patterns: Iterable[str]) -> bool:
    """Return whether an error is one of those that patterns such as ``'CUDA out of memory*'`` mean.

    A pattern is that of a whole line, with the name of the error before it or without.

    Parameters
    ----------
    error
        The message, or the end of a traceback, whose indented lines are source code.
    patterns
        As in a shell: ``*``, ``?`` and ``[...]`` stand for characters.
    """
    lines = [line for line in error.splitlines() if line and not line.startswith(" ")]
    texts = [*lines, *(line.partition(": ")[2] for line in lines)]
    return any(fnmatchcase(text, pattern) for pattern in patterns for text in texts if text)
