"""Options of the commands that run jobs which are meant for `train_experiment`."""

__all__ = ["or_never", "training_options"]

import functools
import os
import time
from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--progress",
        metavar="A,B",
        help="Monitoring channels whose latest values are to be in jobman.progress.channels, "
        "besides those that the extractor names.",
    ),
    click.option(
        "--tensorboard", is_flag=True, help="Write the monitoring channels for TensorBoard."
    ),
    click.option(
        "--restart", is_flag=True, help="Train anew where a checkpoint was left before now."
    ),
)


def or_never(
    _context: click.Context, _option: click.Parameter, seconds: float | None
) -> float | None:
    """Return the value of an option that says how often something is done, for which 0 is never."""
    return seconds or None


def training_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options; the environment carries them to the experiments."""

    @functools.wraps(function)
    def with_options(
        *arguments: Any, progress: str | None, tensorboard: bool, restart: bool, **options: Any
    ) -> Any:
        if progress is not None:
            os.environ["JOBMAN_PROGRESS"] = progress
        if tensorboard:
            os.environ["JOBMAN_TENSORBOARD"] = "1"
        if restart:
            # A time: a job that this worker stops is resumed all the same.
            os.environ["JOBMAN_RESTART"] = repr(time.time())
        return function(*arguments, **options)

    for option in reversed(_OPTIONS):
        with_options = option(with_options)
    return with_options
