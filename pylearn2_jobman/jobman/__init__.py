"""The scheduler half: job states, the job table, workers and the ``jobman`` command.

Like the original's, it gives ``DD``, ``make`` and the other tools for states by their names alone:
``from jobman import DD``.
"""

from typing import Any

__all__ = ["DD", "defaults_merge", "expand", "flatten", "make", "resolve"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pylearn2_jobman.jobman import tools

    return getattr(tools, name)
