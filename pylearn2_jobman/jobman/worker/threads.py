"""How many threads the libraries of a job compute with."""

__all__ = ["available_cores", "limit_threads"]

import os


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_threads(workers: int) -> None:
    """Let each of several children use its share of the cores, unless the environment says."""
    share = str(max(1, available_cores() // workers))
    os.environ.setdefault("OMP_NUM_THREADS", share)
