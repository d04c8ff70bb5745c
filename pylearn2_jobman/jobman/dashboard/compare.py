"""Below the table: learning curves, a scatter plot, parallel coordinates and groups of jobs."""

__all__ = ["layout", "register"]

from typing import Any

import dash
from dash import Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import figures
from pylearn2_jobman.jobman.dashboard.chosen import Chosen
from pylearn2_jobman.jobman.dashboard.curves import records_of
from pylearn2_jobman.jobman.dashboard.filters import joined
from pylearn2_jobman.jobman.dashboard.groups import group_table, grouped
from pylearn2_jobman.jobman.dashboard.page import PAUSED, Page
from pylearn2_jobman.jobman.files.records import POSITIONS
from pylearn2_jobman.jobman.plots.curves import main_channels
from pylearn2_jobman.jobman.query.keys import STATUS
from pylearn2_jobman.jobman.status import Status

_MOST_POINTS = 3000
_MOST_LINES = 300


def layout(page: Page) -> html.Section:
    """Return the views, one a tab, with their controls."""
    profile, memory = page.profile(), page.table.url
    remembered: dict[str, Any] = {"persistence": memory, "persistence_type": "local"}
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
                                    id=f"{name}-figure", config=figures.CONFIG, className="graph",
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
            Output("drawn", "data"),
        ],
        inputs={
            "shared": shared,
            "_beat": Input("beat", "data"),
            "channel": Input("channel", "value"),
            "along": Input("along", "value"),
            "scale": Input("scale", "value"),
            "drawn": State("drawn", "data"),
        },
        running=PAUSED,
    )
    def draw_curves(
        shared: dict[str, Any], _beat: Any, channel: str | None, along: str, scale: str, drawn: Any
    ) -> Any:
        if shared["view"] != "curves":
            return [no_update] * 5
        try:
            chosen = Chosen.of(page, shared["rows"], shared["where"])
            jobs, of = chosen.jobs(shared["result"], highest=shared["direction"] == "highest")
        except JobmanError as error:
            return figures.empty(str(error)), no_update, no_update, "", None
        # A beat may have overtaken another call: of two under way Dash forgets the first.
        asked = {**shared, "rows": chosen.ids, "channel": channel, "along": along, "scale": scale}
        only_beat = set(dash.ctx.triggered_prop_ids) == {"beat.data"}
        if only_beat and drawn == asked and all(job.status is not Status.RUNNING for job in jobs):
            return [no_update] * 5  # nothing grows
        found = {job.id: records_of(page, job) for job in jobs}
        channels = list(dict.fromkeys(
            name for columns in found.values() for name in columns if name not in POSITIONS
        ))  # fmt: skip
        if not channels:
            return figures.empty(_why_no_curves(page, bool(jobs))), [], no_update, of, asked
        name = channel if channel in channels else main_channels(channels)[0]
        curves = [
            figures.Curve(job.id, label=chosen.label(job),
                          x=found[job.id][along], y=found[job.id][name])
            for job in jobs if name in found[job.id]
        ]  # fmt: skip
        figure = figures.learning_curves(
            curves, channel=name, along=along, logarithmic=scale == "logarithmic"
        )
        return figure, channels, name if name != channel else no_update, of, asked

    @app.callback(
        output=[Output("scatter-figure", "figure"), Output("scatter-of", "children")],
        inputs={
            "shared": shared,
            "across": Input("across", "value"),
            "tint": Input("tint", "value"),
        },
        running=PAUSED,
    )
    def draw_scatter(shared: dict[str, Any], across: str | None, tint: str | None) -> Any:
        result = shared["result"]
        if shared["view"] != "scatter":
            return [no_update] * 2
        if not (result and across):
            return figures.empty("No job has a result and a hyper-parameter that varies yet."), ""
        try:
            chosen = Chosen.of(page, shared["rows"], shared["where"])
            found, of = chosen.values([across, result, tint], most=_MOST_POINTS)
            labels = chosen.labels(found)
            return figures.scatter(found.dataframe(), across, result, tint, labels), of
        except JobmanError as error:
            return figures.empty(str(error)), ""

    @app.callback(
        output=[Output("parallel-figure", "figure"), Output("parallel-of", "children")],
        inputs={"shared": shared, "axes": Input("axes", "value")},
        running=PAUSED,
    )
    def draw_parallel(shared: dict[str, Any], axes: list[str] | None) -> Any:
        result = shared["result"]
        if shared["view"] != "parallel":
            return [no_update] * 2
        if not (result and axes):
            return figures.empty("Choose a result and some axes."), ""
        try:
            chosen = Chosen.of(page, shared["rows"], shared["where"])
            highest = shared["direction"] == "highest"
            found, of = chosen.values([*axes, result], most=_MOST_LINES, best_by=(result, highest))
            labels = chosen.labels(found)
            frame = found.dataframe()
            return figures.parallel(frame, axes, result, labels, highest=highest), of
        except JobmanError as error:
            return figures.empty(str(error)), ""

    @app.callback(
        output=[Output("groups", "children"), Output("groups-of", "children")],
        inputs={"shared": shared, "by": Input("group-by", "value")},
        running=PAUSED,
    )
    def show_groups(shared: dict[str, Any], by: str | None) -> Any:
        result, highest = shared["result"], shared["direction"] == "highest"
        if shared["view"] != "groups":
            return [no_update] * 2
        if not (result and by):
            return html.P("Choose a result and a key to group by.", className="empty"), ""
        try:
            chosen = Chosen.of(page, shared["rows"], shared["where"])
            found, of = chosen.values([by, result, STATUS], most=None)
        except JobmanError as error:
            return html.P(str(error), className="error"), ""
        groups = grouped(found.ids, found.columns, by=by, result=result, highest=highest)
        return group_table(groups, by, result), of

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


def _why_no_curves(page: Page, any_jobs: bool) -> str:
    if not any_jobs:
        return "No job matches."
    if page.settings.exproot is None:
        return "Start the page with --exproot DIR to see the curves of jobs that have ended."
    return "These jobs have no monitor records yet."
