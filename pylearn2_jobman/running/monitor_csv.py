"""`MonitorCsv`: the records of a monitor in the file that any program reads."""

__all__ = ["MonitorCsv"]

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.record_file import POSITIONS, RecordFile

_COUNTS = dict(
    zip(POSITIONS, ("epoch_record", "batch_record", "example_record", "time_record"), strict=True)
)


class MonitorCsv:
    """Writes a row for each record of a monitor.

    Parameters
    ----------
    path
        The file; an earlier content is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._file = RecordFile(path)
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
        rows = list(_rows(channels, self._rows))
        if not self._rows:
            self._file.replace(rows)
        else:
            try:
                self._file.add(rows)
            except UsageError:  # the experiment has put something else in its place
                self._file.replace(list(_rows(channels, 0)))
        self._rows += len(rows)

    def rename(self, name: str) -> None:
        """Give the file another name, if there is one."""
        if self._rows:
            self.path.replace(self.path.with_name(name))


def _rows(channels: Mapping[str, Any], start: int) -> Iterator[dict[str, Any]]:
    """Yield the records from number ``start`` on."""
    longest = max(channels.values(), key=lambda channel: len(channel.val_record))
    number = len(longest.val_record) - start
    if number <= 0:
        return
    # The time tells which values were recorded together.
    values = {
        name: dict(zip(channel.time_record[-number:], channel.val_record[-number:], strict=True))
        for name, channel in channels.items()
    }
    counts = (getattr(longest, record)[-number:] for record in _COUNTS.values())
    for count in zip(*counts, strict=True):
        yield dict(zip(_COUNTS, count, strict=True)) | {
            name: value[count[-1]] for name, value in values.items() if count[-1] in value
        }
