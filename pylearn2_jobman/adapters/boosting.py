"""The rounds of LightGBM and XGBoost: recorded as they pass, stopped, and gone on from."""

__all__ = ["fit", "library"]

import warnings
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np

# The libraries' names for what pylearn2's monitor would call it.
_CHANNELS = {
    **dict.fromkeys(("binary_logloss", "multi_logloss", "logloss", "mlogloss"), "y_nll"),
    **dict.fromkeys(("binary_error", "multi_error", "error", "merror"), "y_misclass"),
    **dict.fromkeys(("l2", "mse"), "y_mse"),
    "rmse": "y_rmse",
}
_OBJECTIVES = ("y_nll", "y_mse", "y_rmse")
_DEFAULT_ROUNDS = 100

EndRound = Callable[[dict[str, float], bool], bool]


def library(estimator: Any) -> str | None:
    """Return ``lightgbm`` or ``xgboost`` for an estimator made from theirs; else None."""
    for cls in type(estimator).__mro__:
        if (name := cls.__module__.split(".")[0]) in ("lightgbm", "xgboost"):
            return name
    return None


def fit(
    estimator: Any,
    X: Any,
    y: Any,
    sets: Mapping[str, tuple[Any, Any]],
    end_round: EndRound,
    done: int,
) -> None:
    """Fit an estimator, which can predict and be pickled after each round already.

    Parameters
    ----------
    estimator
        The estimator.
    X, y
        Examples and targets.
    sets
        What is evaluated after each round, by name.
    end_round
        Called after each round with channels and whether it was the last; returns whether to go on.
    done
        How many rounds the estimator has had before.
    """
    from sklearn.base import clone

    left = (estimator.get_params().get("n_estimators") or _DEFAULT_ROUNDS) - done
    working = clone(estimator).set_params(n_estimators=left)  # to both: how many more
    numbers = count(1)

    def goes_on(results: Iterable[tuple[str, str, float]], booster: Any) -> bool:
        last = next(numbers) >= left
        _hand_over(working, estimator)
        estimator._Booster, estimator.fitted_ = booster, True
        return end_round(_channels(results), last) or last

    train = _fit_lightgbm if library(estimator) == "lightgbm" else _fit_xgboost
    train(working, X, y, sets, goes_on, estimator._Booster if done else None)
    _hand_over(working, estimator)


def _hand_over(working: Any, estimator: Any) -> None:
    """Give an estimator what fitting has made of its double, and leave its parameters."""
    parameters = {*estimator.get_params(), "_other_params"}
    vars(estimator).update({k: v for k, v in vars(working).items() if k not in parameters})


def _fit_lightgbm(
    estimator: Any, X: Any, y: Any, sets: Any, goes_on: Callable[..., bool], begun: Any
) -> None:
    from lightgbm.callback import EarlyStopException

    def after_round(env: Any) -> None:
        results = [(name, metric, value) for name, metric, value, _ in env.evaluation_result_list]
        if not goes_on(results, env.model):
            raise EarlyStopException(env.iteration, env.evaluation_result_list)

    errors = "multi_error" if len(np.unique(y)) > 2 else "binary_error"
    with warnings.catch_warnings():
        # What is to replace it, eval_y, is compared with labels that are numbered from 0.
        warnings.filterwarnings("ignore", "The argument 'eval_set' is deprecated")
        estimator.fit(
            X,
            y,
            eval_set=list(sets.values()),
            eval_names=list(sets),
            eval_metric=[errors] if hasattr(estimator, "predict_proba") else None,
            callbacks=[after_round],
            init_model=begun,
        )


def _fit_xgboost(
    estimator: Any, X: Any, y: Any, sets: Any, goes_on: Callable[..., bool], begun: Any
) -> None:
    from xgboost.callback import TrainingCallback

    class AfterRound(TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            results = (
                (name, metric, values[-1])
                for name, metrics in zip(sets, evals_log.values(), strict=True)
                for metric, values in metrics.items()
            )
            return not goes_on(results, model)

    given = estimator.get_params()
    estimator.set_params(callbacks=[*(given.get("callbacks") or ()), AfterRound()])
    if given.get("eval_metric") is None and hasattr(estimator, "predict_proba"):
        several = len(np.unique(y)) > 2
        estimator.set_params(
            eval_metric=["mlogloss", "merror"] if several else ["logloss", "error"]
        )
    estimator.fit(X, y, eval_set=list(sets.values()), xgb_model=begun, verbose=False)


def _channels(results: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    """Return values by channels' names; each set's objective is what is trained, or the first."""
    found: dict[str, float] = {}
    for name, metric, value in results:
        channel = _CHANNELS.get(metric, metric)
        found[f"{name}_{channel}"] = float(value)
        if channel in _OBJECTIVES or f"{name}_objective" not in found:
            found[f"{name}_objective"] = float(value)
    return found
