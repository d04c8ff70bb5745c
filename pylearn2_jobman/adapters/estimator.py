"""Estimators with scikit-learn's interface: ``fit``, ``partial_fit``, ``predict``."""

__all__ = ["EstimatorModel", "EstimatorTrainer"]

import io
import pickle
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from pylearn2_jobman.adapters import boosting
from pylearn2_jobman.adapters.arrays import as_arrays, as_sets
from pylearn2_jobman.adapters.trainer import TrainedModel, Trainer
from pylearn2_jobman.naming.unpickler import unpickle

Scores = dict[str, float]


class EstimatorModel(TrainedModel):
    """An estimator with the records of its training.

    Attributes
    ----------
    estimator
        The estimator; once it is trained, a fitted one.
    """

    def __init__(self, estimator: Any) -> None:
        super().__init__()
        self.estimator = estimator

    def predict(self, X: Any) -> Any:
        """Return the label, or the value, of each example.

        Parameters
        ----------
        X
            Of shape (examples, features), as the training set was.
        """
        return self.estimator.predict(X)

    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of the classes, of shape (examples, classes)."""
        return self.estimator.predict_proba(X)


class EstimatorTrainer(Trainer):
    """Trains an estimator of scikit-learn, a pipeline, or one of LightGBM or XGBoost.

    The channels of each set that is monitored begin with its name: ``valid_objective`` and, for a
    classifier, ``valid_y_nll`` (the objective, where there are probabilities) and
    ``valid_y_misclass``; for a regressor ``valid_y_mse``; else ``valid_score``. Of LightGBM and
    XGBoost they are what the library evaluates after each round.

    An epoch is a round of LightGBM or XGBoost; with ``max_epochs`` or a termination criterion a
    ``partial_fit`` of all examples, or so many more trees of a forest or of boosting
    (``warm_start``); with ``folds`` a fold; and otherwise the whole ``fit``. It can be stopped
    between any two. Stopped and resumed it ends as if it had not been, but for LightGBM and XGBoost
    where they draw at random (``subsample``, ...): they begin to draw anew, and to count what
    their own early stopping counts, in place of which ``termination_criterion`` serves. A
    pipeline's other steps are fitted once, before the first epoch.

    Parameters
    ----------
    estimator
        The estimator, or a pipeline with one at its end.
    dataset
        The training set: a pair ``(X, y)``, a dataset of pylearn2, or what ``load_digits()`` of
        scikit-learn returns.
    monitoring_dataset
        What to monitor: another such, which is then called ``valid``; or several by their names.
    valid_part
        Which part of the training set to hold out, as ``valid``, drawn at random.
    folds
        In how many folds to validate: ``valid_...`` is then the mean of the folds, recorded once at
        the end, ``valid_..._std`` their deviation, and ``fold_...`` each fold's own. The model is
        fitted to all examples at the end.
    max_epochs
        How many epochs to train, for an estimator that can be trained in parts.
    scoring
        More scores to record: names that scikit-learn has for them, such as ``roc_auc``.
    seed
        Of what ``valid_part`` and ``folds`` draw, and of estimators without a ``random_state``.
    termination_criterion, extensions, save_path
        See `pylearn2_jobman.adapters.trainer.Trainer`.

    Raises
    ------
    ValueError
        If the arguments do not go together, or the estimator cannot do what they say.
    """

    model: EstimatorModel

    def __init__(
        self,
        estimator: Any,
        dataset: Any,
        monitoring_dataset: Any = None,
        valid_part: float | None = None,
        folds: int | None = None,
        max_epochs: int | None = None,
        scoring: Sequence[str] = (),
        seed: int = 0,
        termination_criterion: Any = None,
        extensions: Sequence[Any] | None = None,
        save_path: str | None = None,
    ) -> None:
        super().__init__(
            EstimatorModel(estimator), termination_criterion, extensions, save_path, seed
        )
        if not callable(getattr(estimator, "fit", None)):
            raise ValueError(f"estimator is a {type(estimator).__name__}, which has no fit()")
        self.X, self.y = as_arrays(dataset, "dataset")
        self.sets = {
            name: as_arrays(data, f"monitoring_dataset {name!r}")
            for name, data in as_sets(monitoring_dataset).items()
        }
        self.folds = folds
        self.max_epochs = max_epochs
        self.scoring = [scoring] if isinstance(scoring, str) else list(scoring)
        self._of_folds: list[Scores] = []
        self._fitted_before = False  # a pipeline's other steps
        self._total = 0  # how large an ensemble is at the end
        self._check(valid_part)
        if valid_part is not None:
            self._hold_out(valid_part)

    @property
    def _last(self) -> Any:
        """The estimator itself, without a pipeline's other steps."""
        estimator = self.model.estimator
        return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator

    @property
    def _before(self) -> Any:
        """A pipeline's other steps; None where there are none."""
        estimator = self.model.estimator
        return estimator[:-1] if len(getattr(estimator, "steps", ())) > 1 else None

    def _check(self, valid_part: float | None) -> None:
        ways = {"valid_part": valid_part, "folds": self.folds}
        given = [name for name, value in ways.items() if value is not None]
        if "valid" in self.sets:
            given.append("a monitoring_dataset 'valid'")
        if len(given) > 1:
            raise ValueError(f"give one of {' and '.join(given)}: each is the channels valid_...")
        if self.folds is not None and self.folds < 2:
            raise ValueError(f"folds is {self.folds}; there are at least 2")
        if self.folds is not None and self._in_parts:
            raise ValueError(
                "folds: each is a whole fit, without max_epochs and termination_criterion"
            )
        if self.max_epochs is not None and self.max_epochs < 1:
            raise ValueError(f"max_epochs is {self.max_epochs}; there is at least 1")
        if not all(isinstance(name, str) for name in self.scoring):
            raise ValueError(f"scoring is {self.scoring!r}: give names, such as roc_auc")
        if boosting.library(self._last) is not None:
            if self.max_epochs is not None:
                raise ValueError(
                    "max_epochs: the rounds of boosting are the estimator's own n_estimators"
                )
        elif self._in_parts:
            grown_by = _grown_by(self._last)
            self._total = self._last.get_params()[grown_by] if grown_by else 0

    @property
    def _in_parts(self) -> bool:
        return self.max_epochs is not None or self.termination_criterion is not None

    def _hold_out(self, part: float) -> None:
        from sklearn.base import is_classifier
        from sklearn.model_selection import train_test_split

        y = self.y if is_classifier(self.model.estimator) else None
        chosen, held_out = train_test_split(
            np.arange(self.X.shape[0]), test_size=part, random_state=self.seed, stratify=y
        )
        self.sets = {"valid": self._rows(held_out), **self.sets}
        self.X, self.y = self._rows(chosen)

    def _rows(self, rows: Any) -> tuple[Any, Any]:
        return tuple(
            None if each is None else each.iloc[rows] if hasattr(each, "iloc") else each[rows]
            for each in (self.X, self.y)
        )  # type: ignore[return-value]

    def train(self) -> None:
        """Train; see the class for what an epoch is."""
        if self.folds is not None and not self._train_folds(self.folds):
            return
        if boosting.library(self._last) is not None:
            self._train_rounds()
        elif self._in_parts:
            self._train_in_parts()
        else:
            _fit(self.model.estimator, self.X, self.y)
            self.end_epoch(self._all_scores(), last=True)

    def _train_folds(self, folds: int) -> bool:
        """Train on each part of the examples but one; return whether to go on."""
        from sklearn.base import clone, is_classifier
        from sklearn.model_selection import KFold, StratifiedKFold

        kind = StratifiedKFold if is_classifier(self.model.estimator) else KFold
        splits = kind(folds, shuffle=True, random_state=self.seed).split(self.X, self.y)
        for number, (chosen, held_out) in enumerate(splits):
            if number < len(self._of_folds):
                continue
            estimator = clone(self.model.estimator)
            _fit(estimator, *self._rows(chosen))
            scores = _scores(estimator, *self._rows(held_out), self.scoring)
            self._of_folds.append(scores)
            if not self.end_epoch({f"fold_{name}": value for name, value in scores.items()}):
                return False
        return True

    def _train_in_parts(self) -> None:
        X, last = self._transformed(self.X, fit=True), self._last
        grown_by = _grown_by(last)
        limit = self.max_epochs
        if grown_by is not None:
            limit = min(self.max_epochs or self._total, self._total)
        for epoch in count(self.model.monitor.get_epochs_seen() + 1):
            if grown_by is None:
                classes = {"classes": np.unique(self.y)} if _classifies(last) else {}
                last.partial_fit(X, self.y, **classes)
            else:
                assert limit is not None
                last.set_params(warm_start=True, **{grown_by: self._total * epoch // limit})
                _fit(last, X, self.y)
            if not self.end_epoch(self._all_scores(), last=limit is not None and epoch >= limit):
                return

    def _train_rounds(self) -> None:
        X = self._transformed(self.X, fit=True)
        sets = {
            name: (self._transformed(each), y)
            for name, (each, y) in (self.sets or {"train": (self.X, self.y)}).items()
        }

        def end_round(values: Scores, last: bool) -> bool:
            return self.end_epoch({**self._of_all_folds(), **values} if last else values, last=last)

        done = self.model.monitor.get_epochs_seen() - len(self._of_folds)
        boosting.fit(self._last, X, self.y, sets, end_round, done)

    def _transformed(self, X: Any, fit: bool = False) -> Any:
        """Return examples as they come to the estimator at the end of a pipeline."""
        if self._before is None:
            return X
        if fit and not self._fitted_before:
            self._fitted_before = True
            return self._before.fit_transform(X, self.y)
        return self._before.transform(X)

    def _all_scores(self) -> Scores:
        scores = self._of_all_folds()
        for name, (X, y) in self.sets.items():
            found = _scores(self.model.estimator, X, y, self.scoring)
            scores |= {f"{name}_{score}": value for score, value in found.items()}
        return scores

    def _of_all_folds(self) -> Scores:
        found: Scores = {}
        for name in self._of_folds[0] if self._of_folds else ():
            values = [scores[name] for scores in self._of_folds]
            found[f"valid_{name}"] = float(np.mean(values))
            found[f"valid_{name}_std"] = float(np.std(values))
        return found

    def own_state(self) -> dict[str, Any]:
        """Return the estimator's pickle, and what it is in the midst of."""
        return {
            "estimator": pickle.dumps(self.model.estimator),
            "fitted_before": self._fitted_before,
            "folds": self._of_folds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there; ``JOBMAN_ALLOW`` says which classes the pickle may have."""
        self.model.estimator = unpickle(io.BytesIO(state["estimator"]))
        self._fitted_before = state["fitted_before"]
        self._of_folds = list(state["folds"])


def _fit(estimator: Any, X: Any, y: Any) -> None:
    estimator.fit(X) if y is None else estimator.fit(X, y)


def _classifies(estimator: Any) -> bool:
    from sklearn.base import is_classifier

    return bool(is_classifier(estimator))


def _grown_by(estimator: Any) -> str | None:
    """Return the parameter that makes an estimator larger; None for one with ``partial_fit``."""
    if hasattr(estimator, "partial_fit"):
        return None
    parameters: Mapping[str, Any] = getattr(estimator, "get_params", dict)()
    iterates = "HistGradientBoosting" in type(estimator).__name__
    name = "max_iter" if iterates else "n_estimators"
    if "warm_start" in parameters and name in parameters:
        return name
    raise ValueError(
        f"a {type(estimator).__name__} cannot be trained in epochs: it has no partial_fit, and is "
        "no ensemble that grows (warm_start); leave out max_epochs and termination_criterion"
    )


def _scores(estimator: Any, X: Any, y: Any, scoring: Sequence[str]) -> Scores:
    """Return the scores of a fitted estimator on a set, by names without the set's."""
    from sklearn.base import is_classifier, is_regressor
    from sklearn.metrics import get_scorer, log_loss

    found: Scores = {}
    if y is not None and is_classifier(estimator):
        if hasattr(estimator, "predict_proba"):
            probabilities = estimator.predict_proba(X)
            found["y_nll"] = log_loss(y, probabilities, labels=estimator.classes_)
        found["y_misclass"] = float(np.mean(estimator.predict(X) != np.asarray(y)))
    elif y is not None and is_regressor(estimator):
        found["y_mse"] = float(np.mean(np.square(estimator.predict(X) - np.asarray(y))))
    elif callable(getattr(estimator, "score", None)):
        found["score"] = float(estimator.score(X) if y is None else estimator.score(X, y))
    if "score" not in found and found:
        found = {"objective": next(iter(found.values())), **found}
    for name in scoring:
        found[name] = float(get_scorer(name)(estimator, X, y))
    return found
