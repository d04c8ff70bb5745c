"""Dotted names: from ``'package.module.thing'`` to the object, and which names are allowed.

An experiment names the functions and classes it is made of, and importing them runs code. Where
people who may not run code on the workers can write to the job table, set ``JOBMAN_ALLOW`` to the
names that a job may use, as shell patterns::

    JOBMAN_ALLOW='pylearn2.*,mylab.*' jobman sql ...

Everything else is then refused by name, here and inside pickles. An allowed name does not smuggle
in a forbidden one: ``pylearn2.train.os.system`` is ``os.system`` and is judged as that.
"""

__all__ = ["Unpickler", "allowed", "check_allowed", "resolve"]

import importlib
import os
import pickle
import pkgutil
import sys
import warnings
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

from pylearn2_jobman.errors import (
    NameNotAllowedError,
    NameResolutionError,
    OldNameWarning,
    suggest,
)
from pylearn2_jobman.naming import former, renames

_MOST_PARTS = 50

# Python 2's names: .conf files say __builtin__.open(...), its pickles say copy_reg.
_PYTHON2_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}

# The halves under the names that people use and that they would write into JOBMAN_ALLOW.
_CANONICAL_PREFIXES = {
    "pylearn2_jobman.pylearn2.": "pylearn2.",
    "pylearn2_jobman.jobman.": "jobman.",
}

# The bridge itself only does what the names that a job gives allow.
_ALWAYS_ALLOWED = frozenset(
    f"{module}.{function}"
    for module in ("pylearn2_jobman.experiment", "pylearn2.scripts.jobman.experiment")
    for function in ("train_experiment", "results_extractor")
)

# What pickles of plain data, arrays and random states are made of; none of it runs a caller's code.
_ALWAYS_UNPICKLED = frozenset(
    {
        "_codecs.encode",
        "builtins.bytearray",
        "builtins.complex",
        "builtins.frozenset",
        "builtins.object",
        "builtins.set",
        "builtins.slice",
        "collections.OrderedDict",
        "copyreg._reconstructor",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
        "numpy._core.numeric._frombuffer",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy.core.numeric._frombuffer",
        "numpy.dtype",
        "numpy.ndarray",
        "numpy.random._mt19937.MT19937",
        "numpy.random._pickle.__bit_generator_ctor",
        "numpy.random._pickle.__randomstate_ctor",
    }
)


def resolve(name: str) -> Any:
    """Import and return the object that a dotted name stands for.

    A name that moved in pylearn2's history gives the object at its new home and one warning.

    Parameters
    ----------
    name
        ``'package.module.thing'``, to any depth: modules, classes and their attributes.

    Raises
    ------
    NameResolutionError
        If no module, or no attribute of it, has that name; the message says which part failed.
    NameNotAllowedError
        If ``JOBMAN_ALLOW`` is set and does not allow it.
    Exception
        Whatever importing the module raises is left as it is, with a note.
    """
    name = name.strip()
    first, dot, rest = name.partition(".")
    name = _PYTHON2_MODULES.get(first, first) + dot + rest
    check_allowed(name)
    if name.count(".") > _MOST_PARTS:
        raise NameResolutionError(f"{name[:60]!r}... has more than {_MOST_PARTS} parts")
    if not all(part.isidentifier() for part in name.split(".")):
        raise NameResolutionError(f"{name!r} is not a dotted name like 'package.module.function'")
    if (instead := renames.why_gone(name)) is not None:
        raise NameResolutionError(f"{name!r} is gone from pylearn2: {instead}")
    if (moved := renames.new_home(name)) is not None:
        new, note = moved
        note = f" ({note})" if note else ""
        # The default filter shows each text once.
        warnings.warn(f"{name} is now called {new}{note}", OldNameWarning, stacklevel=2)
        name = new
    return _find(name)


def allowed(name: str) -> bool:
    """Return whether ``JOBMAN_ALLOW`` lets a job use this name (always, while it is not set)."""
    patterns = _patterns()
    if patterns is None:
        return True
    spellings = [_canonical(known) for known in (name, former.former_name(name)) if known]
    return any(
        known in _ALWAYS_ALLOWED
        or any(fnmatchcase(known, p) or p == f"{known}.*" for p in patterns)
        for known in spellings
    )


def _canonical(name: str) -> str:
    """Return a name of one of the halves as people write it."""
    for prefix, canonical in _CANONICAL_PREFIXES.items():
        if name.startswith(prefix):
            return canonical + name.removeprefix(prefix)
    return name


def check_allowed(name: str, asked_for: str | None = None) -> None:
    """Refuse a name that ``JOBMAN_ALLOW`` does not allow.

    Raises
    ------
    NameNotAllowedError
        Naming it, the name it was asked for by, and what is allowed.
    """
    if not allowed(name):
        route = f" (asked for as {asked_for!r})" if asked_for not in (None, name) else ""
        raise NameNotAllowedError(
            f"{name!r}{route} is not allowed here: JOBMAN_ALLOW permits only "
            f"{', '.join(_patterns() or ()) or 'nothing'}"
        )


