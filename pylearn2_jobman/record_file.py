"""``monitor.csv``: the records of a training, a row a record, in a table that any program reads."""

__all__ = ["FILE", "POSITIONS", "RecordFile", "column_names"]

import csv
import errno
import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.whole_file import read_text, whole_file

FILE = "monitor.csv"
POSITIONS = ("epoch", "batch", "example", "seconds")
"""The columns that say when a record was made; all others are channels."""

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NONBLOCK


class RecordFile:
    """A file of ``epoch,batch,example,seconds,<channel>,...`` and a row for each record.

    A cell is empty where a record has no such value. A row is added as one piece at the end, which
    other processes may do, too; a new channel is a new column, for which the file is written anew.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._names: dict[str, None] = {}
        self._head = b"\n"  # the line with these names

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add records, column -> number; the file is made if it is not there.

        Raises
        ------
        UsageError
            If the file holds something else.
        OSError
            If it cannot be written. Nothing was added.
        """
        try:
            descriptor = os.open(self.path, _FLAGS)
        except FileNotFoundError:
            self.replace(rows)
            return
        try:
            if os.pread(descriptor, len(self._head), 0) != self._head:
                self._names = dict.fromkeys(self._read()[0])
                self._head = _line(self._names)
            if all(row.keys() <= self._names.keys() for row in rows):
                text = _text(self._names, rows)
                size = os.fstat(descriptor).st_size
                if os.write(descriptor, text) < len(text):  # the disk is full: leave no half row
                    os.ftruncate(descriptor, size)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
                return
        finally:
            os.close(descriptor)
        names, before = self._read()
        self._write(names, before, rows)

    def replace(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write a file of these records alone."""
        self._write(POSITIONS, [], rows)

    def keep_before(self, name: str, value: float) -> dict[str, float]:
        """Remove the records from the first one on that is not before a position.

        Parameters
        ----------
        name
            One of `POSITIONS`.
        value
            The position from which on a training reports anew.

        Returns
        -------
        dict
            The positions of the last record that stays; empty, if there is none.
        """
        try:
            names, rows = self._read()
        except FileNotFoundError:
            return {}
        column = POSITIONS.index(name)
        late = (i for i, row in enumerate(rows) if row[column] and not _at(row[column]) < value)
        rows = rows[: next(late, len(rows))]
        self._write(names, rows, [])
        last = dict(zip(names, rows[-1], strict=True)) if rows else {}
        places = {name: _at(last[name]) for name in POSITIONS if last.get(name)}
        return {name: value for name, value in places.items() if math.isfinite(value)}

    def _read(self) -> tuple[list[str], list[list[str]]]:
        """Return the names of the columns, and the cells of the rows that are whole."""
        text = read_text(self.path)
        lines = csv.reader(text[: text.rfind("\n") + 1].splitlines())
        names = column_names(next(lines, []), self.path)
        return names, [row for row in lines if len(row) == len(names)]

    def _write(
        self, names: Iterable[str], before: Iterable[list[str]], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        every = dict.fromkeys(names)
        more = dict.fromkeys(name for row in rows for name in row if name not in every)
        self._names = every | more
        self._head = _line(self._names)
        with whole_file(self.path) as file:
            file.write(self._head)
            file.writelines(_line([*row, *[""] * len(more)]) for row in before)
            file.write(_text(self._names, rows))


def column_names(names: list[str], path: object) -> list[str]:
    """Return the names in the first line of a file of records; those of an empty one are no error.

    Raises
    ------
    UsageError
        If it is a file of something else.
    """
    if names and tuple(names[: len(POSITIONS)]) != POSITIONS:
        raise UsageError(
            f"{path} does not hold monitor records: its first line should begin with "
            f"{','.join(POSITIONS)}, not {','.join(names)!r:.60}"
        )
    return names or list(POSITIONS)


def _line(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def _at(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.inf


def _text(names: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(
        f"{','.join([str(row[name]) if name in row else '' for name in names])}\n" for row in rows
    ).encode()
