"""The list of names that a worker's owner gives: ``JOBMAN_ALLOW``."""

__all__ = [
    "VARIABLES",
    "AllowList",
    "allow_list",
    "public_name",
    "python3_name",
    "variable_allowed",
]

import functools
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from pylearn2_jobman.errors import UsageError

VARIABLES = "PYLEARN2_*"
"""The environment variables that ``${VAR}`` gives where ``JOBMAN_ALLOW_VARIABLES`` is not set."""

# Python 2's names: .conf files say __builtin__.open(...), its pickles say copy_reg.
_PYTHON2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}

# The halves, as people write them and would write them into JOBMAN_ALLOW.
_HALVES = {
    "pylearn2_jobman.pylearn2.": "pylearn2.",
    "pylearn2_jobman.jobman.": "jobman.",
    "pylearn2_jobman.theano.": "theano.",
}


@dataclass(frozen=True)
class AllowList:
    """Names, and patterns of names, that jobs may use.

    Attributes
    ----------
    exact
        Names that are given whole.
    patterns
        Names with ``*``, ``?`` or ``[...]`` in them, below a package that is named.
    """

    exact: frozenset[str]
    patterns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the list that names and patterns with commas between stand for.

        Raises
        ------
        UsageError
            If a pattern names no package, or one of Python's own, whose names have to be given one
            by one.
        """
        exact, patterns = set(), []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            entry = public_name(python3_name(entry))
            if not _is_pattern(entry):
                exact.add(entry)
                continue
            package = entry.split(".")[0]
            if "." not in entry or _is_pattern(package):
                raise UsageError(
                    f"JOBMAN_ALLOW: the pattern {entry!r} names no package; write 'mylab.*'"
                )
            if package in sys.stdlib_module_names:
                raise UsageError(
                    f"JOBMAN_ALLOW: the pattern {entry!r} would allow whatever Python can do; give "
                    f"the names of {package!r} that jobs need one by one"
                )
            patterns.append(entry)
        return cls(frozenset(exact), tuple(patterns))

    def names(self, spellings: Iterable[str]) -> bool:
        """Return whether one of the spellings of a name is on the list as it is."""
        return not self.exact.isdisjoint(spellings)

    def matches(self, spellings: Iterable[str]) -> bool:
        """Return whether a pattern of the list stands for one of the spellings of a name."""
        return any(fnmatchcase(name, pattern) for name in spellings for pattern in self.patterns)

    def __str__(self) -> str:
        return ", ".join([*sorted(self.exact), *self.patterns]) or "nothing"


def allow_list() -> AllowList | None:
    """Return the list in ``JOBMAN_ALLOW``; None where there is none, and all is allowed."""
    text = os.environ.get("JOBMAN_ALLOW")
    return None if text is None else _parsed(text)


def variable_allowed(name: str) -> bool:
    """Return whether ``${name}`` may give the value of an environment variable to a job."""
    if allow_list() is None:
        return True
    patterns = os.environ.get("JOBMAN_ALLOW_VARIABLES", VARIABLES).split(",")
    return any(fnmatchcase(name, pattern.strip()) for pattern in patterns)


def python3_name(name: str) -> str:
    """Return a name with Python 2's module in it under the name that this has today."""
    first, dot, rest = name.partition(".")
    return _PYTHON2_MODULES.get(first, first) + dot + rest


def public_name(name: str) -> str:
    """Return a name of one of the halves as people write it."""
    for full, short in _HALVES.items():
        if name.startswith(full):
            return short + name.removeprefix(full)
    return name


_parsed = functools.lru_cache(maxsize=8)(AllowList.parse)


def _is_pattern(text: str) -> bool:
    return any(character in text for character in "*?[")
