"""Which jobs and keys of a DataFrame a plot can show."""

__all__ = ["check_keys", "chosen_keys", "hyper_parameters", "left_out", "row_name", "with_result"]

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.keys import GROUP, varying_keys


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
        raise UsageError(
            f"none of {len(frame)} {row_name(frame)}s has a finite number as {result!r}"
        )
    return frame.assign(**{result: numbers})[finite]


def row_name(frame: pd.DataFrame) -> str:
    """Return what a row of a DataFrame is: a job, or a group of jobs."""
    return "group" if frame.index.name == GROUP else "job"


def left_out(frame: pd.DataFrame, kept: pd.DataFrame, result: str) -> str:
    """Return how many jobs are shown, how many could not be, and which means lack a NaN."""
    text = f"{len(kept)} {plural(len(kept), row_name(frame))}"
    missing = len(frame) - len(kept)
    broken = sum(int((frame[key] > 0).sum()) for key in frame if str(key).endswith(".nan"))
    text += f", {broken} with runs whose NaN is not in the mean" * bool(broken)
    return text + f", {missing} without a finite {result} left out" * bool(missing)
