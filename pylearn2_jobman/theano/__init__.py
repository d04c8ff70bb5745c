"""Theano's names on PyTensor: what the real pylearn2 and people's own Theano code import.

``import theano`` gives this room wherever no real Theano can be imported. Its modules are named as
Theano's were; those that only a few names were taken from are served by their neighbours
(``naming/theano_modules.py``). A name that is not defined here is PyTensor's own, looked up there:
here stands what PyTensor lacks, or means otherwise. Nothing of PyTensor, NumPy or another library
is changed. Neither half imports this room; of the rest, it uses the random streams of
``pylearn2.utils.rng``. No pylearn2 belongs here.
"""

__all__ = ["versions"]

from importlib.util import find_spec
from typing import Any

from pylearn2_jobman.naming.backend import HOW_TO_CHECK_OUT, HOW_TO_INSTALL

if find_spec("pytensor") is None:
    raise ModuleNotFoundError(
        "No module named 'theano': what imports it is written in Theano (2008 to 2017), which runs "
        f"on PyTensor here: {HOW_TO_INSTALL} brings that. The pylearn2 for it: {HOW_TO_CHECK_OUT}",
        name="theano",
    )

# It reads the flags with which PyTensor is imported: before all others.
from pylearn2_jobman.theano.configparser import config, pytensor

# isort: split
from pylearn2_jobman.theano import (
    compat,
    compile,
    configparser,
    gof,
    gradient,
    ifelse,
    printing,
    sandbox,
    scalar,
    scan_module,
    sparse,
    tensor,
)
from pylearn2_jobman.theano.compile import (
    In,
    Mode,
    OpFromGraph,
    Out,
    Param,
    SharedVariable,
    function,
    shared,
)
from pylearn2_jobman.theano.gof import Apply, Constant, Op, Type, Variable, generic
from pylearn2_jobman.theano.gradient import Lop, Rop, grad, subgraph_grad
from pylearn2_jobman.theano.printing import pp, pprint
from pylearn2_jobman.theano.scan_module import foldl, foldr, map, reduce, scan
from pylearn2_jobman.theano.tensor import add, as_symbolic, dot

# The Theano whose meaning this is.
__version__ = "0.8.2"
version = type("version", (), {"version": __version__})


def _asarray(a: Any, dtype: Any, order: Any = None) -> Any:
    """Return an array of a type, ``'floatX'`` among them."""
    import numpy as np

    return np.asarray(a, dtype=config.floatX if dtype == "floatX" else dtype, order=order)


def sparse_grad(var: Any) -> Any:
    """Return the subtensor itself: its gradient is dense here."""
    return var


def versions() -> dict[str, str]:
    """Return what a result depends on: PyTensor's version, the compiler, the float type."""
    return {
        "pytensor": str(pytensor.__version__),
        "compiler": compile.compiler(),
        "floatX": str(config.floatX),
    }
