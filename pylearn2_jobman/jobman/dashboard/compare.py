"""Below the table: learning curves, a scatter plot, parallel coordinates and groups of jobs."""

__all__ = ["layout", "register"]

from collections.abc import Sequence
from typing import Any

import dash
from dash import Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.answer import Answer
from pylearn2_jobman.jobman.dashboard import figures
from pylearn2_jobman.jobman.dashboard.curves import main_channel, records_of
from pylearn2_jobman.jobman.dashboard.filters import joined
from pylearn2_jobman.jobman.dashboard.groups import Group, grouped
from pylearn2_jobman.jobman.dashboard.page import Page
from pylearn2_jobman.jobman.dashboard.text import label
from pylearn2_jobman.jobman.job import Job
from pylearn2_jobman.jobman.keys import ID, STATUS
from pylearn2_jobman.jobman.records import POSITIONS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_MOST_CURVES = 20
_UNASKED_CURVES = 5
_MOST_POINTS = 3000
_MOST_LINES = 300
GRAPH = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["lasso2d", "select2d"],
}


def layout(page: Page) -> html.Section:
    """Return the views, one a tab, with their controls."""
    profile, memory = page.profile(), page.table.url
    remembered = {"persistence": memory, "persistence_type": "local"}
    across = profile.varying[0] if profile.varying else None
    choices = {
        "curves": [
            _field("Channel", dcc.Dropdown(id="channel", clearable=False, **remembered)),
            _field(
                "Along",
                dcc.Dropdown(id="along", options=list(POSITIONS), value="epoch",
                             clearable=False, searchable=False, **remembered),
            ),
            _field(
                "Scale",
                dcc.Dropdown(id="scale", options=["linear", "logarithmic"], value="linear",
                             clearable=False, searchable=False, **remembered),
            ),
        ],
        "scatter": [
            _field("Across", dcc.Dropdown(id="across", options=profile.keys, value=across,
                                          clearable=False, **remembered)),
            _field("Colour", dcc.Dropdown(id="tint", options=profile.keys, placeholder="none",
                                          **remembered)),
        ],
        "parallel": [
            _field("Axes", dcc.Dropdown(id="axes", options=profile.keys,
                                        value=profile.varying[:6], multi=True, closeOnSelect=False,
                                        **remembered)),
        ],
        "groups": [
            _field("Group by", dcc.Dropdown(id="group-by", options=profile.keys, value=across,
                                            clearable=False, **remembered)),
        ],
    }  # fmt: skip
    names = {
        "curves": "Learning curves",
        "scatter": "Scatter",
        "parallel": "Parallel coordinates",
        "groups": "Groups",
    }
    return html.Section(
        className="card compare",
        children=[
            dcc.Tabs(
                id="view", value="curves", persistence=memory, persistence_type="session",
                className="tabs", parent_className="tabs-frame",
                children=[
                    dcc.Tab(
                        value=name, label=names[name], className="tab",
                        selected_className="tab-on",
                        children=html.Div(
                            className="view",
                            children=[
                                html.Div(controls, className="toolbar"),
                                html.P(id=f"{name}-of", className="quiet", role="status"),
                                html.Div(id="groups") if name == "groups" else dcc.Graph(
                                    id=f"{name}-figure", config=GRAPH, className="graph",
                                    figure=figures.empty(""),
                                ),
                            ],
                        ),
                    )
                    for name, controls in choices.items()
                ],
            )
        ],
    )  # fmt: skip


def _field(name: str, control: Any) -> html.Div:
    return html.Div([html.Label(name, htmlFor=control.id), control], className="field")


def selected_ids(rows: Any) -> list[int]:
    """Return the numbers of the jobs that are selected in the table."""
    return [int(row[ID]) for row in rows or [] if isinstance(row, dict) and ID in row]


