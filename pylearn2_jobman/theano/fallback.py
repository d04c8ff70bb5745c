"""Names that are PyTensor's own, under Theano's modules; and the modules below these."""

__all__ = ["fallback"]

import importlib.util
from collections.abc import Callable
from typing import Any

from pylearn2_jobman.naming.theano_modules import THEANO_MODULES


def fallback(module: str, *others: str) -> Callable[[str], Any]:
    """Return a module's ``__getattr__``: modules below it, and names of modules of PyTensor's.

    Parameters
    ----------
    module
        The module's name.
    others
        Names of the modules to look into, in this order.
    """
    theanos = module.removeprefix("pylearn2_jobman.")

    def find(name: str) -> Any:
        if not name.startswith("__"):
            below = f"{module}.{name}"
            if below in THEANO_MODULES:
                return importlib.import_module(THEANO_MODULES[below])
            for other in others:
                found = getattr(importlib.import_module(other), name, None)
                if found is not None:
                    return found
            if importlib.util.find_spec(below) is not None:
                return importlib.import_module(below)
        raise AttributeError(f"module {theanos!r} has no attribute {name!r}", name=name)

    return find
