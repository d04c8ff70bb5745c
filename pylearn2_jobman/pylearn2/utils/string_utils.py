"""Environment variables in texts: ``${PYLEARN2_DATA_PATH}/train.npy``."""

__all__ = ["preprocess", "problems", "substitute"]

import os
import re
from collections.abc import Mapping

from pylearn2_jobman.fence.allow import variable_allowed

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
        If a variable is not set or not given to jobs, or a ``${`` is not closed.
    """
    if "${" in _VARIABLE.sub("", string):
        raise ValueError(f"there is a ${{ without its }} in {string!r}")
    return os.path.expanduser(substitute(string, environ or {}))  # noqa: PTH111 - not only a path


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """Return a text with every ``${VAR}`` replaced; raise ValueError for one that cannot be."""
    for problem in problems(text, environ):
        raise ValueError(f"{problem}, in {text!r}")
    return _VARIABLE.sub(lambda match: {**os.environ, **environ}[match[1]], text)


def problems(text: str, environ: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the variables in a text."""
    names = [name for name in _VARIABLE.findall(text) if name not in environ]
    return [problem for name in names if (problem := _problem(name)) is not None]


def _problem(name: str) -> str | None:
    if not variable_allowed(name):
        return (
            f"the environment variable {name} is not given to jobs here: "
            "JOBMAN_ALLOW_VARIABLES names those that are"
        )
    return None if name in os.environ else f"the environment variable {name} is not set"
