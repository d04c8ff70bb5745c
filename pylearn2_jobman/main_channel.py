"""Which of many channels or results a reader looks at first: losses and errors on held-out data."""

__all__ = ["importance", "is_loss", "main_channel", "main_channels", "progress_text"]

import re
from collections.abc import Iterable, Mapping
from typing import SupportsFloat

_LOSSES = ("objective", "nll", "loss", "cost", "error", "misclass", "accuracy")
_HELD_OUT = ("valid", "test")


def importance(name: str) -> tuple[int, int, str]:
    """Return a key that sorts names, the most important first.

    Validation data come before test data and those before all other; then it matters which loss or
    error the name has; those with none come last.
    """
    data = (i for i, word in enumerate(_HELD_OUT) if re.search(rf"(?<![a-z]){word}", name))
    return next(data, len(_HELD_OUT)), _loss(name), name


def main_channels(names: Iterable[str], most: int = 2) -> list[str]:
    """Return the most important names, one for each kind of loss; none where no name has one.

    >>> main_channels(["train_objective", "valid_objective", "valid_y_misclass", "learning_rate"])
    ['valid_objective', 'valid_y_misclass']
    """
    found: dict[int, str] = {}
    for name in sorted(names, key=importance):
        if is_loss(name):
            found.setdefault(_loss(name), name)
    return list(found.values())[:most]


def main_channel(names: Iterable[str]) -> str | None:
    """Return the most important name; None where no name has a loss.

    >>> main_channel(["learning_rate", "objective"])
    'objective'
    """
    return next(iter(main_channels(names, 1)), None)


def is_loss(name: str) -> bool:
    """Return whether a name is one of a loss or an error."""
    return _loss(name) < len(_LOSSES)


def progress_text(counted: str, count: float, latest: Mapping[str, SupportsFloat]) -> str:
    """Return how far a training is, with the last value of the main channel.

    >>> progress_text("epoch", 12, {"valid_objective": 0.12345, "learning_rate": 0.1})
    'epoch 12, valid_objective 0.1235'
    """
    text = f"{counted} {count:.10g}"
    name = main_channel(latest)
    return text if name is None else f"{text}, {name} {float(latest[name]):.4g}"


def _loss(name: str) -> int:
    return next((i for i, loss in enumerate(_LOSSES) if loss in name), len(_LOSSES))
