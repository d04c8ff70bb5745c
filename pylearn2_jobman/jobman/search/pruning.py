"""Early stopping: whether a job whose curve is known so far is worth going on with.

`Pruning.verdict` is a function of the job's value and the others' at the same step, and of nothing
else: whoever asks, and whenever, gets the same answer. It is asked at *rungs*, a few a job.
"""

__all__ = ["PRUNE", "Pruning"]

import contextlib
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from pylearn2_jobman.errors import UsageError

PRUNE = "jobman.search.prune"

Curve = Sequence[tuple[float, float]]
"""Steps and values, in the order of the steps."""

_RULES = ("median", "asha")
_FEWEST = 5  # others that have come to a rung before the median says anything


@dataclass(frozen=True)
class Pruning:
    """When a job is stopped early.

    Attributes
    ----------
    rule
        ``median``: when its best value so far is worse than the median of the others' at that
        step, once five others have come so far. ``asha``: when its value is not among the best
        ``1 / eta`` of all that have come to the rung (asynchronous successive halving: Li et al.,
        2020, https://arxiv.org/abs/1810.05934).
    channel
        The monitoring channel.
    warmup
        The first rung: the steps (epochs) that every job gets.
    eta
        How many times as far the next rung is.
    maximize
        Whether the highest value of the channel is the best.
    """

    rule: str
    channel: str
    warmup: int = 1
    eta: int = 3
    maximize: bool = False

    def __post_init__(self) -> None:
        if self.rule not in _RULES:
            raise UsageError(f"jobs are stopped early by {' or '.join(_RULES)}, not {self.rule!r}")
        if not self.channel or any(character.isspace() for character in self.channel):
            raise UsageError("stopping early goes by a channel: --channel valid_y_nll")
        if self.warmup < 1 or self.eta < 2:
            raise UsageError("the first rung is at step 1 or later, and eta is at least 2")

    @classmethod
    def of_job(cls, flat: Mapping[str, Any], default: Self | None) -> Self | None:
        """Return what a trial's row says of this, or else the default."""
        with contextlib.suppress(UsageError):
            return cls.parse(flat[PRUNE]) if PRUNE in flat else default
        return None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what ``asha channel=valid_y_nll warmup=5`` says, as `str` writes it."""
        rule, *settings = str(text).split() or [""]
        given: dict[str, Any] = dict(one.partition("=")[::2] for one in settings)
        try:
            numbers = {key: int(given.pop(key)) for key in ("warmup", "eta") if key in given}
            maximize = given.pop("maximize", "False") == "True"
            return cls(rule, given.pop("channel", ""), maximize=maximize, **numbers, **given)
        except (TypeError, ValueError):
            raise UsageError(f"{text!r:.200} does not say when to stop a job early") from None

    def __str__(self) -> str:
        settings = ((one.name, getattr(self, one.name)) for one in fields(self)[1:])
        return " ".join([self.rule, *(f"{name}={value}" for name, value in settings)])

    def rung(self, step: float) -> int | None:
        """Return the last rung at or before a step; None before the first."""
        if step < self.warmup:
            return None
        rung = self.warmup
        while rung * self.eta <= step:
            rung *= self.eta
        return rung

    def value_at(self, curve: Curve, rung: float) -> float | None:
        """Return what counts of a curve at a rung; None if it has not come so far."""
        if not curve or curve[-1][0] < rung:
            return None
        values = [value for step, value in curve if step <= rung and not math.isnan(value)]
        if not values:
            return math.nan
        if self.rule == "asha":
            return values[-1]
        return max(values) if self.maximize else min(values)

    def judge(self, rung: float, own: Curve, others: Iterable[Curve]) -> str | None:
        """Return the `verdict` on a job with this curve, among others with theirs."""
        value = self.value_at(own, rung)
        values = [self.value_at(curve, rung) for curve in others]
        if value is None:
            return None
        return self.verdict(rung, value, [one for one in values if one is not None])

    def verdict(self, step: float, value: float, others_at_step: Iterable[float]) -> str | None:
        """Return why a job is to be stopped at a rung, or None: it goes on.

        Parameters
        ----------
        step
            The rung, for the reason's text alone.
        value
            The job's own value there, by `value_at`.
        others_at_step
            Those of all others that have come so far, ended or not.
        """
        sign = -1.0 if self.maximize else 1.0
        # What is no number is worse than any.
        own, *others = (
            math.inf if math.isnan(one) else sign * one for one in (value, *others_at_step)
        )
        if self.rule == "median":
            if len(others) < _FEWEST or own <= (limit := statistics.median(others)):
                return None
            worse = f"worse than the median of {len(others)} others, {sign * limit:.6g}"
        else:
            kept = (len(others) + 1) // self.eta
            better = sum(one < own for one in others)
            if better < max(kept, 1):
                return None
            worse = f"worse than {better} of {len(others)} others; the best {max(kept, 1)} go on"
        return f"{self.channel} {value:.6g} at {step:g}: {worse}"
