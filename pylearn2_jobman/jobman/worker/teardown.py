"""What the C libraries of a process do at its very end, when that is of no use."""

__all__ = ["leave_out"]

import ctypes
import sys
from importlib.machinery import ExtensionFileLoader

# Whose compiled modules have nothing to write or to close at the end of a process.
_HARMLESS = frozenset({"numpy", "scipy", "torch", "yaml"}) | sys.stdlib_module_names


def leave_out() -> bool:
    """Let a process end without what the C libraries that are loaded by now would do last.

    PyTorch takes its operators apart, one by one: more than half of the processor time of a job's
    end. Before that the process ends as ever: threads are waited for, ``atexit`` functions run,
    objects are finalized, and libraries that are loaded later are asked first. What C has buffered
    is written.

    Returns
    -------
    bool
        Whether it does: PyTorch is loaded, no other compiled module that might have something to
        write or to close, and the C library, GNU's, can be told.
    """
    compiled = {
        name.partition(".")[0]
        for name, module in list(sys.modules.items())
        if isinstance(
            getattr(getattr(module, "__spec__", None), "loader", None), ExtensionFileLoader
        )
    }
    if "torch" not in sys.modules or not compiled <= _HARMLESS:
        return False
    c = ctypes.CDLL(None)
    if not (hasattr(c, "on_exit") and hasattr(c, "__cxa_atexit")):
        return False
    # The last one that is registered is called first: fflush(NULL), then _exit(status).
    return not (c.on_exit(c._exit, None) or c.__cxa_atexit(c.fflush, None, None))
