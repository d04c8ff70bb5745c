"""How far a training run is: a line for the worker's display, keys for the job table."""

__all__ = ["describe", "latest", "note_resumption", "position", "progress_keys", "string_constants"]

import logging
from collections.abc import Collection, Iterator, Mapping
from types import CodeType
from typing import Any

from pylearn2_jobman.main_channel import main_channel, progress_text

log = logging.getLogger(__name__)

_LONGEST = 100  # characters, of the 128 that a key may have with all that comes before

_COUNTS = {
    "epoch": "get_epochs_seen",
    "batches": "get_batches_seen",
    "examples": "get_examples_seen",
    "seconds": "get_seconds",
}


def position(phase: Any) -> dict[str, Any]:
    """Return how many epochs, batches, examples and seconds a train object was trained for.

    Those that its monitor does not count are left out.
    """
    monitor = getattr(getattr(phase, "model", None), "monitor", None)
    return {
        name: getattr(monitor, method)()
        for name, method in _COUNTS.items()
        if hasattr(monitor, method)
    }


def note_resumption(phase: Any) -> None:
    """Say where a train object goes on, which has its state back."""
    counts = ", ".join(f"{name} {count:.6g}" for name, count in position(phase).items())
    log.info("Training resumes from a checkpoint: %s", counts)


def describe(monitor: Any) -> str:
    """Return ``epoch 12, valid_objective 0.1234``."""
    return progress_text("epoch", monitor.get_epochs_seen(), latest(monitor))


def latest(monitor: Any) -> dict[str, Any]:
    """Return the last value of every channel of a monitor that has one."""
    return {
        name: channel.val_record[-1]
        for name, channel in monitor.channels.items()
        if channel.val_record
    }


def progress_keys(phase: Any, wanted: Collection[str]) -> dict[str, Any]:
    """Return the keys of ``jobman.progress`` for a train object.

    Parameters
    ----------
    phase
        The train object.
    wanted
        The channels whose latest values are to be in it; where none is recorded, the main one is.
    """
    keys = position(phase)
    monitor = getattr(getattr(phase, "model", None), "monitor", None)
    channels: Mapping[str, Any] = getattr(monitor, "channels", {})
    names = [name for name in wanted if name in channels]
    main = main_channel(channels)
    if not names and main is not None:
        names = [main]
    latest = {
        name: float(channels[name].val_record[-1])
        for name in names
        if channels[name].val_record and _can_be_key(name, names)
    }
    return {**keys, "channels": latest} if latest else keys


def _can_be_key(name: str, names: Collection[str]) -> bool:
    """Return whether the table can hold the channel: progress is not worth an error."""
    return len(name) <= _LONGEST and not any(other.startswith(f"{name}.") for other in names)


def string_constants(function: Any) -> set[str]:
    """Return the strings that stand in a function's code: the channels that it reads are there."""
    code = getattr(function, "__code__", None)
    return set(_strings(code)) if isinstance(code, CodeType) else set()


def _strings(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from (item for item in constant if isinstance(item, str))
        elif isinstance(constant, CodeType):
            yield from _strings(constant)
