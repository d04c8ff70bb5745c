"""`MonitorCsv`: the records of a monitor as a table that any program reads."""

__all__ = ["MonitorCsv"]

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.whole_file import whole_file

_COUNTS = {
    "epoch": "epoch_record",
    "batch": "batch_record",
    "example": "example_record",
    "seconds": "time_record",
}


class MonitorCsv:
    """Writes ``epoch,batch,example,seconds,<channel>,...``, with a row for each record.

    A channel that appeared later has empty cells before.

    Parameters
    ----------
    path
        The file; an earlier content is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._header: list[str] = []
        self._rows = 0

    def __call__(self, monitor: Any) -> None:
        """Bring the file up to date."""
        channels = {
            name: channel
            for name, channel in monitor.channels.items()
            if all(hasattr(channel, record) for record in _COUNTS.values())
        }
        if not channels:
            return
        rows = max(len(channel.val_record) for channel in channels.values())
        header = [*_COUNTS, *channels]
        if header == self._header:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(_rows(channels, self._rows))
        else:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([header, *_rows(channels, 0)])
            with whole_file(self.path) as whole:
                whole.write(text.getvalue().encode())
        self._header, self._rows = header, rows

    def rename(self, name: str) -> None:
        """Give the file another name, if there is one."""
        if self._header:
            self.path.replace(self.path.with_name(name))


def _rows(channels: Mapping[str, Any], start: int) -> Iterator[list[Any]]:
    """Yield the records from number ``start`` on."""
    longest = max(channels.values(), key=lambda channel: len(channel.val_record))
    number = len(longest.val_record) - start
    if number == 0:
        return
    # The time tells which values were recorded together.
    values = [
        dict(zip(channel.time_record[-number:], channel.val_record[-number:], strict=True))
        for channel in channels.values()
    ]
    counts = (getattr(longest, record)[-number:] for record in _COUNTS.values())
    for count in zip(*counts, strict=True):
        yield [*count, *(value.get(count[-1], "") for value in values)]
