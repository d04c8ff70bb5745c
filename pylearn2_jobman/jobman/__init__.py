"""The scheduler half: job states, the job table, workers and the ``jobman`` command.

Like the original's, it gives its old modules, ``DD``, ``make`` and the other tools for states by
``import jobman`` alone: ``jobman.api0.open_db(url)``, ``from jobman import DD``.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "DD", "api0", "channel", "defaults_merge", "expand", "flatten", "make", "parse", "resolve",
    "run_cmdline", "sql", "tools",
]  # fmt: skip

_MODULES = {"api0", "channel", "parse", "sql", "tools"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name == "run_cmdline":
        return import_module(f"{__name__}.cli").main
    return getattr(import_module(f"{__name__}.tools"), name)
