"""Names for the working directories of ``jobman cmdline``: by date, or numbered."""

__all__ = ["date", "generator", "numbered"]

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError


def date(state: Any) -> str:
    """Return ``<experiment>/<date and time>``, for example ``mylab.train/2024-03-01.12:30:05``."""
    return f"{state.jobman.experiment}/{time.strftime('%Y-%m-%d.%H:%M:%S')}"


def numbered(state: Any) -> str:
    """Return ``<experiment>/<number>``, the first number that is free in the present directory."""
    parent = Path(state.jobman.experiment)
    taken = [int(p.name) for p in parent.glob("*") if p.name.isdecimal()] if parent.exists() else []
    return f"{parent}/{max(taken, default=-1) + 1}"


def generator(name: str) -> Callable[[Any], str]:
    """Return the function that ``--workdir-gen`` names: one of this module, or a dotted name.

    Raises
    ------
    UsageError
        If there is none of that name here.
    NameResolutionError
        If the dotted name leads nowhere.
    """
    own = {"date": date, "numbered": numbered}
    if name in own:
        return own[name]
    if "." not in name:
        raise UsageError(
            f"no way {name!r} to name working directories; there are {', '.join(own)}, "
            "or give module.function"
        )
    from pylearn2_jobman.naming import names

    found: Callable[[Any], str] = names.resolve(name)
    return found
