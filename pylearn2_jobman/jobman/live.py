"""`Live`: what a running job shows of itself, in one row of the table that its worker replaces.

The row is JSON of at most 4 kB, under the key ``jobman.live``. It is no part of the job's state.
"""

__all__ = ["PROGRESS", "Curves", "Live"]

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pylearn2_jobman.main_channel import importance, is_loss, progress_text
from pylearn2_jobman.record_file import POSITIONS

Point = tuple[float, float]

_NUMBERS = frozenset({int, float})

PROGRESS = "jobman.progress."
_SAVED = {"batch": "batches", "example": "examples"}

_MOST_BYTES = 4096
_OUTPUT_BYTES = 1024
_MESSAGE_BYTES = 256
_LONGEST = 64 * 1024  # characters that are looked at: anyone may have written the row
_MOST_CHANNELS = 12
_FEWEST_POINTS = 16  # before a channel is left out instead
_MOST_POINTS = 256  # in memory


@dataclass(frozen=True)
class Live:
    """How far a job is; what it does not say is empty or None.

    Attributes
    ----------
    since
        When the attempt began, in seconds since 1970.
    at
        Where its last record was: ``epoch``, ``batch``, ``example``, ``seconds``, those it told.
    curves
        The step and the value of some records of each channel: of every one, every second, fourth,
        eighth, ..., counted from the first, and of the last. A step is an epoch, and has the last
        value that was recorded in it; where no epochs were told, it is a batch.
    output
        The end of what it printed.
    message
        What its experiment said last, ``channel.switch(message)``.
    memory
        Of its process, in bytes.
    """

    since: float | None = None
    at: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    output: str = ""
    message: str = ""
    memory: int | None = None

    @property
    def over(self) -> str:
        """What the steps are: ``epoch``, or ``batch`` where it told no epochs."""
        return "epoch" if "epoch" in self.at or "batch" not in self.at else "batch"

    def latest(self) -> dict[str, float]:
        """Return the last value of every channel."""
        return {name: curve[-1][1] for name, curve in self.curves.items() if curve}

    def progress(self) -> dict[str, float]:
        """Return this under the keys of ``jobman.progress``, which a training has at its saves."""
        at = {f"{PROGRESS}{_SAVED.get(name, name)}": value for name, value in self.at.items()}
        return at | {f"{PROGRESS}channels.{name}": value for name, value in self.latest().items()}

    def records(self) -> dict[str, list[float]]:
        """Return the curves as columns, as `read_records` returns a file; NaN is for missing."""
        steps = sorted({step for curve in self.curves.values() for step, _ in curve})
        if not steps:
            return {}
        columns = dict.fromkeys(POSITIONS, [math.nan] * len(steps)) | {self.over: steps}
        for name, curve in self.curves.items():
            values = dict(curve)
            columns[name] = [values.get(step, math.nan) for step in steps]
        return columns

    def describe(self) -> str:
        """Return ``epoch 12, valid_nll 0.1234``, or the message where it has no records."""
        at = self.at.get(self.over)
        return self.message if at is None else progress_text(self.over, at, self.latest())

    def text(self, named: Collection[str] = ()) -> str:
        """Return the row, of at most 4 kB: curves are thinned, and the least important left out.

        Parameters
        ----------
        named
            Channels that count more than all others.
        """
        order = sorted(
            self.curves, key=lambda name: (name not in named, not is_loss(name), importance(name))
        )
        curves = {name: self.curves[name] for name in order[:_MOST_CHANNELS]}
        output = _end(self.output, _OUTPUT_BYTES)
        while len((text := self._json(curves, output)).encode()) > _MOST_BYTES:
            if max(map(len, curves.values())) > _FEWEST_POINTS:
                curves = {name: _without_half(curve) for name, curve in curves.items()}
            else:
                curves.popitem()
        return text

    def _json(self, curves: Mapping[str, Sequence[Point]], output: str) -> str:
        facts = {
            "since": self.since,
            "at": dict(self.at),
            "memory": self.memory,
            "message": _end(self.message, _MESSAGE_BYTES),
            "output": output,
        }
        parts = [
            _pair(key, json.dumps(value, ensure_ascii=False))
            for key, value in facts.items()
            if value
        ]
        columns = {name: list(zip(*curve, strict=True)) for name, curve in curves.items() if curve}
        shared = next((steps for steps, _ in columns.values()), ())  # most curves have the same
        drawn = (
            _pair(name, f"[{'null' if steps == shared else _numbers(steps)},{_numbers(values)}]")
            for name, (steps, values) in columns.items()
        )
        if shared:
            parts.append(_pair("steps", _numbers(shared)))
            parts.append(_pair("curves", f"{{{', '.join(drawn)}}}"))
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
        at, curves = raw.get("at"), raw.get("curves")
        memory = _finite(raw.get("memory"))
        places = {name: _finite(at.get(name)) for name in POSITIONS} if isinstance(at, dict) else {}
        drawn = (
            {
                name: _curve(one, raw.get("steps"))
                for name, one in curves.items()
                if name.isprintable() and name not in POSITIONS
            }
            if isinstance(curves, dict)
            else {}
        )
        return cls(
            since=_finite(raw.get("since")),
            at={name: value for name, value in places.items() if value is not None},
            curves={name: curve for name, curve in drawn.items() if curve},
            output=_words(raw.get("output")),
            message=_words(raw.get("message")),
            memory=None if memory is None else int(memory),
        )


