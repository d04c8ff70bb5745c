"""The top of the page: how many jobs stand where, how fast they end, when all have, the best."""

__all__ = ["layout", "overview", "register"]

import time
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import ids
from pylearn2_jobman.jobman.dashboard.context import PAUSED, PageContext
from pylearn2_jobman.jobman.dashboard.formatting import format_time, job_label
from pylearn2_jobman.jobman.dashboard.throughput import Throughput, measure
from pylearn2_jobman.jobman.formatting import duration
from pylearn2_jobman.jobman.query.keys import STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_WORDS = {
    Status.DONE: "done",
    Status.RUNNING: "running",
    Status.START: "waiting",
    Status.ERR_RUN: "failed",
    Status.ERR_START: "not started",
    Status.ERR_SYNC: "not stored",
    Status.CANCELED: "cancelled",
}

# Running ones report results as they go.
_COUNTING = (Status.DONE, Status.RUNNING)
_HIDDEN: Any = {"aria-hidden": "true"}  # from who listens to the page


def layout(page: PageContext) -> html.Section:
    """Return the cards, with the choice of the result that counts."""
    profile, memory = page.profile(), page.table.url
    return html.Section(
        className="overview",
        children=[
            html.Div(id="counts", className="card counts"),
            html.Div(id="throughput", className="card figure-card"),
            html.Div(id="ending", className="card figure-card"),
            html.Div(
                className="card figure-card best",
                children=[
                    html.Div(
                        className="best-head",
                        children=[
                            html.Label("Best", htmlFor=ids.RESULT),
                            dcc.Dropdown(
                                id=ids.RESULT, options=profile.results, value=profile.result,
                                clearable=False, persistence=memory, persistence_type="local",
                                placeholder="no results yet",
                            ),
                            dcc.Dropdown(
                                id=ids.DIRECTION, options=["lowest", "highest"], value="lowest",
                                clearable=False, searchable=False, persistence=memory,
                                persistence_type="local",
                            ),
                        ],
                    ),
                    html.Div(id="best"),
                ],
            ),
        ],
    )  # fmt: skip


def overview(counts: dict[Status, int]) -> list[Any]:
    """Return the bar of all jobs by status, and under it a button a status."""
    total = sum(counts.values())
    if not total:
        return [html.H2("Jobs"), html.P("The table has no jobs yet.", className="quiet")]
    ended = total - counts[Status.START] - counts[Status.RUNNING]
    there = [status for status in _WORDS if counts[status]]
    bar = [
        html.Span(
            className=f"part status-{status.name}",
            style={"flexGrow": counts[status]},
            title=f"{counts[status]:,} {_WORDS[status]}",
        )
        for status in there
    ]
    aria: Any = {"aria-label": f"{ended} of {total} ended"}
    buttons = [
        html.Button(
            [
                html.Span(className=f"dot status-{status.name}"),
                html.B(f"{counts[status]:,}"),
                f" {_WORDS[status]}",
            ],
            id={"type": "status", "name": status.name},
            className="chip",
            title=f"Show the jobs that are {status.name}; again: all",
        )
        for status in there
    ]
    head = html.Div(
        className="counts-head",
        children=[
            html.H2("Jobs"),
            html.Span(f"{ended:,} of {total:,} ended", className="quiet"),
        ],
    )
    return [
        head,
        html.Div(f"{100 * ended // total} %", className="value"),
        html.Div(bar, className="bar", role="img", **aria),
        html.Div(buttons, className="chips"),
    ]


def speed(found: Throughput) -> list[Any]:
    """Return how fast jobs end, with a bar a part of the last hour or day."""
    value: list[Any] = ["—"]
    if found.jobs_an_hour is not None:
        digits = 0 if found.jobs_an_hour >= 10 else 1
        value = [f"{found.jobs_an_hour:,.{digits}f}", html.Small(" jobs/h")]
    shown: list[Any] = [html.H2("Throughput"), html.Div(value, className="value")]
    if not found.parts:
        return [*shown, html.P("No job ended in the last day.", className="quiet")]
    highest = max(found.parts)
    bars = [
        html.Span(style={"height": f"{100 * number / highest:.0f}%"}, title=f"{number} ended")
        for number in found.parts
    ]
    return [
        *shown,
        html.Div(bars, className="spark", **_HIDDEN),
        html.P(f"{sum(found.parts):,} ended in the last {found.window}", className="quiet"),
    ]


