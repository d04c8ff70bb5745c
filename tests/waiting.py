"""Waiting for things to happen, and finding processes."""

__all__ = ["descendants", "until"]

import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PAUSE_SECONDS = 0.05


def until(
    condition: Callable[[], Any], timeout: float = 60, show: Callable[[], object] | None = None
) -> Any:
    """Wait until a function returns something true, and return that.

    Parameters
    ----------
    condition
        Asked again and again. Where it stands in the test is what a failure shows.
    timeout
        Seconds after which the test fails.
    show
        Called then for more to show, such as a log.
    """
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > deadline:
            more = f"\n{show()}" if show else ""
            raise AssertionError(f"{timeout} s were not enough for {_text(condition)}{more}")
        time.sleep(_PAUSE_SECONDS)
    return found


def _text(condition: Callable[[], Any]) -> str:
    """Return the source of a condition, with the values that it uses of where it was written."""
    try:
        text = inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
    used = inspect.getclosurevars(condition).nonlocals
    values = ", ".join(f"{name} = {value!r}" for name, value in used.items())
    return f"{text}\n{values}" if values else text


def descendants(pid: int) -> list[int]:
    """Return a process and all that descend from it, parents first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found
