"""Environment variables in texts: ``${PYLEARN2_DATA_PATH}/train.npy``."""

__all__ = ["preprocess", "substitute", "unset"]

import os
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def preprocess(string: str, environ: Mapping[str, str] | None = None) -> str:
    """Return a path with every ``${VAR}`` replaced by its value, and ``~`` by the home directory.

    Parameters
    ----------
    string
        The text.
    environ
        Values that are asked before the environment.

    Raises
    ------
    ValueError
        If a variable is not set, or a ``${`` is not closed.
    """
    if "${" in _VARIABLE.sub("", string):
        raise ValueError(f"there is a ${{ without its }} in {string!r}")
    return os.path.expanduser(substitute(string, environ or {}))  # noqa: PTH111 - not only a path


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """Return a text with every ``${VAR}`` replaced; raise ValueError for one that is not set."""

    def value_of(match: re.Match[str]) -> str:
        for values in (environ, os.environ):
            if match[1] in values:
                return values[match[1]]
        raise ValueError(f"the environment variable {match[1]} is not set, in {text!r}")

    return _VARIABLE.sub(value_of, text)


def unset(text: str, environ: Mapping[str, str]) -> list[str]:
    """Return the names of the variables in a text that are not set."""
    return [name for name in _VARIABLE.findall(text) if name not in {*environ, *os.environ}]
