"""Which jobs and keys of a DataFrame a plot can show."""

__all__ = ["check_keys", "chosen_keys", "hyper_parameters", "left_out", "with_result"]

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.keys import varying_keys


def hyper_parameters(frame: pd.DataFrame, prefix: str = "hyper_parameters.") -> list[str]:
    """Return the hyper-parameters that differ between the jobs of a DataFrame, sorted.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    prefix
        The beginning of a hyper-parameter's key.
    """
    return sorted(varying_keys(frame, lambda key: key.startswith(prefix)))


def chosen_keys(frame: pd.DataFrame, keys: Iterable[str] | None) -> list[str]:
    """Return the keys to show: these, or, without any, the hyper-parameters that differ.

    Raises
    ------
    UsageError
        If the DataFrame lacks a key, or no hyper-parameter differs.
    """
    chosen = hyper_parameters(frame) if keys is None else list(keys)
    check_keys(frame, chosen)
    if not chosen:
        raise UsageError("no hyper-parameter differs between these jobs: name the keys to show")
    return chosen


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
