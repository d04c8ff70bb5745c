"""How many threads the libraries of a job compute with."""

__all__ = ["available_cores", "thread_variables", "threads_used"]

import os
import sys
from collections.abc import Mapping

# The others fall back on it, so that one that is set decides for its library.
_COMMON = "OMP_NUM_THREADS"
_OTHERS = ("MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_variables(threads: int | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set for jobs, which libraries read when they are loaded.

    Without any, libraries take all cores for each job, and wait for each other in busy loops.

    Parameters
    ----------
    threads
        How many each job is to have; None: as the environment says, else one.
    environment
        What is set.
    """
    if threads is None:
        return {} if _COMMON in environment else {_COMMON: "1"}
    variables = [_COMMON, *(name for name in _OTHERS if name in environment)]
    return dict.fromkeys(variables, str(threads))


def threads_used() -> int | None:
    """Return how many threads this process computes with, as far as can be known."""
    torch = sys.modules.get("torch")
    if torch is not None:
        number: int = torch.get_num_threads()
        return number
    given = os.environ.get(_COMMON, "")
    return int(given) if given.isdecimal() else None
