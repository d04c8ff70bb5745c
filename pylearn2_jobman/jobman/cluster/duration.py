"""Times as batch systems write them."""

__all__ = ["format_duration", "parse_duration"]

import re

from pylearn2_jobman.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> float:
    """Return seconds from a time as Slurm writes it, or a number with a unit.

    Slurm's are ``minutes``, ``minutes:seconds``, ``hours:minutes:seconds``, ``days-hours``,
    ``days-hours:minutes`` and ``days-hours:minutes:seconds``; the units are s, m, h and d.

    Raises
    ------
    UsageError
        If it is none of these.

    >>> [parse_duration(text) for text in ("90", "1:30:00", "2-12", "12h")]
    [5400.0, 5400.0, 216000.0, 43200.0]
    """
    if match := re.fullmatch(r"(\d+)([smhd])", text.strip().lower()):
        return float(int(match[1]) * _UNITS[match[2]])
    match = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a time; one looks like 4:00:00, 2-12:00:00, 90m or 12h")
    days, *rest = match.groups()
    numbers = [int(part) for part in rest if part is not None]
    if days is None and len(numbers) < 3:
        numbers.insert(0, 0)  # no hours
    hours, minutes, seconds = numbers + [0] * (3 - len(numbers))
    return float(((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds)


def format_duration(seconds: float) -> str:
    """Return a time as Slurm and people read it.

    >>> format_duration(90061)
    '1-01:01:01'
    """
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{days}-{hour:02d}:{minute:02d}:{second:02d}"
