"""The options that stop hopeless jobs early, of ``jobman search`` and ``jobman sql``."""

__all__ = ["pruning_from", "pruning_options"]

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pylearn2_jobman.jobman.search.pruning import Pruning

F = TypeVar("F", bound=Callable[..., Any])


def pruning_options(function: F) -> F:
    """Give a command ``--prune`` and what belongs to it; `pruning_from` reads it."""
    for option in (
        click.option("--eta", type=int, default=3, show_default=True, metavar="N",
                     help="With --prune: each look is N times as late as the one before."),
        click.option("--warmup", type=int, default=1, show_default=True, metavar="EPOCHS",
                     help="With --prune: when the first look is."),
        click.option("--channel", metavar="CHANNEL",
                     help="With --prune: the monitoring channel; CHANNEL:max is wanted high."),
        click.option("--prune", type=click.Choice(["median", "asha"]),
                     help="Stop hopeless jobs early: worse than the median of the others, or not "
                     "among the best of those that came as far (asynchronous halving)."),
    ):  # fmt: skip
        function = option(function)
    return function


def pruning_from(options: dict[str, Any]) -> Pruning | None:
    """Take the options out of a command's others, and return what they say; None: nothing."""
    rule, channel, warmup, eta = map(options.pop, ("prune", "channel", "warmup", "eta"))
    if rule is None:
        if channel is not None:
            raise click.UsageError("--channel goes with --prune")
        return None
    if channel is None:
        raise click.UsageError("--prune needs --channel, such as --channel valid_y_nll")
    name = channel.removesuffix(":max").removesuffix(":min")
    return Pruning(rule, name, warmup, eta, maximize=channel.endswith(":max"))
