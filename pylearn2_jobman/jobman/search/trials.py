"""`Trial`: a job of the table as a search sees it, and those that it learns from."""

__all__ = ["Outcome", "Trial", "fits", "read_trials"]

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.jobman.bookkeeping import (
    EXPERIMENT,
    PRUNED,
    SEARCH_NAME,
    SEARCH_NUMBER,
    STATUS,
)
from pylearn2_jobman.jobman.parameters.distributions import (
    Choice,
    Distribution,
    LogUniform,
    RandInt,
    Uniform,
)
from pylearn2_jobman.jobman.query.where import having
from pylearn2_jobman.jobman.search.definition import Definition
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.query.readable import ReadableTable

_MOST_CONDITIONS = 50  # fixed keys that a job is told by
_EPOCH = f"{PRUNED}.epoch"


class Outcome(Enum):
    """What became of a trial."""

    OPEN = "waits or runs"
    DONE = "has its results"
    PRUNED = "was stopped early"
    FAILED = "failed, was cancelled, or has no number as a result"


@dataclass(frozen=True)
class Trial:
    """A job that tells something about a search.

    Attributes
    ----------
    job_id
        The job.
    number
        Which of the search's trials it is; None for another job of the table that fits.
    status
        The job's.
    outcome
        What became of it.
    values
        Key -> value, of the keys that vary.
    results
        The values of the objectives; empty if it failed or is open.
    step
        How far one that was pruned came.
    """

    job_id: int
    number: int | None
    status: Status
    outcome: Outcome
    values: Mapping[str, Any]
    results: tuple[float, ...] = ()
    step: float | None = None


def read_trials(table: "ReadableTable", definition: Definition) -> list[Trial]:
    """Return a search's trials by their numbers, after the other jobs of the table that fit.

    These have the same experiment and fixed keys, and every key that varies within its
    distribution.
    """
    objectives = [one.key for one in definition.by]
    known = {*table.keys()}
    keys = [*definition.space, *objectives, SEARCH_NAME, SEARCH_NUMBER, _EPOCH]
    keys = [STATUS, *(key for key in keys if key in known)]
    where = having({SEARCH_NAME: definition.name})
    alike = dict(list(definition.fixed.items())[:_MOST_CONDITIONS])
    if alike.keys() <= known:  # else no other job has them
        where += f" or ({having({EXPERIMENT: definition.experiment, **alike})})"
    found = table.columns(keys=keys, where=where)
    own: list[Trial] = []
    others: list[Trial] = []
    for job_id, row in zip(found.ids, found, strict=True):
        flat = dict(zip(found.keys, row, strict=True))
        values = {key: flat.get(key) for key in definition.space}
        is_own = flat.get(SEARCH_NAME) == definition.name
        number = flat.get(SEARCH_NUMBER) if is_own else None
        if is_own and type(number) is not int:
            continue  # the search itself
        there = all(fits(values[key], part) for key, part in definition.space.items())
        if not there and not is_own:
            continue
        outcome, results = _outcome(flat, objectives)
        step = flat.get(_EPOCH)
        trial = Trial(
            job_id=job_id,
            number=number,
            status=flat[STATUS],
            # Somebody changed it: it takes up its number and tells nothing.
            outcome=outcome if there else Outcome.FAILED,
            values=values if there else {},
            results=results if there else (),
            step=float(step) if isinstance(step, int | float) else None,
        )
        (own if is_own else others).append(trial)
    return others + sorted(own, key=lambda trial: (trial.number or 0, trial.job_id))


def fits(value: Any, distribution: Distribution) -> bool:
    """Return whether a distribution may give a value; the type counts, but whole floats are ints.

    >>> fits(1, Uniform(0.0, 2.0)), fits(True, Uniform(0.0, 2.0)), fits(2, RandInt(0, 2))
    (True, False, False)
    """
    if isinstance(distribution, Choice):
        return format_literal(value) in map(format_literal, distribution.values)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    match distribution:
        case Uniform(low=low, high=high) | LogUniform(a=low, b=high):
            return low <= value <= high
        case RandInt(low=low, high=high):
            return isinstance(value, int) and low <= value < high
    return True  # of a normal distribution


def _outcome(flat: Mapping[str, Any], objectives: list[str]) -> tuple[Outcome, tuple[float, ...]]:
    status = flat[STATUS]
    if status in (Status.START, Status.RUNNING):
        return Outcome.OPEN, ()
    results = tuple(map(_number, (flat.get(key) for key in objectives)))
    if status is not Status.DONE or any(map(math.isnan, results)):
        return Outcome.FAILED, ()
    return Outcome.DONE if flat.get(_EPOCH) is None else Outcome.PRUNED, results


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
