"""Dotted names: from ``'package.module.thing'`` to the object, and which names are allowed.

An experiment names the functions and classes it is made of, and importing them runs code. Where
people who may not run code on the workers can write to the job table, set ``JOBMAN_ALLOW`` to the
names that a job may use::

    JOBMAN_ALLOW='pylearn2.*,mylab.*' jobman sql ...

Everything else is then refused by name. ``pylearn2.*`` stands for an explicit list
(`pylearn2_jobman.fence.listed`), ``mylab.*`` for what the modules of ``mylab`` have in their
``__all__``, and a name without a pattern for itself. Nothing is reached through any of these: a
name is that of a module and of one thing in it, and no module is a thing.
"""

__all__ = ["find", "method", "offered", "resolve"]

import importlib
import importlib.util
import pkgutil
import sys
import warnings
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from pylearn2_jobman.errors import (
    NameNotAllowedError,
    NameResolutionError,
    OldNameWarning,
    suggest,
)
from pylearn2_jobman.fence.allow import AllowList, allow_list, public_name, python3_name
from pylearn2_jobman.fence.listed import ALWAYS, LISTED, NOT_LISTED, STAND_INS, Mark, Use
from pylearn2_jobman.naming import absence, backend, former, renames

_MOST_PARTS = 50
_HALVES = ("pylearn2.", "jobman.")


def resolve(name: str, use: Use | None = None) -> Any:
    """Import and return the object that a dotted name stands for, if a job may use it.

    A name that moved in pylearn2's history gives the object at its new home and one warning.

    Parameters
    ----------
    name
        ``'package.module.thing'``. Without ``JOBMAN_ALLOW`` to any depth: modules, classes and
        their attributes.
    use
        What is wanted of it, where a job asks.

    Raises
    ------
    NameResolutionError
        If no module, or no attribute of it, has that name; the message says which part failed.
    NameNotAllowedError
        If ``JOBMAN_ALLOW`` is set and does not allow it.
    Exception
        Whatever importing the module raises is left as it is, with a note.
    """
    name = python3_name(name.strip())
    allowed = allow_list()
    return find(name) if allowed is None else offered(name, allowed, use)[0]


def find(name: str) -> Any:
    """Return what a name stands for, whatever the list says; see `resolve`."""
    if name.count(".") > _MOST_PARTS:
        raise NameResolutionError(f"{name[:60]!r}... has more than {_MOST_PARTS} parts")
    if not _is_dotted(name):
        raise NameResolutionError(f"{name!r} is not a dotted name like 'package.module.function'")
    return _walk(_moved(name))


def offered(
    name: str, allowed: AllowList, use: Use | None, inside: frozenset[str] = frozenset()
) -> tuple[Any, Mark]:
    """Return what a name stands for, if a list allows it for a use, and its mark.

    Parameters
    ----------
    inside
        More names of the learning half that are as good as listed.

    Raises
    ------
    NameNotAllowedError
        Naming it, the reason, and what is allowed.
    """
    if not _is_dotted(name):
        raise NameNotAllowedError("what is no dotted name is not allowed here")
    home = _home(name)
    if home in ALWAYS:
        return _listed(name, home, ALWAYS[home], use)
    spellings = {public_name(name), home, public_name(former.former_name(_full(home)) or home)}
    by_name = allowed.names(spellings)
    if not by_name and not allowed.matches(spellings):
        raise _refusal(name, f"JOBMAN_ALLOW permits only {allowed}")
    if name.startswith("pylearn2.") and _is_the_real_one():
        if not by_name:
            raise _refusal(
                name,
                "`import pylearn2` gives the real pylearn2 here, whose functions can run anything: "
                "no pattern stands for its names, give them one by one",
            )
    elif home in LISTED or home in inside:
        return _listed(name, home, LISTED.get(home, Mark()), use)
    elif home.startswith((*_HALVES, "pylearn2_jobman.")):
        if not by_name:
            _moved(home)  # it may say what to write instead
            half = home.split(".")[0]
            why = f": {NOT_LISTED[home]}" if home in NOT_LISTED else suggest(home, LISTED)
            raise _refusal(name, f"it is not on the list that {half}.* stands for{why}")
        name = _full(home)
    return _of_module(name, by_name), Mark(uses=frozenset(Use))


def method(owner: Any, name: str) -> Any:
    """Return the method of an object that a job names; None if it may not call one of that name.

    With a list, these are the public methods of the object's own classes, not those of PyTorch.
    """
    if allow_list() is None:
        return getattr(owner, name, None)
    if not isinstance(name, str) or name.startswith("_"):
        return None
    for cls in type(owner).__mro__:
        if name in vars(cls):
            own = isinstance(vars(cls)[name], FunctionType) and not cls.__module__.startswith(
                "torch."
            )
            return getattr(owner, name) if own else None
    return None


def _listed(name: str, home: str, mark: Mark, use: Use | None) -> tuple[Any, Mark]:
    if use is not None and use not in mark.uses:
        raise _refusal(name, f"it is not listed for {use.value}")
    _moved(public_name(name))  # for its warning
    module, _, thing = STAND_INS.get(home, _full(home)).rpartition(".")
    return vars(importlib.import_module(module))[thing], mark


