"""``theano.compile``: graphs become functions, and values are shared between these."""

__all__ = ["In", "Mode", "OpFromGraph", "Out", "Param", "SharedVariable", "function", "shared"]

import functools
import importlib.util
import logging
from collections.abc import Iterable, Sequence
from typing import Any

import pytensor
import pytensor.compile.mode
import pytensor.tensor
from pytensor.compile import In, Out, SharedVariable
from pytensor.compile.builders import OpFromGraph

from pylearn2_jobman.theano.configparser import MODES, config
from pylearn2_jobman.theano.fallback import fallback
from pylearn2_jobman.theano.int8 import with_int8
from pylearn2_jobman.theano.quiet import quiet

__getattr__ = fallback(
    __name__,
    "pytensor.compile",
    "pytensor.compile.mode",
    "pytensor.compile.sharedvalue",
    "pytensor.compile.ops",
    "pytensor.compile.debug.nanguardmode",
    "pytensor.compile.debug.profiling",
    "pytensor.compile.debug.monitormode",
)

log = logging.getLogger(__name__)

Param = In
shared = quiet(pytensor.shared)
# Debugging of before: functions to be called on each computation's.
default_make_thunk: list[Any] = []

_LINKERS = {"c": "cvm", "c&py": "vm", "py_nogc": "py"}


class Mode(pytensor.compile.mode.Mode):
    """How to compile: a linker, of Theano's or PyTensor's names, and rewrites of the graph."""

    def __init__(self, linker: Any = None, optimizer: Any = "default", **kwargs: Any) -> None:
        if isinstance(linker, str):
            linker = _LINKERS.get(linker, linker)
        super().__init__(linker, optimizer, **kwargs)


def get_mode(mode: Any = None) -> Any:
    """Return a mode by its name."""
    return pytensor.compile.mode.get_mode(MODES.get(mode, mode) if isinstance(mode, str) else mode)


def get_default_mode() -> Any:
    """Return the mode that ``config.mode`` names."""
    return get_mode(config.mode)


@quiet
def function(
    inputs: Iterable[Any],
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    **kwargs: Any,
) -> Any:
    """Compile a graph.

    Parameters
    ----------
    inputs, outputs
        Variables; the outputs may be plain numbers.
    mode
        A `Mode`, or the name of one of Theano's.
    updates
        Pairs of shared variables and new values, in a list or a dictionary; a pair that stands
        twice counts once.
    givens
        What to put in place of variables.
    kwargs
        As `pytensor.function` takes them.

    Returns
    -------
    pytensor.compile.executor.Function
        Gives arrays for arrays.
    """
    compiler()
    outputs, updates, givens = with_int8(_symbolic(outputs), _pairs(updates), _pairs(givens))
    return pytensor.function(
        list(inputs),
        outputs,
        mode=get_mode(mode) if isinstance(mode, str) else mode,
        updates=updates,
        givens=givens,
        **kwargs,
    )


def _symbolic(outputs: Any) -> Any:
    if isinstance(outputs, int | float):
        return pytensor.tensor.as_tensor_variable(outputs)
    if isinstance(outputs, list | tuple):
        return [_symbolic(output) for output in outputs]
    return outputs


def _pairs(pairs: Any) -> Any:
    if pairs is None:
        return None
    listed: Sequence[Any] = list(pairs.items() if hasattr(pairs, "items") else pairs)
    once: list[Any] = []
    for old, new in listed:
        if not any(old is a and new is b for a, b in once):
            once.append((old, new))
    return once


@functools.cache
def compiler() -> str:
    """Return what compiles here, ``'numba'``, ``'c'`` or ``'python'``; say it the first time."""
    name = _compiler()
    message = "Theano's graphs are compiled by %s; what is compiled is kept in %s"
    log.info(message, name, config.base_compiledir)
    return name


def _compiler() -> str:
    chosen = str(config.linker)
    if str(config.mode) == "FAST_COMPILE" or chosen in ("py", "vm"):
        return "python"
    if str(config.mode) in ("C", "CVM") or chosen in ("c", "cvm", "c|py"):
        return "c"
    if importlib.util.find_spec("numba") is not None:
        return "numba"
    config.linker = "cvm" if config.cxx else "vm"
    if config.cxx:
        return "c"
    log.warning("There is neither Numba nor a C compiler: training takes thirty times as long")
    return "python"
