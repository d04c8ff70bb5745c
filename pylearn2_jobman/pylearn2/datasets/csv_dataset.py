"""A dataset in a text file of comma-separated numbers."""

__all__ = ["CSVDataset"]

from pathlib import Path
from typing import Any

import numpy as np

from pylearn2_jobman.fence.paths import reading
from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.datasets.dataset import kept_range
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array, DenseDesignMatrix
from pylearn2_jobman.whole_file import read_text

_TASKS = ("classification", "regression")


@takes_old_arguments("pylearn2.datasets.csv_dataset.CSVDataset")
class CSVDataset(DenseDesignMatrix):
    """The rows of a text file, with the targets in the first columns.

    Parameters
    ----------
    path
        Path of the file.
    task
        'classification', where the target is a label; or 'regression'.
    expect_labels
        Whether there are targets.
    expect_headers
        Whether the first line names the columns.
    delimiter
        The text between numbers.
    start, stop
        Range of rows to keep, counted after the headers; all by default.
    start_fraction, end_fraction
        Instead: keep this part of the rows, from the beginning or from the end.
    num_outputs
        Number of columns of targets, for regression.
    **kwargs
        More arguments of `pylearn2.datasets.dense_design_matrix.DenseDesignMatrix`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not UTF-8 or does not have the expected columns, or the range makes no sense.
    """

    def __init__(
        self,
        path: str = "train.csv",
        task: str = "classification",
        expect_labels: bool = True,
        expect_headers: bool = True,
        delimiter: str = ",",
        start: int | None = None,
        stop: int | None = None,
        start_fraction: float | None = None,
        end_fraction: float | None = None,
        num_outputs: int = 1,
        **kwargs: Any,
    ) -> None:
        if task not in _TASKS:
            raise ValueError(f"task is {task!r}; it takes {' or '.join(map(repr, _TASKS))}")
        with reading(path) as found:
            data = _read(Path(found), delimiter, expect_headers)
        data = data[_rows(len(data), start, stop, start_fraction, end_fraction)]
        if not expect_labels:
            super().__init__(X=data, **kwargs)
            return
        count = num_outputs if task == "regression" else 1
        if count >= data.shape[1]:
            raise ValueError(
                f"{path} has {data.shape[1]} columns; {count} of targets leave none for features"
            )
        y, X = data[:, :count], data[:, count:]
        if task == "regression":
            super().__init__(X=X, y=y, **kwargs)
            return
        labels = y.astype(np.int64)
        if (labels != y).any() or (labels < 0).any():
            raise ValueError(f"{path}: the first column does not hold labels 0, 1, 2, ...")
        super().__init__(X=X, y=labels, y_labels=int(labels.max()) + 1, **kwargs)


def _read(path: Path, delimiter: str, headers: bool) -> Array:
    try:
        return np.loadtxt(
            path, delimiter=delimiter, skiprows=int(headers), ndmin=2, encoding="utf-8-sig"
        )
    except UnicodeDecodeError:
        read_text(path)  # it says in which line
        raise
    except ValueError as error:
        raise ValueError(
            f"{path}: {error} (with delimiter={delimiter!r} and expect_headers={headers})"
        ) from None


def _rows(
    size: int,
    start: int | None,
    stop: int | None,
    start_fraction: float | None,
    end_fraction: float | None,
) -> slice:
    given = [start is not None or stop is not None, start_fraction, end_fraction]
    if sum(choice is not None and choice is not False for choice in given) > 1:
        raise ValueError("give start and stop, or start_fraction, or end_fraction")
    for name, fraction in (("start_fraction", start_fraction), ("end_fraction", end_fraction)):
        if fraction is not None and not 0 < fraction < 1:
            raise ValueError(f"{name} is {fraction}; it must be between 0 and 1")
    if start_fraction is not None:
        return slice(0, int(start_fraction * size))
    if end_fraction is not None:
        return slice(int((1 - end_fraction) * size), size)
    return kept_range("CSVDataset", size, start, stop)
