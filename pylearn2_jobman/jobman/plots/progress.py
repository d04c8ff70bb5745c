"""How a search went: the best result so far, and the front of two results."""

__all__ = ["best_so_far", "pareto_front"]

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pylearn2_jobman.jobman.plots.data import check_keys, left_out, with_result
from pylearn2_jobman.jobman.plots.style import BLUE, GREY, ORANGE, new_figure, note, styled
from pylearn2_jobman.jobman.plots.variable import Variable, written
from pylearn2_jobman.jobman.query.front import front
from pylearn2_jobman.jobman.query.keys import HEARTBEAT, short_names


@styled
def best_so_far(frame: pd.DataFrame, result: str, *, highest: bool = False) -> Figure:
    """Plot each job's result in the order in which they ended, and the best one so far.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`; with the key ``jobman.heartbeat``, by which jobs ended.
    result
        The key of the result.
    highest
        Whether the highest result is the best.

    Raises
    ------
    UsageError
        If a key is not there, or no job has a finite result.
    """
    check_keys(frame, [HEARTBEAT])
    jobs = with_result(frame, result).sort_values(HEARTBEAT, kind="stable")
    (name,) = short_names([result])
    y = Variable.of(jobs[result], name)
    at = np.arange(1, len(jobs) + 1)
    best = (np.maximum if highest else np.minimum).accumulate(y.positions)
    figure, axes = new_figure()
    axes.scatter(at, y.positions, s=20, color=BLUE, alpha=0.5, linewidths=0, label="a job")
    axes.step(at, best, where="post", color=ORANGE, linewidth=2, label="the best so far")
    first = int(np.argmax(best == best[-1]))
    axes.plot(
        at[first], best[-1], marker="*", markersize=15, color="black", markeredgecolor="white",
        linestyle="none", label=f"job {jobs.index[first]}, {written(float(best[-1]))}",
    )  # fmt: skip
    y.draw(axes.yaxis)
    axes.set_xlabel("jobs that have ended")
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    axes.set_title(f"The best {name} so far")
    figure.legend(loc="outside upper right", ncols=3, fontsize=9)
    note(figure, left_out(frame, jobs, name))
    return figure


@styled
def pareto_front(
    frame: pd.DataFrame, x: str, y: str, *, highest: tuple[bool, bool] = (False, False)
) -> Figure:
    """Plot two results of every job against each other, and the jobs that no other beats in both.

    Parameters
    ----------
    frame
        Of `JobTable.dataframe`.
    x, y
        The keys of the results.
    highest
        Of each, whether the highest is the best.

    Raises
    ------
    UsageError
        If a key is not there, or no job has two finite results.
    """
    jobs = with_result(with_result(frame, x), y)
    x_name, y_name = short_names([x, y])
    across, up = Variable.of(jobs[x], x_name), Variable.of(jobs[y], y_name)
    places = front(list(zip(across.positions, up.positions, strict=True)), highest)
    figure, axes = new_figure()
    axes.scatter(across.positions, up.positions, s=24, color=GREY, alpha=0.5, linewidths=0)
    axes.plot(
        across.positions[places], up.positions[places], color=ORANGE, marker="o", markersize=6,
        label=f"the front: {len(places)} jobs",
    )  # fmt: skip
    across.draw(axes.xaxis)
    up.draw(axes.yaxis)
    axes.set_title(f"{y_name} against {x_name}")
    figure.legend(loc="outside upper right", fontsize=9)
    note(figure, left_out(frame, jobs, f"{x_name} and {y_name}"))
    return figure