def _of_module(name: str, by_name: bool) -> Any:
    """Return what a module of somebody's own offers under a name that is allowed."""
    path, _, thing = name.rpartition(".")
    if not path or any(part.startswith("__") for part in name.split(".")):
        raise _refusal(name, "a name is that of a module and of one thing in it")
    _check_importable(name, path, by_name)
    try:
        module = importlib.import_module(path)
    except BaseException as error:
        error.add_note(f"while importing {path!r} for the name {name!r}")
        raise
    if module.__name__ != path:
        raise _refusal(name, f"{path!r} is really {module.__name__!r}")
    offers: Any = getattr(module, "__all__", ())
    if not by_name and not offers:
        raise _refusal(name, _no_all(path))
    if not by_name and thing not in offers:
        raise _refusal(
            name, f"it is not in the __all__ of {path!r}{suggest(thing, map(str, offers))}"
        )
    try:
        found = getattr(module, thing)
    except AttributeError:
        raise NameResolutionError(_missing_attribute(name, name.split("."), -1, module)) from None
    if isinstance(found, ModuleType):
        raise _refusal(name, "it is a module, and no module is handed out")
    return found


def _check_importable(name: str, path: str, by_name: bool) -> None:
    """Check, before anything of it is run, that a module is one that offers something.

    A package may have scripts, which do at once what they are for.
    """
    parts = path.split(".")
    for i, part in enumerate(parts):
        prefix = ".".join(parts[: i + 1])
        if prefix in sys.modules:
            continue
        above = sys.modules.get(".".join(parts[:i]))
        if above is not None and not hasattr(above, "__path__"):
            raise _refusal(name, f"{above.__name__!r} is no package: nothing is reached through it")
        spec = importlib.util.find_spec(prefix)  # imports the packages above
        if spec is None and i == 0:
            raise _missing_module(name, part)
        if spec is None:
            package = sys.modules[".".join(parts[:i])]
            if hasattr(package, part):
                raise _refusal(name, f"{prefix!r} is no module: nothing is reached through it")
            raise NameResolutionError(_missing_attribute(name, parts, i, package))
        if spec.submodule_search_locations is not None:
            continue
        if i + 1 < len(parts):
            raise _refusal(name, f"{prefix!r} is no package: nothing is reached through it")
        source = getattr(spec.loader, "get_source", lambda _: None)(prefix)
        if not by_name and source is not None and "__all__" not in source:
            raise _refusal(name, _no_all(path))


def _no_all(path: str) -> str:
    return f"{path!r} has no __all__, which would say what it offers to jobs"


def _refusal(name: str, reason: str) -> NameNotAllowedError:
    return NameNotAllowedError(f"{name!r} is not allowed here: {reason}")


def _home(name: str) -> str:
    """Return the present name of something, as people write it."""
    moved = renames.new_home(public_name(name))
    module, _, thing = _full(moved[0] if moved else name).rpartition(".")
    return public_name(f"{former.present_module(module) or module}.{thing}")


def _full(name: str) -> str:
    """Return a name of one of the halves with the package in which it is."""
    return f"pylearn2_jobman.{name}" if name.startswith(_HALVES) else name


def _is_the_real_one() -> bool:
    """Return whether ``import pylearn2`` gives another package than ours."""
    return importlib.import_module("pylearn2").__name__ == "pylearn2"


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _moved(name: str) -> str:
    """Return the name that another one has today, with a warning if that is not the same."""
    if (instead := renames.why_gone(name)) is not None:
        raise NameResolutionError(f"{name!r} is gone from pylearn2: {instead}")
    moved = renames.new_home(name)
    if moved is None:
        return name
    new, note = moved
    note = f" ({note})" if note else ""
    # The default filter shows each text once.
    warnings.warn(f"{name} is now called {new}{note}", OldNameWarning, stacklevel=4)
    return new


def _walk(name: str) -> Any:
    parts = name.split(".")
    module, depth = _import_longest(name, parts)
    found: Any = module
    for i, part in enumerate(parts[depth:], start=depth):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise NameResolutionError(_missing_attribute(name, parts, i, found)) from None
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
                raise _missing_module(name, parts[0]) from None
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


def _missing_module(name: str, first: str) -> NameResolutionError:
    near = suggest(first, absence.packages_here())
    where = Path(sys.path[0]).absolute() if sys.path else Path.cwd()
    error = NameResolutionError(
        f"cannot import {name!r}: there is no module {first!r} in {where} "
        f"or the other {max(len(sys.path) - 1, 0)} places where Python looks{near}"
    )
    error.name = first
    return error


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
        "(`jobman vocabulary` prints all). If the real pylearn2 has it, its own classes can be "
        f"used (PYLEARN2_BACKEND=theano), on PyTensor ({backend.HOW_TO_INSTALL}); "
        f"{backend.HOW_TO_CHECK_OUT}"
    )
