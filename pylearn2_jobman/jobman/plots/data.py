"""Which jobs and keys of a DataFrame a plot can show."""

__all__ = ["check_keys", "hyper_parameters", "left_out", "with_result"]

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.formatting import plural


def hyper_parameters(frame: pd.DataFrame, prefix: str = "hyper_parameters.") -> list[str]:
    """Return the hyper-parameters that differ between the jobs of a DataFrame, sorted.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    prefix
        What a hyper-parameter's key begins with.
    """
    return sorted(
        key
        for key in frame.columns
        if key.startswith(prefix) and frame[key].map(repr).nunique(dropna=False) > 1
    )


def check_keys(frame: pd.DataFrame, keys: Iterable[str]) -> None:
    """Raise UsageError if the DataFrame lacks a key."""
    for key in keys:
        if key not in frame.columns:
            raise UsageError(f"no job has the key {key!r}{suggest(key, map(str, frame.columns))}")


def with_result(frame: pd.DataFrame, result: str) -> pd.DataFrame:
    """Return the jobs with a finite number as the result, in that column a float.

    Raises
    ------
    UsageError
        If there is none, or no such key.
    """
    check_keys(frame, [result])
    numbers = pd.to_numeric(frame[result], errors="coerce").astype("float64")
    finite = np.isfinite(numbers.to_numpy())
    if not finite.any():
        raise UsageError(f"none of {len(frame)} jobs has a finite number as {result!r}")
    return frame.assign(**{result: numbers})[finite]


def left_out(frame: pd.DataFrame, kept: pd.DataFrame, result: str) -> str:
    """Return how many jobs are shown, and how many could not be."""
    text = f"{len(kept)} {plural(len(kept), 'job')}"
    missing = len(frame) - len(kept)
    return text + f", {missing} without a finite {result} left out" * bool(missing)