class Curves:
    """The curves of a training in the making, as `Live` has them, in constant memory.

    Attributes
    ----------
    at
        Where the last record was.
    """

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self._curves: dict[str, _Thinned] = {}

    def add(self, record: Mapping[str, float]) -> None:
        """Add a record: column -> value."""
        self.at.update(
            (name, record[name])
            for name in POSITIONS
            if name in record and math.isfinite(record[name])
        )
        step = self.at.get("epoch", self.at.get("batch"))
        for name, value in record.items():
            if name not in POSITIONS and step is not None:
                self._curves.setdefault(name, _Thinned()).add(step, value)

    def points(self) -> dict[str, list[Point]]:
        """Return the curves."""
        return {name: curve.points() for name, curve in self._curves.items()}


class _Thinned:
    """Of the points of a curve those whose number is a multiple of a power of two, and the last."""

    def __init__(self) -> None:
        self._kept: list[Point] = []
        self._last: Point | None = None
        self._count = 0
        self._every = 1

    def add(self, step: float, value: float) -> None:
        if self._last is not None and self._last[0] == step:
            self._count -= 1
            if self._count % self._every == 0:
                self._kept.pop()
        self._last = step, value
        if self._count % self._every == 0:
            self._kept.append(self._last)
        self._count += 1
        if len(self._kept) > _MOST_POINTS:
            self._kept = self._kept[::2]
            self._every *= 2

    def points(self) -> list[Point]:
        if self._last is None or self._kept[-1] is self._last:
            return list(self._kept)
        return [*self._kept, self._last]


def _without_half(curve: Sequence[Point]) -> Sequence[Point]:
    return curve if len(curve) <= _FEWEST_POINTS else [*curve[:-1:2], curve[-1]]


def _pair(key: str, value: str) -> str:
    return f"{json.dumps(key)}: {value}"


def _words(text: object) -> str:
    """Return a text with what is no UTF-8, such as a part of a file's name, spelt out."""
    return text.encode(errors="backslashreplace").decode() if isinstance(text, str) else ""


def _end(text: str, size: int) -> str:
    """Return the end of a text whose JSON is to have at most so many bytes."""
    text = _words(text)
    while len(json.dumps(text, ensure_ascii=False).encode()) > size:
        text = text[len(text) // 8 + 1 :]
    return text


def _numbers(values: Sequence[float]) -> str:
    return f"[{','.join(map(_number, values))}]"


def _number(value: float) -> str:
    if math.isnan(value):
        return "null"
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def _finite(value: object) -> float | None:
    try:
        number = float(value) if type(value) in _NUMBERS else math.nan  # type: ignore[arg-type]
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _curve(raw: Any, shared: Any) -> list[Point]:
    """Return the points of two lists: steps (null: the shared ones), and values (null: NaN)."""
    steps, values = raw if isinstance(raw, list) and len(raw) == 2 else (None, None)
    steps = shared if steps is None else steps
    if not isinstance(steps, list) or not isinstance(values, list):
        return []
    try:
        return [
            (float(step), math.nan if value is None else float(value))
            for step, value in zip(steps, values, strict=False)
            if type(step) in _NUMBERS
            and (type(value) in _NUMBERS or value is None)
            and math.isfinite(step)
        ]
    except OverflowError:
        return []
