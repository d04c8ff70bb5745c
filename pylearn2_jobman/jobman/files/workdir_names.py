"""Fresh working directories for ``jobman cmdline``: named by date, or numbered."""

__all__ = ["date", "make_fresh", "numbered"]

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError


def date(state: Any) -> str:
    """Return ``jobman_<date>_<time>_<unique>``, for example ``jobman_20240301_123005_08214711``.

    The state's ``workdir_prefix`` stands in place of ``jobman``, in `numbered` too; it may hold
    directories.
    """
    now = time.time()
    fraction, chance = int(now % 1 * 10_000), random.randrange(10_000)  # noqa: S311 - a name
    moment = time.strftime("%Y%m%d_%H%M%S", time.localtime(now))
    return f"{_prefix(state)}_{moment}_{fraction:04}{chance:04}"


def numbered(state: Any) -> str:
    """Return ``jobman<number>``, one more than the largest number that there is."""
    prefix = _prefix(state)
    directory, _, beginning = prefix.rpartition("/")  # which may end in one: runs/1, runs/2
    pattern = re.compile(re.escape(beginning) + r"([0-9]+)")
    found = [pattern.fullmatch(path.name) for path in Path(directory).glob("*")]
    return f"{prefix}{max((int(match[1]) for match in found if match), default=0) + 1}"


def make_fresh(name: str, state: Any) -> Path:
    """Make a working directory, named by the function that ``--workdir-gen`` names, and return it.

    Parameters
    ----------
    name
        A function of this module, whose directories are always new ones; or the dotted name of
        another one, which may name a directory that is there.
    state
        What that function gets.

    Raises
    ------
    UsageError
        If there is none of that name here.
    NameResolutionError
        If the dotted name leads nowhere.
    OSError
        If the directory cannot be made.
    """
    own: dict[str, Callable[[Any], str]] = {"date": date, "numbered": numbered}
    if name not in own:
        path = Path(_function(name, own)(state))
        path.mkdir(parents=True, exist_ok=True)
        return path
    while True:
        path = Path(own[name](state))
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir()
        except FileExistsError:  # another process was quicker
            continue
        return path


def _function(name: str, own: dict[str, Callable[[Any], str]]) -> Callable[[Any], str]:
    if "." not in name:
        raise UsageError(
            f"no way {name!r} to name working directories; there are {', '.join(own)}, "
            "or give module.function"
        )
    from pylearn2_jobman.naming import names

    found: Callable[[Any], str] = names.resolve(name)
    return found


def _prefix(state: Any) -> str:
    return str(state.get("workdir_prefix", "jobman"))