def register(app: dash.Dash, page: Page) -> None:
    """Add what the views do."""
    shared = {
        "view": Input("view", "value"),
        "rows": Input("grid", "selectedRows"),
        "where": Input("scope", "data"),
        "version": Input("version", "data"),
        "result": Input("result", "value"),
        "direction": Input("direction", "value"),
    }

    @app.callback(
        output=[
            Output("curves-figure", "figure"),
            Output("channel", "options"),
            Output("channel", "value"),
            Output("curves-of", "children"),
        ],
        inputs={
            "shared": shared,
            "channel": Input("channel", "value"),
            "along": Input("along", "value"),
            "scale": Input("scale", "value"),
        },
    )
    def draw_curves(shared: dict[str, Any], channel: str | None, along: str, scale: str) -> Any:
        if shared["view"] != "curves":
            return [no_update] * 4
        try:
            jobs, of = _jobs(page, shared)
        except JobmanError as error:
            return figures.empty(str(error)), no_update, no_update, ""
        found = {job.id: records_of(page, job) for job in jobs}
        channels = list(dict.fromkeys(
            name for columns in found.values() for name in columns if name not in POSITIONS
        ))  # fmt: skip
        if not channels:
            return figures.empty(_why_no_curves(page, bool(jobs))), [], no_update, of
        name = channel if channel in channels else main_channel(channels)
        assert name is not None
        curves = [
            figures.Curve(job.id, label=_label(page, flatten(job.state)),
                          x=found[job.id][along], y=found[job.id][name])
            for job in jobs if name in found[job.id]
        ]  # fmt: skip
        figure = figures.learning_curves(
            curves, channel=name, along=along, logarithmic=scale == "logarithmic"
        )
        return figure, channels, name if name != channel else no_update, of

    @app.callback(
        output=[Output("scatter-figure", "figure"), Output("scatter-of", "children")],
        inputs={
            "shared": shared,
            "across": Input("across", "value"),
            "tint": Input("tint", "value"),
        },
    )
    def draw_scatter(shared: dict[str, Any], across: str | None, tint: str | None) -> Any:
        result = shared["result"]
        if shared["view"] != "scatter":
            return [no_update] * 2
        if not (result and across):
            return figures.empty("No job has a result and a hyper-parameter that varies yet."), ""
        try:
            found, of = _values(page, shared, [across, result, tint], _MOST_POINTS)
        except JobmanError as error:
            return figures.empty(str(error)), ""
        return figures.scatter(
            found.ids, found.columns, x=across, y=result, colour=tint, labels=_labels(page, found)
        ), of

    @app.callback(
        output=[Output("parallel-figure", "figure"), Output("parallel-of", "children")],
        inputs={"shared": shared, "axes": Input("axes", "value")},
    )
    def draw_parallel(shared: dict[str, Any], axes: list[str] | None) -> Any:
        result = shared["result"]
        if shared["view"] != "parallel":
            return [no_update] * 2
        if not (result and axes):
            return figures.empty("Choose a result and some axes."), ""
        try:
            found, of = _values(page, shared, [*axes, result], _MOST_LINES, best_first=True)
        except JobmanError as error:
            return figures.empty(str(error)), ""
        keys = list(dict.fromkeys([*axes, result]))
        return figures.parallel(
            found.ids, found.columns, keys=keys, colour=result, labels=[""] * len(found)
        ), of

    @app.callback(
        output=[Output("groups", "children"), Output("groups-of", "children")],
        inputs={"shared": shared, "by": Input("group-by", "value")},
    )
    def show_groups(shared: dict[str, Any], by: str | None) -> Any:
        result, highest = shared["result"], shared["direction"] == "highest"
        if shared["view"] != "groups":
            return [no_update] * 2
        if not (result and by):
            return html.P("Choose a result and a key to group by.", className="empty"), ""
        try:
            found, of = _values(page, shared, [by, result, STATUS], None)
        except JobmanError as error:
            return html.P(str(error), className="error"), ""
        groups = grouped(found.ids, found.columns, by=by, result=result, highest=highest)
        return _table(groups, by, result), of

    @app.callback(
        Output("where", "value"),
        Input({"type": "group", "where": dash.ALL}, "n_clicks"),
        State("where", "value"),
        prevent_initial_call=True,
    )
    def show_group(clicks: list[int | None], where: str | None) -> Any:
        if not any(clicks) or dash.ctx.triggered_id is None:
            return no_update
        chosen = dash.ctx.triggered_id["where"]
        return joined([where, chosen]) if where and where.strip() else chosen

    for view in ("curves", "scatter", "parallel"):

        @app.callback(
            Output("url", "pathname", allow_duplicate=True),
            Input(f"{view}-figure", "clickData"),
            prevent_initial_call=True,
        )
        def open_job(click: dict[str, Any] | None) -> Any:
            data = click["points"][0].get("customdata") if click else None
            return f"/job/{data}" if data is not None else no_update