class Unpickler(pickle.Unpickler):
    """An unpickler that imports only what ``JOBMAN_ALLOW`` allows, and finds moved classes."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class or function that the pickle names."""
        full = f"{_PYTHON2_MODULES.get(module, module)}.{name}"
        if full in _ALWAYS_UNPICKLED or (_patterns() is None and not renames.new_home(full)):
            return super().find_class(module, name)
        return resolve(full)


def _patterns() -> list[str] | None:
    text = os.environ.get("JOBMAN_ALLOW")
    if text is None:
        return None
    return [_canonical(pattern.strip()) for pattern in text.split(",") if pattern.strip()]


def _find(name: str) -> Any:
    parts = name.split(".")
    module, depth = _import_longest(name, parts)
    found: Any = module
    restricted = _patterns() is not None
    for i, part in enumerate(parts[depth:], start=depth):
        if restricted:
            _check_step(found, part, name)
        try:
            found = getattr(found, part)
        except AttributeError:
            raise NameResolutionError(_missing_attribute(name, parts, i, found)) from None
    if restricted:
        _check_object(found, name)
    return found


def _import_longest(name: str, parts: list[str]) -> tuple[ModuleType, int]:
    """Import the longest prefix of ``parts`` that is a module; return it and its length."""
    # The last part is most often a class or function, so start one short of the whole.
    depth = max(len(parts) - 1, 1)
    while True:
        prefix = ".".join(parts[:depth])
        try:
            module = importlib.import_module(prefix)
            break
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if not (prefix == missing or prefix.startswith(f"{missing}.")):
                error.add_note(f"while importing {prefix!r} for the name {name!r}")
                raise
            # Either that part is an attribute (a class, for example), or it does not exist.
            depth = missing.count(".")
            if depth == 0:
                raise NameResolutionError(_missing_module(name, parts[0])) from None
        except BaseException as error:
            error.add_note(f"while importing {prefix!r} for the name {name!r}")
            raise
    if depth == len(parts) - 1 and not hasattr(module, parts[-1]):
        whole = ".".join(parts)
        try:  # the whole name may be a module that nothing has imported yet
            return importlib.import_module(whole), len(parts)
        except ModuleNotFoundError as error:
            if error.name != whole:
                raise
    return module, depth


def _missing_module(name: str, first: str) -> str:
    near = suggest(first, (module.name for module in pkgutil.iter_modules()))
    where = Path(sys.path[0]).absolute() if sys.path else Path.cwd()
    return (
        f"cannot import {name!r}: there is no module {first!r} in {where} "
        f"or the other {max(len(sys.path) - 1, 0)} places where Python looks{near}"
    )


def _missing_attribute(name: str, parts: list[str], i: int, found: Any) -> str:
    if isinstance(found, ModuleType) and _is_of_our_learning_half(name):
        return _missing_word(name)
    where = ".".join(parts[:i])
    choices = [choice for choice in dir(found) if not choice.startswith("_")]
    if isinstance(found, ModuleType):
        paths = getattr(found, "__path__", None)
        if paths is not None:
            choices += [module.name for module in pkgutil.iter_modules(paths)]
        what = "the package" if paths is not None else "the module"
    else:
        what = "the class" if isinstance(found, type) else "the object"
    return (
        f"cannot import {name!r}: {what} {where!r} has no {parts[i]!r}{suggest(parts[i], choices)}"
    )


def _is_of_our_learning_half(name: str) -> bool:
    if name.startswith("pylearn2_jobman.pylearn2."):
        return True
    top = sys.modules.get("pylearn2")
    return name.startswith("pylearn2.") and getattr(top, "__name__", "") != "pylearn2"


def _missing_word(name: str) -> str:
    """Return what to say of a name that the real pylearn2 may have and ours does not."""
    from pylearn2_jobman.naming import vocabulary

    try:
        near = vocabulary.nearest(name)
    except ImportError:  # no PyTorch: nothing can be named at all
        near = []
    nearest = f"; the nearest that it has: {', '.join(near)}" if near else ""
    return (
        f"cannot import {name!r}: the pylearn2 of pylearn2_jobman has no such name{nearest} "
        "(`jobman vocabulary` prints all). If the real pylearn2 has it: where `import pylearn2` "
        "finds the real one (its checkout and Theano in PYTHONPATH), its classes are used instead"
    )


def _check_step(found: Any, part: str, name: str) -> None:
    """Refuse, under JOBMAN_ALLOW, what would lead from an allowed object to anything at all."""
    if part.startswith("__"):
        raise NameNotAllowedError(f"{name!r} is not allowed here: {part!r} is a special attribute")
    if isinstance(found, ModuleType):
        check_allowed(f"{found.__name__}.{part}", asked_for=name)


def _check_object(found: Any, name: str) -> None:
    if isinstance(found, ModuleType):
        check_allowed(found.__name__, asked_for=name)
    elif callable(found):
        home = getattr(found, "__module__", None) or type(found).__module__
        check_allowed(f"{home}.{getattr(found, '__qualname__', type(found).__qualname__)}", name)
