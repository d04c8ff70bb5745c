"""What was built into Python 2, as the built-in names of a module that was written for it."""

__all__ = ["for_module"]

import builtins
import functools
from pathlib import Path
from typing import Any

from pylearn2_jobman.python2 import division, libraries


def _map(function: Any, *iterables: Any) -> list[Any]:
    return list(zip(*iterables, strict=False) if function is None else map(function, *iterables))


def _zip(*iterables: Any) -> list[Any]:
    return list(zip(*iterables, strict=False))


def _filter(function: Any, iterable: Any) -> Any:
    kept = filter(function, iterable)
    if isinstance(iterable, str):
        return "".join(kept)
    return tuple(kept) if isinstance(iterable, tuple) else list(kept)


def _cmp(a: Any, b: Any) -> int:
    return bool(a > b) - bool(a < b)


def _execfile(path: str, globals: Any = None, locals: Any = None) -> None:
    code = compile(Path(path).read_text(), path, "exec")
    exec(code, {} if globals is None else globals, locals)  # noqa: S102 - that is what it is for


_NAMES: dict[str, Any] = {
    "basestring": str,
    "cmp": _cmp,
    "div": division.div,
    "execfile": _execfile,
    "filter": _filter,
    "idiv": division.idiv,
    "long": int,
    "map": _map,
    "raw_input": input,
    "reduce": functools.reduce,
    "unichr": chr,
    "unicode": str,
    "xrange": range,
    "zip": _zip,
}


@functools.cache
def for_module() -> dict[str, Any]:
    """Return the ``__builtins__`` of modules of Python 2: all of them have this one dictionary.

    Their ``import`` finds the names that libraries had then (see `libraries`).
    """
    return {**vars(builtins), **_NAMES, "__import__": libraries.import_}
