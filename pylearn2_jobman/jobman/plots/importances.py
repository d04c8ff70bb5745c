"""How much each hyper-parameter matters, as scikit-learn's random forests see it."""

__all__ = ["importance", "importances"]

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.plots.data import chosen_keys, left_out, with_result
from pylearn2_jobman.jobman.plots.style import BLUE, new_figure, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable
from pylearn2_jobman.jobman.query.keys import short_names

_FEWEST_JOBS = 10
_FOLDS = 5
_TREES = 100
_SHUFFLES = 5
_JOBS_A_TREE = 1000  # more change nothing that can be seen, and take minutes
_POOR = 0.3


def importances(
    frame: pd.DataFrame, result: str, parameters: Sequence[str] | None = None
) -> tuple[pd.DataFrame, float]:
    """Estimate how much of a result depends on each hyper-parameter.

    A random forest (``sklearn.ensemble.RandomForestRegressor``, 100 trees) learns the result's rank
    from the hyper-parameters of four fifths of the jobs; then, on the other fifth, one
    hyper-parameter's values are shuffled among the jobs, and the loss in the forest's R² is its
    importance (``sklearn.inspection.permutation_importance``). That is repeated for every fifth.
    Ranks, so that a few diverged jobs do not decide.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    result
        The key of the result.
    parameters
        Keys; if None, the hyper-parameters that differ between the jobs.

    Returns
    -------
    pandas.DataFrame
        A row a hyper-parameter, the most important first: ``mean`` and ``std`` of its importance
        over the fifths.
    float
        The R² of the predictions for jobs that the forest had not seen: 1 if it predicts
        everything. Where it is low, the importances mean little.

    Raises
    ------
    UsageError
        If there are fewer than 10 jobs, a key is not there, no hyper-parameter differs, or
        scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import RandomForestRegressor
        from sklearn.inspection import permutation_importance
        from sklearn.model_selection import KFold
    except ModuleNotFoundError as error:
        raise UsageError(
            "importances need scikit-learn: pip install 'pylearn2_jobman[analysis]'"
        ) from error

    jobs = with_result(frame, result)
    keys = chosen_keys(jobs, parameters)
    if len(jobs) < _FEWEST_JOBS:
        raise UsageError(
            f"importances need at least {_FEWEST_JOBS} jobs with a result; here are {len(jobs)}"
        )
    inputs = np.stack([Variable.of(jobs[key], key).positions for key in keys], axis=1)
    ranks = jobs[result].rank(pct=True).to_numpy()
    variance = ranks.var()
    losses, errors = [], np.empty(len(ranks))
    for seen, unseen in KFold(_FOLDS, shuffle=True, random_state=0).split(inputs):
        forest = RandomForestRegressor(
            _TREES, max_samples=min(len(seen), _JOBS_A_TREE), min_samples_leaf=2, random_state=0
        ).fit(inputs[seen], ranks[seen])
        errors[unseen] = forest.predict(inputs[unseen]) - ranks[unseen]
        shuffled = permutation_importance(
            forest,
            inputs[unseen],
            ranks[unseen],
            # Over the variance of all jobs: that of the few in a fifth is a matter of luck.
            scoring="neg_mean_squared_error",
            n_repeats=_SHUFFLES,
            max_samples=min(len(unseen), _JOBS_A_TREE),
            random_state=0,
        )
        losses.append(shuffled.importances_mean / variance)
    table = pd.DataFrame(
        {"mean": np.mean(losses, axis=0), "std": np.std(losses, axis=0)}, index=keys
    )
    score = 1 - np.mean(errors**2) / variance
    return table.sort_values("mean", ascending=False), float(score)


@styled
def importance(frame: pd.DataFrame, result: str, parameters: Sequence[str] | None = None) -> Figure:
    """Plot how much each hyper-parameter matters; see `importances`.

    Parameters
    ----------
    frame, result, parameters
        As for `importances`.

    Raises
    ------
    UsageError
        As `importances` does.
    """
    table, score = importances(frame, result, parameters)
    names = short_names(list(table.index))
    (name,) = short_names([result])
    figure, axes = new_figure(6.8, max(2.6, 1.5 + 0.34 * len(table)))
    places = np.arange(len(table))[::-1]
    axes.barh(places, table["mean"], height=0.62, color=BLUE, zorder=2)
    axes.errorbar(
        table["mean"], places, xerr=table["std"], fmt="none", ecolor="#222222", elinewidth=1.2,
        capsize=2.5, zorder=3,
    )  # fmt: skip
    axes.axvline(0, color="#444444", linewidth=1)
    axes.set_yticks(places, names)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("loss of R² when the values are shuffled (mean and deviation over 5 folds)")
    axes.set_title(f"What {name} depends on")
    kept = with_result(frame, result)
    trust = f"R² = {score:.2f} on unseen jobs"
    trust += ": too low to tell much" * (score < _POOR)
    note(
        figure,
        f"random forest of {_TREES} trees on ranks, permutation importance (scikit-learn); "
        f"{trust}\n{left_out(frame, kept, name)}",
    )
    return figure
