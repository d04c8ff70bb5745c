"""`Definition`: what a search varies, what it wants, and how it goes about it."""

__all__ = ["SAMPLERS", "Definition", "split"]

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.bookkeeping import (
    EXPERIMENT,
    SEARCH_NAME,
    SEARCH_NUMBER,
    experiment_keys,
    is_reserved,
)
from pylearn2_jobman.jobman.parameters.distributions import (
    Choice,
    Distribution,
    parse_distribution,
)
from pylearn2_jobman.jobman.parameters.words import as_yaml_reads
from pylearn2_jobman.jobman.query.front import Objective
from pylearn2_jobman.jobman.search.pruning import PRUNE, Pruning
from pylearn2_jobman.jobman.state import flatten

SAMPLERS = ("tpe", "gp", "cmaes", "qmc", "random")

_PREFIX = "jobman.search."
_DISTRIBUTIONS = f"{_PREFIX}distributions"
_LARGEST_SEED = 2**31


@dataclass(frozen=True)
class Definition:
    """A search.

    Attributes
    ----------
    name
        By which the table knows it and its trials.
    experiment
        The dotted name of the experiment.
    fixed
        The keys that all trials have alike, flat.
    space
        The keys that vary, each with its distribution.
    by
        What is wanted: one result, or several, between which there is no choice but a front.
    trials
        How many are proposed in all.
    sampler
        One of `SAMPLERS`.
    seed
        Of the sampler: the same results in the same order give the same trials.
    ahead
        How many trials are to wait at least after each proposal.
    priority
        Of the trials.
    prune
        Which trials are stopped early, if any.
    """

    name: str
    experiment: str
    fixed: Mapping[str, Any]
    space: Mapping[str, Distribution]
    by: tuple[Objective, ...]
    trials: int = 100
    sampler: str = "tpe"
    seed: int = 0
    ahead: int = 1
    priority: float = 1.0
    prune: Pruning | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.space:
            raise UsageError(
                "nothing varies: write a key with a distribution, such as "
                "'hyper_parameters.learning_rate ~ loguniform(1e-4, 1)'"
            )
        for key, distribution in self.space.items():
            if isinstance(distribution, Choice) and any(
                isinstance(value, Mapping) for value in distribution.values
            ):
                raise UsageError(f"{key} chooses between dictionaries, which are several keys")
        keys = [*self.fixed, *self.space]
        if reserved := [key for key in keys if is_reserved(key)]:
            raise UsageError(f"{', '.join(reserved)} is the scheduler's own, not a parameter")
        results = {one.key.strip() for one in self.by}
        if not all(results) or not 0 < len(self.by) == len(results):
            raise UsageError("a search goes by one result, or by several different ones")
        if self.sampler not in SAMPLERS:
            near = suggest(self.sampler, SAMPLERS)
            raise UsageError(f"there is no sampler {self.sampler!r}{near} ({', '.join(SAMPLERS)})")
        if self.sampler == "cmaes" and len(self.by) > 1:
            raise UsageError("cmaes goes by one result: take tpe or gp for several")
        if self.prune is not None and len(self.by) > 1:
            raise UsageError("which of several results would be hopeless? --prune goes with one")
        for what, value, least in (("trials", self.trials, 1), ("ahead", self.ahead, 1)):
            if value < least:
                raise UsageError(f"{what} is a number from {least} on, not {value}")
        if not 0 <= self.seed < _LARGEST_SEED:
            raise UsageError(f"a seed is a number from 0 to {_LARGEST_SEED - 1}, not {self.seed}")
        if not math.isfinite(self.priority):
            raise UsageError(f"a priority is a finite number, not {self.priority}")

    @classmethod
    def of(
        cls,
        experiment: str,
        parameters: Mapping[str, Any],
        by: Sequence[Objective],
        *,
        name: str | None = None,
        **settings: Any,
    ) -> Self:
        """Return the search of an experiment with parameters, some of which are distributions.

        Without a name it gets one by what it varies and wants: the same search, the same name.
        """
        fixed, space = split(parameters)
        if name is None:
            what = repr((experiment, sorted(fixed.items()), _text(space), [str(one) for one in by]))
            name = f"search-{hashlib.sha256(what.encode()).hexdigest()[:8]}"
        return cls(name, experiment, fixed, space, tuple(by), **settings)

    @classmethod
    def read(cls, flat: Mapping[str, Any]) -> Self:
        """Return the search that a job's flat state describes.

        Raises
        ------
        UsageError
            If it describes none.
        """
        try:
            lines = (line.partition(" ~ ") for line in flat[_DISTRIBUTIONS].splitlines())
            space = {key: parse_distribution(text) for key, _, text in lines}
            return cls(
                name=str(flat[SEARCH_NAME]),
                experiment=str(flat[f"{_PREFIX}experiment"]),
                fixed={
                    k: v for k, v in experiment_keys(flat).items() if not k.startswith("jobman.")
                },
                space=space,
                by=tuple(map(Objective.parse, flat[f"{_PREFIX}by"])),
                trials=int(flat[f"{_PREFIX}trials"]),
                sampler=str(flat[f"{_PREFIX}sampler"]),
                seed=int(flat[f"{_PREFIX}seed"]),
                ahead=int(flat[f"{_PREFIX}ahead"]),
                priority=float(flat[f"{_PREFIX}priority"]),
                prune=Pruning.parse(flat[PRUNE]) if PRUNE in flat else None,
            )
        except KeyError as error:
            raise UsageError(f"the job describes no search: it has no {error.args[0]}") from None
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"the job describes no search: {error}") from None

    def state(self) -> dict[str, Any]:
        """Return the flat state of the search's own job, but for its experiment."""
        return {
            **self.fixed,
            **self._marks(),
            f"{_PREFIX}experiment": self.experiment,
            f"{_PREFIX}by": [str(one) for one in self.by],
            f"{_PREFIX}trials": self.trials,
            f"{_PREFIX}sampler": self.sampler,
            f"{_PREFIX}seed": self.seed,
            f"{_PREFIX}ahead": self.ahead,
            f"{_PREFIX}priority": float(self.priority),
        }

    def trial(self, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the flat state of the trial of a number."""
        return {
            **self.fixed,
            **values,
            **self._marks(),
            SEARCH_NUMBER: number,
            EXPERIMENT: self.experiment,
        }

    def example(self) -> dict[str, Any]:
        """Return the flat state that a trial may have, to check what all have alike."""
        return self.trial(0, {key: one.draw(self.seed, key, 0) for key, one in self.space.items()})

    def _marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = {SEARCH_NAME: self.name, _DISTRIBUTIONS: _text(self.space)}
        if self.prune is not None:
            marks[PRUNE] = str(self.prune)
        return marks

    @property
    def identity(self) -> tuple[Any, ...]:
        """What cannot change while a search goes on; of two searches of one name it is equal."""
        fixed = sorted((key, repr(value)) for key, value in self.fixed.items())
        return self.experiment, fixed, sorted(_text(self.space).splitlines()), self.by


def split(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Distribution]]:
    """Return the fixed keys of nested or flat parameters, and the distributions among them."""
    space: dict[str, Distribution] = {}

    def without(node: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in node.items():
            if isinstance(value, Distribution):
                space[f"{prefix}{key}"] = value
            elif isinstance(value, Mapping) and value and all(isinstance(k, str) for k in value):
                if inside := without(value, f"{prefix}{key}."):
                    kept[key] = inside
            else:
                kept[key] = value
        return kept

    fixed = flatten(without(parameters, ""))
    for key, found in space.items():
        if isinstance(found, Choice):  # words among them mean what they mean behind key=
            read = (as_yaml_reads({**fixed, key: value})[key] for value in found.values)
            space[key] = Choice(tuple(read))
    return fixed, space


def _text(space: Mapping[str, Distribution]) -> str:
    """Return a space as lines of a .conf file."""
    return "\n".join(f"{key} ~ {distribution}" for key, distribution in space.items())
