"""Which pylearn2 ``import pylearn2`` gives: the real one, on Theano's names, or ours on PyTorch.

The owner of a worker chooses with ``PYLEARN2_BACKEND``, ``theano`` or ``torch``; a job cannot.
Where it is not set, the real pylearn2 is taken if a checkout of it can be imported.
"""

__all__ = ["THEANO", "TORCH", "in_use", "note_switch", "real_pylearn2", "wanted"]

import os
import sys
from pathlib import Path
from types import ModuleType

from pylearn2_jobman.errors import UsageError, suggest

THEANO, TORCH = "theano", "torch"

HOW_TO_INSTALL = "pip install 'pylearn2_jobman[torch,theano]'"
HOW_TO_CHECK_OUT = (
    "the real pylearn2 is not ours to ship: git clone https://github.com/lisa-lab/pylearn2, and "
    "put the directory into PYTHONPATH"
)


def wanted() -> str | None:
    """Return what ``PYLEARN2_BACKEND`` says; None if it is not set.

    Raises
    ------
    UsageError
        If it is neither of the two.
    """
    choice = os.environ.get("PYLEARN2_BACKEND", "").strip().lower() or None
    if choice not in (None, THEANO, TORCH):
        raise UsageError(
            f"PYLEARN2_BACKEND is {choice!r}; it takes {THEANO} or {TORCH}"
            f"{suggest(choice, [THEANO, TORCH])}"
        )
    return choice


def real_pylearn2() -> ModuleType | None:
    """Return the real pylearn2, if ``import pylearn2`` has given that."""
    module = sys.modules.get("pylearn2")
    if module is None or module.__name__ != "pylearn2" or module.__spec__ is None:
        return None
    return module


def in_use() -> dict[str, str]:
    """Return what this process uses, as names and values; {} if it has imported no pylearn2.

    ``backend``; for Theano the versions that results depend on; and where the real pylearn2 is.
    """
    room = sys.modules.get("pylearn2_jobman.theano")
    if (real := real_pylearn2()) is not None:
        place = {"pylearn2": str(Path(real.__file__ or "").parents[1])}
        return {"backend": THEANO, **place, **(room.versions() if room is not None else {})}
    if "pylearn2" in sys.modules:
        return {"backend": TORCH}
    return {} if room is None else {"backend": THEANO, **room.versions()}


def note_switch(error: BaseException) -> None:
    """Say of an error in a class in Theano, among our PyTorch classes, how to change that."""
    if real_pylearn2() is not None or "pylearn2_jobman.theano" not in sys.modules:
        return
    step = error.__traceback__
    while step is not None:
        names = step.tb_frame.f_globals
        own = names.get("__name__", "")
        if not own.startswith(("pylearn2_jobman.", "pytensor.")) and _uses_theano(names):
            made = step.tb_frame.f_locals.get("self")
            what = f"{own}.{type(made).__qualname__}" if made is not None else own
            error.add_note(
                f"{what} is written in Theano, and `import pylearn2` gives the classes on PyTorch, "
                f"which cannot be mixed with it: set PYLEARN2_BACKEND={THEANO}; {HOW_TO_CHECK_OUT}"
            )
            return
        step = step.tb_next


def _uses_theano(names: dict[str, object]) -> bool:
    return any(
        isinstance(value, ModuleType) and value.__name__.startswith("pylearn2_jobman.theano")
        for value in names.values()
    )
