"""The arguments that callables take, and errors in calls by name."""

__all__ = ["argument_problem", "shown", "signature"]

import functools
import inspect
from collections.abc import Callable
from typing import Any

from pylearn2_jobman.errors import suggest


@functools.lru_cache(maxsize=1024)
def signature(target: Callable[..., Any]) -> inspect.Signature | None:
    """Return the parameters of a callable; None if Python cannot find them out."""
    try:
        return inspect.signature(target)
    except (ValueError, TypeError):  # some callables written in C
        return None


def argument_problem(target: Callable[..., Any], name: str, given: list[str]) -> str | None:
    """Return an error message for calling ``target`` with these keywords, or None."""
    try:
        taken = signature(target)
    except TypeError:  # not hashable
        return None
    if taken is None:
        return None
    parameters = taken.parameters.values()
    takes = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    unknown = [] if takes_any else [key for key in given if key not in takes]
    missing = [
        p.name
        for p in parameters
        if p.name in takes and p.default is p.empty and p.name not in given
    ]
    if not unknown and not missing:
        return None
    errors = [f"takes no argument {key!r}{suggest(str(key), takes)}" for key in unknown]
    errors += [f"needs the argument {key!r}" for key in missing]
    listed = ", ".join(shown(p) for p in parameters) or "nothing"
    problem = f"{name} {' and '.join(errors)}"
    return f"{problem}{'' if problem.endswith('?') else '.'} It takes: {listed}"


def shown(parameter: inspect.Parameter) -> str:
    """Return a parameter with its default, without its type."""
    return str(parameter.replace(annotation=inspect.Parameter.empty))
