"""Arrays from files whose paths a job gives: ``numpy.load``, as far as a list allows it."""

__all__ = ["load"]

from typing import Any

from pylearn2_jobman.errors import PathNotAllowedError
from pylearn2_jobman.fence.allow import allow_list
from pylearn2_jobman.fence.paths import reading

_READING = (None, "r", "c", "readonly", "copyonwrite")


def load(file: Any, mmap_mode: Any = None) -> Any:
    """Return what ``numpy.load`` does, without pickles.

    Parameters
    ----------
    file
        Path of a ``.npy`` or ``.npz`` file.
    mmap_mode
        As ``numpy.load`` takes it; with a list, only for reading.

    Raises
    ------
    PathNotAllowedError
        With a list, if a job may not read there, or wants to write.
    """
    import numpy as np

    if mmap_mode not in _READING and allow_list() is not None:
        raise PathNotAllowedError(
            f"with JOBMAN_ALLOW, mmap_mode is 'r' or 'c', not {mmap_mode!r}: a job does not write "
            "to a dataset"
        )
    with reading(file) as path:
        return np.load(path, mmap_mode)
