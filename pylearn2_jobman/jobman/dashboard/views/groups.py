"""Groups of jobs as a table: how many, and what a result of theirs is at best and on average."""

__all__ = ["group_table"]

from collections.abc import Sequence

from dash import dcc, html

from pylearn2_jobman.jobman.dashboard.filters import all_of, equals
from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.query.groups import Group
from pylearn2_jobman.jobman.query.keys import short_names

_MOST_CELLS = 2600  # ten thousand keep a browser busy for a minute


def group_table(groups: Sequence[Group], result: str) -> html.Div:
    """Return the groups, the best one first, as a table; a click on one shows its jobs."""
    keys = list(groups[0].values) if groups else []
    head = [*(short_names(keys) or ["group"]), "jobs", "n", f"best {result.rpartition('.')[2]}",
            "in job", "median", "mean", "± deviation", "95 % interval", "failed", "NaN",
            "missing"]  # fmt: skip
    most = max(20, _MOST_CELLS // len(head))
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(text) for text in head])),
            html.Tbody([html.Tr(_cells(group)) for group in groups[:most]]),
        ],
        className="groups",
    )
    more = len(groups) - most
    return html.Div([table, html.P(f"{more:,} more groups.", className="quiet")] if more > 0
                    else [table])  # fmt: skip


def _cells(group: Group) -> list[html.Td]:
    names = [format_value(key, value) or "none" for key, value in group.values.items()]
    first, *others = names or ["all"]
    where = all_of(equals(key, value) for key, value in group.values.items())
    show = html.Button(
        first, className="link", title="Show these jobs", id={"type": "group", "where": where or ""}
    )
    job = dcc.Link(str(group.best_id), href=f"/job/{group.best_id}") if group.best_id else ""
    interval = [] if group.low is None else [_number(group.low), " to ", _number(group.high)]
    shown = [
        show, *others, f"{len(group.ids):,}", f"{group.n:,}", _number(group.best), job,
        _number(group.median), html.B(_number(group.mean)), _number(group.std), "".join(interval),
        *(f"{count:,}" if count else "" for count in (group.failed, group.nan, group.missing)),
    ]  # fmt: skip
    return [html.Td(one) for one in shown]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"
