"""Monitor records: the values of a job's channels at every record, from its ``monitor.csv``."""

__all__ = ["FILE", "POSITIONS", "drawn_over", "parse_records", "read_records"]

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.record_file import FILE, POSITIONS, column_names
from pylearn2_jobman.whole_file import read_text


def read_records(directory: Path | str) -> dict[str, list[float]]:
    """Return the monitor records in a job's directory, which may be growing meanwhile.

    Parameters
    ----------
    directory
        The job's directory, or its ``monitor.csv``.

    Returns
    -------
    dict
        Column -> a number for every record: ``epoch``, ``batch``, ``example``, ``seconds`` (since
        the start of training), then the channels. NaN where a channel was not there yet. Empty if
        the file has no record yet.

    Raises
    ------
    UsageError
        If there is no such file, or it is not one of monitor records, naming the line.
    """
    path = Path(directory)
    path = path / FILE if path.is_dir() else path
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise UsageError(f"there are no monitor records: no file {str(path)!r}") from None
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    return parse_records(text, path)


def parse_records(text: str, path: Path) -> dict[str, list[float]]:
    """Return the monitor records in the text of a file, which errors name; see `read_records`."""
    # A line without its end is being written just now.
    lines = csv.reader(text[: text.rfind("\n") + 1].splitlines())
    names = next(lines, [])
    column_names(names, path)
    columns: dict[str, list[float]] = {name: [] for name in names}
    for number, cells in enumerate(lines, 2):
        try:
            values = [float(cell) if cell else math.nan for cell in cells]
            for name, value in zip(names, values, strict=True):
                columns[name].append(value)
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: {error}; the file is damaged") from None
    return columns


def drawn_over(records: Iterable[Mapping[str, Sequence[float]]], wanted: str = "epoch") -> str:
    """Return the position to draw records over: the wanted one, or another where none tells it."""
    columns = list(records)
    told = (
        name
        for name in (wanted, "epoch", "batch")
        if any(not math.isnan(value) for record in columns for value in record.get(name, ()))
    )
    return next(told, wanted)