def ending(found: Throughput) -> list[Any]:
    """Return when all jobs will have ended, or why that is not known."""
    left = found.seconds_left
    if left is not None:
        value: list[Any] = [duration(left)]
        now, end = (format_time(seconds) for seconds in (time.time(), time.time() + left))
        day, clock = end[:-3].split()
        when = clock if now.startswith(day) else f"{day} {clock}"
        note = f"about {when}, with {found.running:,} running"
    elif not found.remaining:
        value, note = ["—"], "nothing waits"
    elif not found.running:
        value, note = ["—"], "no worker is running"
    else:
        value, note = ["—"], "known once a job has ended"
    return [
        html.H2("Estimated end"),
        html.Div(value, className="value"),
        html.P(note, className="quiet"),
    ]


def best(page: PageContext, key: str | None, *, highest: bool) -> list[Any]:
    """Return the best value of a result, and which job has it."""
    found = page.table.best(key, n=1, highest=highest, status=_COUNTING) if key else []
    if not key or not found:
        return [html.Div("—", className="value"), html.P("no job has it yet", className="quiet")]
    flat = flatten(found[0].state)
    varying = {one: flat.get(one) for one in page.profile().varying[:4]}
    return [
        html.Div(f"{flat[key]:.5g}", className="value"),
        html.P(
            [
                dcc.Link(f"job {found[0].id}", href=f"/job/{found[0].id}"),
                html.Span(f" {job_label(varying)}", className="quiet"),
            ]
        ),
    ]


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the cards do, and the page's clock."""
    ticked = {
        "version": Output(ids.VERSION, "data"),
        "beat": Output(ids.BEAT, "data"),
        "live": Output(ids.LIVE, "children"),
        "live_class": Output(ids.LIVE, "className"),
        "counts": Output("counts", "children"),
        "throughput": Output("throughput", "children"),
        "ending": Output("ending", "children"),
    }

    @app.callback(
        output=ticked,
        inputs=[Input(ids.TICK, "n_intervals"), State(ids.VERSION, "data")],
        running=PAUSED,
    )
    def tick(number: int | None, known: str | None) -> dict[str, Any]:
        unchanged = dict.fromkeys(ticked, no_update)
        try:
            version = page.table.version()
            answer = {**unchanged, "beat": number, "live": "live", "live_class": "live on"}
            if version == known and (number or 0) % 10:  # now and then: time passes
                return answer
            counts = page.table.counts()
            found = measure(page.table, counts)
        except JobmanError as error:
            return {**unchanged, "live": str(error), "live_class": "live off"}
        if version != known:
            answer["version"] = version
        return {
            **answer,
            "counts": overview(counts),
            "throughput": speed(found),
            "ending": ending(found),
        }

    @app.callback(
        output={
            "best": Output("best", "children"),
            "offered": Output(ids.RESULT, "options"),
            "chosen": Output(ids.RESULT, "value"),
        },
        inputs=[
            Input(ids.VERSION, "data"),
            Input(ids.RESULT, "value"),
            Input(ids.DIRECTION, "value"),
            State(ids.RESULT, "options"),
        ],
        running=PAUSED,
    )
    def show_best(
        _version: str | None, chosen: str | None, direction: str, offered: list[str]
    ) -> dict[str, Any]:
        profile = page.profile()
        key = chosen if chosen in profile.results else profile.result
        return {
            "best": best(page, key, highest=direction == "highest"),
            "offered": no_update if offered == profile.results else profile.results,
            "chosen": no_update if chosen == key else key,
        }

    @app.callback(
        Output(ids.GRID, "filterModel"),
        Input({"type": "status", "name": ALL}, "n_clicks"),
        State(ids.GRID, "filterModel"),
        prevent_initial_call=True,
    )
    def show_only(clicks: list[int | None], filters: dict[str, Any] | None) -> Any:
        if not any(clicks) or ctx.triggered_id is None:
            return no_update
        filters = dict(filters or {})
        name = ctx.triggered_id["name"]
        if filters.pop(STATUS, {}).get("filter") != name:
            filters[STATUS] = {"filterType": "text", "type": "contains", "filter": name}
        return filters
