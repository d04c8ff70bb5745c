"""Values, times and jobs as text on the page."""

__all__ = ["format_age", "format_time", "format_value", "job_label"]

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pylearn2_jobman.jobman.formatting import duration, shorten
from pylearn2_jobman.jobman.query.keys import short_names
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

_WIDEST = 200
_LAST_MOMENT = 253_402_300_800.0 - 86_400  # in the year 9999; a state may hold any number


def format_value(key: str, value: Any) -> str:
    """Return a value as one line of a table: six digits of a float, a time as a time."""
    if value is None:
        return ""
    if isinstance(value, Status):
        return value.name
    if isinstance(value, datetime):
        return format_time(value.timestamp())
    if isinstance(value, float):
        if key.startswith("jobman.") and key.endswith("_time") and 0 <= value < _LAST_MOMENT:
            return duration(value) if key.endswith("run_time") else format_time(value)
        return f"{value:.6g}"
    return shorten(value if isinstance(value, str) else format_literal(value), _WIDEST)


def format_time(seconds: float) -> str:
    """Return a time, in seconds since 1970, by this machine's clock."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def format_age(instant: datetime | None) -> str:
    """Return how long ago something was: ``12.3 s ago``."""
    if instant is None:
        return "never"
    return f"{duration(max(0.0, (datetime.now(UTC) - instant).total_seconds()))} ago"


def job_label(values: Mapping[str, Any]) -> str:
    """Return hyper-parameters of a job in short: ``nhid=50 lr=0.1``."""
    names = short_names(values)
    return " ".join(
        f"{name}={shorten(format_value(key, value), 24)}"
        for name, (key, value) in zip(names, values.items(), strict=True)
        if value is not None
    )
