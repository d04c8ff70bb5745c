"""`Live`: what a running job shows of itself, in one row of the table that its worker replaces.

The row is JSON of at most 4 kB, under the key ``jobman.live``. It is no part of the job's state.
"""

__all__ = ["Live", "Thinned", "without_half"]

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pylearn2_jobman.main_channel import importance
from pylearn2_jobman.monitor_csv import POSITIONS

_MOST_BYTES = 4096
_OUTPUT_BYTES = 1024
_LONGEST = 64 * 1024  # characters that are looked at: anyone may have written the row
_MOST_CHANNELS = 12
_FEWEST_RECORDS = 16  # before a channel is left out instead
_MOST_RECORDS = 512  # in memory


@dataclass(frozen=True)
class Live:
    """How far a job is; what it does not say is empty or None.

    Attributes
    ----------
    since
        When the attempt began, in seconds since 1970.
    records
        Some of its monitor records, column by column, as `read_records` returns all of them: every
        second, fourth, eighth, ... from the first on, and the last. Of two jobs, those of the same
        numbers are there, or of one of them every second of these.
    output
        The end of what it printed.
    message
        What its experiment said last, ``channel.switch(message)``.
    memory
        Of its process, in bytes.
    """

    since: float | None = None
    records: Mapping[str, Sequence[float]] = field(default_factory=dict)
    output: str = ""
    message: str = ""
    memory: int | None = None

    @property
    def channels(self) -> list[str]:
        """The channels that it has records of."""
        return [name for name in self.records if name not in POSITIONS]

    @property
    def over(self) -> str:
        """The column that counts its steps: ``epoch``, or ``batch`` where it told no epochs."""
        return "epoch" if self._last("epoch") is not None else "batch"

    @property
    def epoch(self) -> float | None:
        """The epoch of the last record."""
        return self._last("epoch")

    @property
    def step(self) -> float | None:
        """The batch of the last record."""
        return self._last("batch")

    def curve(self, channel: str) -> list[tuple[float, float]]:
        """Return the steps (see `over`) and values of a channel; empty where it has none."""
        steps = self.records.get(self.over, ())
        pairs = zip(steps, self.records.get(channel, ()), strict=False)
        return [(step, value) for step, value in pairs if not math.isnan(value)]

    def latest(self) -> dict[str, float]:
        """Return the last value of every channel."""
        found = {name: self._last(name) for name in self.channels}
        return {name: value for name, value in found.items() if value is not None}

    def _last(self, name: str) -> float | None:
        known = (value for value in reversed(self.records.get(name, ())) if not math.isnan(value))
        return next(known, None)

    def text(self, named: Collection[str] = ()) -> str:
        """Return the row, of at most 4 kB: curves are thinned, and the least important left out.

        Parameters
        ----------
        named
            Channels that count more than all others.
        """
        channels = sorted(self.channels, key=lambda name: (name not in named, importance(name)))
        channels = channels[:_MOST_CHANNELS]
        records = self.records
        output = _end(self.output, _OUTPUT_BYTES)
        while True:
            kept = {name: records[name] for name in self.records if name in {*POSITIONS, *channels}}
            text = self._json(kept, output)
            if len(text.encode()) <= _MOST_BYTES:
                return text
            if channels and len(records[channels[0]]) <= _FEWEST_RECORDS:
                channels.pop()
            elif channels:
                records = without_half(records)
            else:  # no positions without channels
                records, output = {}, _end(output, len(output.encode()) // 2)

    def _json(self, records: Mapping[str, Sequence[float]], output: str) -> str:
        facts = {"since": self.since, "memory": self.memory, "message": _end(self.message, 256)}
        parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in facts.items() if value]
        columns = (
            f"{json.dumps(name)}: [{','.join(map(_number, column))}]"
            for name, column in records.items()
            if not all(map(math.isnan, column))
        )
        if body := ", ".join(columns):
            parts.append(f'"records": {{{body}}}')
        if output:
            parts.append(f'"output": {json.dumps(output, ensure_ascii=False)}')
        return f"{{{', '.join(parts)}}}"

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return what a row says; anything that cannot be meant is left out."""
        if not isinstance(text, str) or len(text) > _LONGEST:
            return cls()
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(raw, dict):
            return cls()
        memory = _parsed(raw.get("memory"))
        since = _parsed(raw.get("since"))
        return cls(
            since=None if since is None or not math.isfinite(since) else since,
            records=_columns(raw.get("records")),
            output=raw["output"] if isinstance(raw.get("output"), str) else "",
            message=raw["message"] if isinstance(raw.get("message"), str) else "",
            memory=int(memory) if memory is not None and math.isfinite(memory) else None,
        )


class Thinned:
    """The first record of a training, the last one, and of those between as many as fit.

    They are those whose number is a multiple of a power of two, which grows with them.
    """

    def __init__(self) -> None:
        self._rows: list[Mapping[str, float]] = []
        self._last: Mapping[str, float] | None = None
        self._count = 0
        self._every = 1
        self._names: dict[str, None] = dict.fromkeys(POSITIONS)

    def add(self, rows: Iterable[Mapping[str, float]]) -> None:
        """Add records: column -> value."""
        for row in rows:
            self._names.update(dict.fromkeys(row))
            if self._count % self._every == 0:
                self._rows.append(row)
                self._last = None
                if len(self._rows) > _MOST_RECORDS:
                    self._rows = self._rows[::2]
                    self._every *= 2
                    self._last = row
            else:
                self._last = row
            self._count += 1

    def columns(self) -> dict[str, list[float]]:
        """Return the records column by column, NaN where a channel was not there."""
        if not self._count:
            return {}
        rows = self._rows if self._last is None else [*self._rows, self._last]
        return {name: [row.get(name, math.nan) for row in rows] for name in self._names}


def without_half(records: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return every second record from the first on, and the last."""
    return {name: [*column[:-1:2], *column[-1:]] for name, column in records.items()}


def _end(text: str, size: int) -> str:
    """Return the end of a text whose JSON is to have at most so many bytes."""
    while len(json.dumps(text, ensure_ascii=False).encode()) > size:
        text = text[len(text) // 8 + 1 :]
    return text


def _number(value: float) -> str:
    if math.isnan(value):
        return "null"
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def _parsed(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _columns(raw: Any) -> dict[str, list[float]]:
    """Return columns of one length: others are no records."""
    columns = raw if isinstance(raw, dict) else {}
    found = {
        name: [math.nan if (number := _parsed(cell)) is None else number for cell in column]
        for name, column in columns.items()
        if isinstance(column, list)
    }
    rows = max(map(len, found.values()), default=0)
    found = {name: column for name, column in found.items() if len(column) == rows}
    if not rows:
        return {}
    return {name: found.get(name, [math.nan] * rows) for name in [*POSITIONS, *found]}
