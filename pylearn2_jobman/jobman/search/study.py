"""A search as Optuna sees it: a study in memory, rebuilt from the trials, that proposes values.

The only module that imports Optuna; it is imported where one proposes.
"""

__all__ = ["StudyOfTrials"]

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.distributions import (
    Choice,
    Distribution,
    LogUniform,
    Normal,
    RandInt,
    Uniform,
)
from pylearn2_jobman.jobman.search.definition import Definition
from pylearn2_jobman.jobman.search.trials import Outcome, Trial
from pylearn2_jobman.values import format_literal

try:
    import optuna
    from optuna.distributions import (
        BaseDistribution,
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, TrialState
except ModuleNotFoundError as error:
    raise UsageError(
        f"a search needs {error.name}: pip install 'pylearn2_jobman[search]'"
    ) from error

_TAIL = 1e-4  # of a normal distribution, on either side, from which nothing is proposed
_MOST_REPLAYED = 1000  # trials; CMA-ES has converged by then, and each costs a millisecond
_STATES = {
    Outcome.OPEN: TrialState.RUNNING,
    Outcome.DONE: TrialState.COMPLETE,
    Outcome.PRUNED: TrialState.PRUNED,
    Outcome.FAILED: TrialState.FAIL,
}


@dataclass(frozen=True)
class _Axis:
    """A key that varies, and how its values are told to Optuna: as numbers, or places in a list."""

    distribution: BaseDistribution
    told: Callable[[Any], Any]
    value: Callable[[Any], Any]


class StudyOfTrials:
    """What is known of a search, and what it leads to.

    Parameters
    ----------
    definition
        The search.
    trials
        What is known, in an order that stays the same.
    """

    def __init__(self, definition: Definition, trials: Sequence[Trial]) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._definition = definition
        self._axes = {key: _axis(one) for key, one in definition.space.items()}
        self._space = {key: axis.distribution for key, axis in self._axes.items()}
        self._study = optuna.create_study(
            directions=["maximize" if one.maximize else "minimize" for one in definition.by],
            sampler=optuna.samplers.RandomSampler(),
        )
        self._told = [trial for trial in trials if trial.values]
        self._replays = definition.sampler == "cmaes"
        if self._replays:
            self._replay(self._told[-_MOST_REPLAYED:])
        else:
            for trial in self._told:
                self._study.add_trial(self._row(trial))

    def propose(self, number: int) -> dict[str, Any]:
        """Return the values of the trial of a number; later ones know that it is under way."""
        if not self._replays:  # of its own seed, so that a proposal that is made again is the same
            self._study.sampler = self._sampler(number)
        params = self._study.ask(self._space).params
        return {key: axis.value(params[key]) for key, axis in self._axes.items()}

    def importance(self) -> dict[str, float]:
        """Return how much each key matters for a good first result, the most important first.

        They are Optuna's (PED-ANOVA), and together 1.

        Raises
        ------
        UsageError
            If fewer than two trials have a result.
        """
        if sum(trial.outcome is Outcome.DONE for trial in self._told) < 2:
            raise UsageError(
                "fewer than two trials have a result: nothing can be said of importance"
            )
        sign = -1.0 if self._definition.by[0].maximize else 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it is for low values
            return optuna.importance.get_param_importances(
                self._study, target=lambda trial: sign * trial.values[0]
            )

    def _replay(self, trials: Sequence[Trial]) -> None:
        """Tell a sampler that has a memory the trials one by one, as if it had proposed them.

        In Optuna its memory is a pickle among a trial's attributes: no row is trusted with that.
        """
        self._study.sampler = self._sampler(0)
        for trial in trials:
            self._study.enqueue_trial(self._params(trial))
            asked = self._study.ask(self._space)
            assert asked.relative_params is not None  # looked at, so that the sampler goes on
            state = _STATES[trial.outcome]
            if state is TrialState.PRUNED:  # to CMA-ES its result is one
                state = TrialState.COMPLETE
            if state is not TrialState.RUNNING:
                self._study.tell(asked, trial.results or None, state)

    def _sampler(self, number: int) -> BaseSampler:
        name, seed = self._definition.sampler, self._definition.seed
        # Neighbouring seeds share no trial.
        own = int.from_bytes(hashlib.sha256(f"{seed} {number}".encode()).digest()[:4], "big")
        try:
            match name:
                case "tpe":
                    return optuna.samplers.TPESampler(seed=own, constant_liar=True)
                case "gp":
                    return optuna.samplers.GPSampler(seed=own)
                case "cmaes":
                    return optuna.samplers.CmaEsSampler(seed=own, warn_independent_sampling=False)
                case "qmc":
                    return _Sobol(self._space, number, seed)
            return optuna.samplers.RandomSampler(seed=own)
        except ImportError as error:
            raise UsageError(
                f"the sampler {name} needs more: pip install 'pylearn2_jobman[search,torch]' "
                f"({error})"
            ) from None

    def _params(self, trial: Trial) -> dict[str, Any]:
        return {key: axis.told(trial.values[key]) for key, axis in self._axes.items()}

    def _row(self, trial: Trial) -> "_Row":
        state = _STATES[trial.outcome]
        pruned = state is TrialState.PRUNED and trial.step is not None
        return _Row(
            number=-1,
            trial_id=-1,
            state=state,
            value=None,
            values=trial.results or None,
            datetime_start=_THEN,
            datetime_complete=_THEN if state.is_finished() else None,
            params=self._params(trial),
            distributions=self._space,
            user_attrs={},
            system_attrs={},
            intermediate_values={int(trial.step or 0): trial.results[0]} if pruned else {},
        )


_THEN = datetime(2000, 1, 1)  # no sampler looks at it


class _Row(FrozenTrial):
    """A trial that a study may keep as it is: nobody else has it, and 10,000 are quick to copy."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Row":
        return self


class _Sobol(optuna.samplers.QMCSampler):
    """Sobol's sequence from a number on: Optuna's counts in its study, of which ours is new."""

    def __init__(self, space: dict[str, BaseDistribution], number: int, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            super().__init__(scramble=True, seed=seed)
        self._space = space
        self._number = number

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._space

    def _find_sample_id(self, study: optuna.Study, search_space: Mapping[str, Any]) -> int:
        return self._number


def _axis(distribution: Distribution) -> _Axis:
    match distribution:
        case Uniform(low=low, high=high):
            return _Axis(FloatDistribution(low, high), float, float)
        case LogUniform(a=low, b=high):
            return _Axis(FloatDistribution(low, high, log=True), float, float)
        case RandInt(low=low, high=high):
            return _Axis(IntDistribution(low, high - 1), int, int)
        case Normal(loc=loc, scale=scale):
            # Where the value lies among all: that has ends.
            normal = NormalDist(loc, scale)
            return _Axis(
                FloatDistribution(_TAIL, 1 - _TAIL),
                lambda value: min(max(normal.cdf(value), _TAIL), 1 - _TAIL),
                normal.inv_cdf,
            )
        case Choice(values=values):
            places = {format_literal(value): place for place, value in enumerate(values)}
            return _Axis(
                CategoricalDistribution(range(len(values))),
                lambda value: places[format_literal(value)],
                lambda place: values[place],
            )
