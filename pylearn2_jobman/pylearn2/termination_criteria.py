"""When training ends.

A criterion is asked before the first epoch and after every one, and remembers what it has seen:
its answers depend on how often it was asked.
"""

__all__ = [
    "And",
    "ChannelInf",
    "ChannelTarget",
    "EpochCounter",
    "MatchChannel",
    "MonitorBased",
    "Or",
    "TerminationCriterion",
    "all_criteria",
]

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.utils.state import Stateful


class TerminationCriterion:
    """Decides whether training continues."""

    def continue_learning(self, model: Model) -> bool:
        """Return whether to train for another epoch."""
        raise NotImplementedError


class EpochCounter(TerminationCriterion, Stateful):
    """Ends after a number of epochs.

    Parameters
    ----------
    max_epochs
        The number.
    new_epochs
        Whether to count from when the criterion is first asked, or from the model's first epoch.
    """

    def __init__(self, max_epochs: int, new_epochs: bool = True) -> None:
        self._max_epochs = max_epochs
        self._new_epochs = new_epochs
        self._epochs_before: int | None = None

    def continue_learning(self, model: Model) -> bool:
        """Return whether there are epochs left."""
        seen = model.monitor.get_epochs_seen()
        if self._epochs_before is None:
            self._epochs_before = seen if self._new_epochs else 0
        return seen - self._epochs_before < self._max_epochs


class MonitorBased(TerminationCriterion, Stateful):
    """Ends when a channel has not become smaller for some epochs.

    Parameters
    ----------
    prop_decrease
        The part by which the channel must fall below its smallest value: .01 is one percent.
    N
        Number of epochs within which that must happen.
    channel_name
        The channel; 'objective' by default.
    """

    def __init__(
        self, prop_decrease: float = 0.01, N: int = 5, channel_name: str | None = None
    ) -> None:
        self.prop_decrease = prop_decrease
        self.N = N
        self.channel_name = channel_name or "objective"
        self.countdown = N
        self.best_value = np.inf

    def continue_learning(self, model: Model) -> bool:
        """Return whether the channel fell lately."""
        channel = model.monitor.require(self.channel_name, "MonitorBased")
        value = channel.val_record[-1]
        if value < (1.0 - self.prop_decrease) * self.best_value:
            self.countdown = self.N
        else:
            self.countdown -= 1
        if value < self.best_value:
            self.best_value = value
        return self.countdown > 0


class MatchChannel(TerminationCriterion, Stateful):
    """Continues while a channel is above the last value of a channel of an earlier monitor.

    Parameters
    ----------
    channel_name
        The channel.
    prev_channel_name
        The channel of the earlier monitor.
    prev_monitor_name
        The model's attribute that holds that monitor: see `pylearn2.monitor.push_monitor`.
    """

    def __init__(self, channel_name: str, prev_channel_name: str, prev_monitor_name: str) -> None:
        self.channel_name = channel_name
        self.prev_channel_name = prev_channel_name
        self.prev_monitor_name = prev_monitor_name

    def continue_learning(self, model: Model) -> bool:
        """Return whether the channel is still above."""
        before = getattr(model, self.prev_monitor_name, None)
        if before is None:
            raise ValueError(
                f"MatchChannel: the model has no earlier monitor {self.prev_monitor_name!r}; "
                "pylearn2.monitor.push_monitor makes one"
            )
        target = before.require(self.prev_channel_name, "MatchChannel").val_record[-1]
        value = model.monitor.require(self.channel_name, "MatchChannel").val_record[-1]
        return bool(value > target)


class ChannelTarget(TerminationCriterion, Stateful):
    """Continues while a channel is above a number.

    Parameters
    ----------
    channel_name
        The channel.
    target
        The number.
    """

    def __init__(self, channel_name: str, target: float) -> None:
        self.channel_name = channel_name
        self.target = target

    def continue_learning(self, model: Model) -> bool:
        """Return whether the channel is still above."""
        return (
            model.monitor.require(self.channel_name, "ChannelTarget").val_record[-1] > self.target
        )


class ChannelInf(TerminationCriterion, Stateful):
    """Ends when a channel is infinite.

    The Theano version of pylearn2 had it the other way round: it continued only while the channel
    was infinite, and so ended at once.

    Parameters
    ----------
    channel_name
        The channel.
    """

    def __init__(self, channel_name: str) -> None:
        self.channel_name = channel_name

    def continue_learning(self, model: Model) -> bool:
        """Return whether the channel is finite, or not a number."""
        value = model.monitor.require(self.channel_name, "ChannelInf").val_record[-1]
        return not np.isinf(value)


class And(TerminationCriterion, Stateful):
    """Continues while all of its criteria would.

    They are asked in order, up to the first that would end.

    Parameters
    ----------
    criteria
        The criteria.
    """

    def __init__(self, criteria: Sequence[TerminationCriterion]) -> None:
        self._criteria = _checked(criteria, type(self).__name__)

    def continue_learning(self, model: Model) -> bool:
        """Return whether all would continue."""
        return all(criterion.continue_learning(model) for criterion in self._criteria)


class Or(TerminationCriterion, Stateful):
    """Continues while one of its criteria would.

    They are asked in order, up to the first that would continue.

    Parameters
    ----------
    criteria
        The criteria.
    """

    def __init__(self, criteria: Sequence[TerminationCriterion]) -> None:
        self._criteria = _checked(criteria, type(self).__name__)

    def continue_learning(self, model: Model) -> bool:
        """Return whether one would continue."""
        return any(criterion.continue_learning(model) for criterion in self._criteria)


def all_criteria(criterion: Any) -> list[Any]:
    """Return a criterion, if there is one, and those that it consists of."""
    if criterion is None:
        return []
    inside = getattr(criterion, "_criteria", ())
    return [criterion, *(each for inner in inside for each in all_criteria(inner))]


def _checked(criteria: Sequence[Any], owner: str) -> list[TerminationCriterion]:
    if not criteria:
        raise ValueError(f"{owner} needs at least one criterion")
    for i, criterion in enumerate(criteria):
        if not callable(getattr(criterion, "continue_learning", None)):
            raise TypeError(
                f"criteria[{i}] of {owner} is a {type(criterion).__name__}, "
                "not a termination criterion"
            )
    return list(criteria)
