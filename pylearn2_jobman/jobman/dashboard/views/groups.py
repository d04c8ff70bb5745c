"""Jobs grouped by the values of a key: how many, and the best, median and mean of a result."""

__all__ = ["Group", "group_table", "grouped"]

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from pylearn2_jobman.jobman.dashboard.filters import equals
from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.query.keys import STATUS
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.values import format_literal

_MOST_ROWS = 300


@dataclass(frozen=True)
class Group:
    """The jobs with one value of a key.

    Attributes
    ----------
    value
        The value, as the page shows it.
    where
        The condition that these jobs meet.
    jobs, done
        How many there are, and how many of them are done.
    best_job
        The job with the best result; None, and so are the numbers, if none has one.
    best, median, mean, deviation
        Of the results; the deviation is that of a sample, NaN for a single one.
    """

    value: str
    where: str
    jobs: int
    done: int
    best_job: int | None = None
    best: float = math.nan
    median: float = math.nan
    mean: float = math.nan
    deviation: float = math.nan


def grouped(
    ids: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    *,
    by: str,
    result: str,
    highest: bool,
) -> list[Group]:
    """Group jobs, the group with the best result first.

    Parameters
    ----------
    ids
        The jobs.
    columns
        Key -> the jobs' values, of ``by``, ``result`` and ``jobman.status``.
    by
        The key whose values make the groups.
    result
        The key of the result.
    highest
        Whether the highest value is the best.
    """
    members: dict[tuple[str, str], list[int]] = {}
    values: dict[tuple[str, str], Any] = {}
    for row, value in enumerate(columns[by]):
        kind = (type(value).__name__, format_literal(value))
        members.setdefault(kind, []).append(row)
        values[kind] = value
    better = max if highest else min
    found = []
    for kind, rows in members.items():
        done = sum(columns[STATUS][row] is Status.DONE for row in rows)
        group = Group(format_value(by, values[kind]), equals(by, values[kind]), len(rows), done)
        numbers = {row: columns[result][row] for row in rows if _is_number(columns[result][row])}
        if numbers:
            first = better(numbers, key=lambda row: numbers[row])
            results = list(numbers.values())
            group = Group(
                group.value, group.where, group.jobs, group.done, ids[first], numbers[first],
                statistics.median(results), statistics.fmean(results),
                statistics.stdev(results) if len(results) > 1 else math.nan,
            )  # fmt: skip
        found.append(group)
    sign = -1 if highest else 1
    return sorted(found, key=lambda group: (group.best_job is None, sign * group.best))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def group_table(groups: list[Group], by: str, result: str) -> html.Table:
    """Return the groups as a table."""
    head = [by.rpartition(".")[2], "jobs", "done", f"best {result.rpartition('.')[2]}", "in job",
            "median", "mean", "± deviation"]  # fmt: skip

    def number(value: float) -> str:
        return "" if value != value else f"{value:.5g}"

    body = [
        html.Tr(
            [
                html.Td(
                    html.Button(
                        group.value or "none", className="link", title="Show these jobs",
                        id={"type": "group", "where": group.where},
                    )
                ),
                html.Td(f"{group.jobs:,}"),
                html.Td(f"{group.done:,}"),
                html.Td(html.B(number(group.best))),
                html.Td(
                    dcc.Link(str(group.best_job), href=f"/job/{group.best_job}")
                    if group.best_job is not None
                    else ""
                ),
                html.Td(number(group.median)),
                html.Td(number(group.mean)),
                html.Td(number(group.deviation)),
            ]
        )
        for group in groups[:_MOST_ROWS]
    ]  # fmt: skip
    return html.Table([html.Thead(html.Tr([html.Th(text) for text in head])), html.Tbody(body)],
                      className="groups")  # fmt: skip
