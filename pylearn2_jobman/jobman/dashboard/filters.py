"""The filters above the columns, as conditions of the query language."""

__all__ = ["NO_JOBS", "all_of", "condition", "equals"]

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.keys import CLAIMED, CREATED, HEARTBEAT, STATUS
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal, parse_literal

_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>|=)\s*(.*)", re.DOTALL)
_TIMES = (CREATED, CLAIMED, HEARTBEAT)
NO_JOBS = "jobman.id < 0"
"""The condition that no job meets."""


def condition(key: str, typed: str, *, number: bool) -> str | None:
    """Return the condition that a column's filter stands for; None: none.

    ``< 0.1``, ``>= 5``, ``!= relu`` and ``0.1..0.5`` are comparisons; a number above a column of
    numbers is that number; anything else is a part of the text, small letters or large. Of a
    status a part of its name is enough.

    Parameters
    ----------
    key
        The column.
    typed
        The text in its filter.
    number
        Whether its values are numbers.

    Raises
    ------
    UsageError
        If no value of such a key can be meant: a comparison of a number or a time with something
        else, a part of no status.
    """
    typed = typed.strip()
    if not typed:
        return None
    if key == STATUS:
        return _of_status(typed)
    quoted = _quoted(key)
    low, dots, high = (part.strip() for part in typed.partition(".."))
    if dots and _is_number(low) and _is_number(high):
        return f"{quoted} >= {low} and {quoted} <= {high}"
    match = _COMPARISON.fullmatch(typed)
    if match and not match[2]:  # only its beginning has been typed
        return None
    if match and (match[1] in ("=", "==", "!=") or key in _TIMES or _is_number(match[2])):
        return f"{quoted} {match[1]} {_value(key, match[2])}"
    if match and number:
        raise UsageError(f"{match[2]!r} is not a number")
    if number and _is_number(typed):
        return f"{quoted} = {typed}"
    pattern = re.sub(r"([\\%_])", r"\\\1", typed)
    return f"{quoted} like {format_literal(f'%{pattern}%')}"


def _of_status(typed: str) -> str:
    """Return the condition for the statuses of which a part of the name is given."""
    found = [status.name for status in Status if typed.upper() in status.name]
    if not found:
        names = ", ".join(status.name for status in Status)
        raise UsageError(f"{typed!r} is part of no status: {names}")
    return f"{STATUS} in ({', '.join(found)})"


def equals(key: str, value: Any) -> str:
    """Return the condition for the jobs with a value of a key; None: without one."""
    quoted = _quoted(key)
    if value is None:
        return f"({quoted} is null or {quoted} = None)"
    if isinstance(value, Status):
        return f"{key} = {value.name}"
    return f"{quoted} = {format_literal(value)}"


def all_of(conditions: Iterable[str | None]) -> str | None:
    """Return the condition for the jobs that meet all of these; None: every job."""
    given = [one for one in conditions if one and one.strip()]
    if len(given) == 1:
        return given[0]
    return " and ".join(f"({one})" for one in given) or None


def _quoted(key: str) -> str:
    """Return a key as the language has it: in quotes only where it would be taken for more."""
    return key if re.fullmatch(r"\w+(\.\w+)+", key) else format_literal(key)


def _value(key: str, text: str) -> str:
    if key in _TIMES and text != "None":
        try:
            return format_literal(str(datetime.fromisoformat(text)))
        except ValueError:
            raise UsageError(f"{text!r} is not a time such as 2026-05-01 12:00") from None
    try:
        return format_literal(parse_literal(text))
    except ValueError:
        return format_literal(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