def _jobs(page: Page, shared: dict[str, Any]) -> tuple[list[Job], str]:
    """Return the jobs whose curves to draw, and in words which they are."""
    selected, where, result = selected_ids(shared["rows"]), shared["where"], shared["result"]
    if selected:
        jobs = list(page.table.jobs(ids=selected[:_MOST_CURVES]))
        if len(selected) > _MOST_CURVES:
            return jobs, f"The first {_MOST_CURVES} of {len(selected)} selected jobs."
        return jobs, f"{len(jobs)} selected job{'s' * (len(jobs) != 1)}."
    if result is None:
        jobs = list(page.table.jobs(where=where, limit=_UNASKED_CURVES))
        return jobs, f"The first {len(jobs)} jobs. Select others in the table."
    highest = shared["direction"] == "highest"
    jobs = page.table.best(
        result, n=_UNASKED_CURVES, highest=highest, where=where, status=tuple(Status)
    )
    name = result.rpartition(".")[2]
    return jobs, f"The {len(jobs)} best by {name}. Select jobs in the table to compare them."


def _values(
    page: Page,
    shared: dict[str, Any],
    keys: Sequence[str | None],
    most: int | None,
    *,
    best_first: bool = False,
) -> tuple[Answer, str]:
    """Return keys of the jobs that are selected, or of all that match, and which these are."""
    wanted = list(dict.fromkeys([*filter(None, keys), *page.profile().varying[:4]]))
    selected = selected_ids(shared["rows"])
    found = page.table.columns(
        keys=wanted,
        **({"ids": selected} if selected else {"where": shared["where"]}),
        order_by=shared["result"] if best_first else None,
        descending=best_first and shared["direction"] == "highest",
        limit=most,
    )
    if len(found) == most:
        return found, f"The {'best' if best_first else 'first'} {most:,} jobs of those that match."
    if selected:
        return found, f"{len(found):,} selected job{'s' * (len(found) != 1)}."
    return found, f"{len(found):,} jobs that match. Select some in the table to see these alone."


def _label(page: Page, flat: dict[str, Any]) -> str:
    return label({key: flat.get(key) for key in page.profile().varying[:4]})


def _labels(page: Page, found: Answer) -> list[str]:
    varying = [key for key in page.profile().varying[:4] if key in found.columns]
    return [
        label(dict(zip(varying, row, strict=True)))
        for row in zip(*(found.columns[key] for key in varying), strict=True)
    ] or [""] * len(found)


def _why_no_curves(page: Page, any_jobs: bool) -> str:
    if not any_jobs:
        return "No job matches."
    if page.settings.exproot is None:
        return "Start the page with --exproot DIR to see the curves of jobs that have ended."
    return "These jobs have no monitor records yet."


def _table(groups: list[Group], by: str, result: str) -> html.Table:
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
        for group in groups[:_MOST_LINES]
    ]  # fmt: skip
    return html.Table([html.Thead(html.Tr([html.Th(text) for text in head])), html.Tbody(body)],
                      className="groups")  # fmt: skip
