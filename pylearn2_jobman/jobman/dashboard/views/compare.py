"""Below the table: learning curves, a scatter plot, parallel coordinates and groups of jobs.

All can show jobs that differ in their seeds alone as one, on average.
"""

__all__ = ["layout", "register"]

from collections.abc import Callable
from typing import Any

import dash
from dash import Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError, UsageError
from pylearn2_jobman.jobman import plots
from pylearn2_jobman.jobman.dashboard import ids
from pylearn2_jobman.jobman.dashboard.context import PAUSED, PageContext
from pylearn2_jobman.jobman.dashboard.controls import field
from pylearn2_jobman.jobman.dashboard.filters import all_of
from pylearn2_jobman.jobman.dashboard.subset import Subset
from pylearn2_jobman.jobman.dashboard.views import figures
from pylearn2_jobman.jobman.dashboard.views.differences import difference_table
from pylearn2_jobman.jobman.dashboard.views.groups import group_table
from pylearn2_jobman.jobman.dashboard.views.jobfiles import channels_of, pick_channel, records_of
from pylearn2_jobman.jobman.files.records import POSITIONS, drawn_over
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.plots.band import Band
from pylearn2_jobman.jobman.query.keys import HEARTBEAT, STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_MOST_POINTS = 3000
_MOST_LINES = 300
_TABLES = ("groups", "differences", "search")  # the others are figures
_MOST_JUDGED = 300  # jobs, that the importance of keys is estimated from in some seconds
_SMOOTHING = {"none": 0.0, "a little": 0.6, "more": 0.9, "much": 0.97}
_FIGURES: dict[str, Callable[..., Any]] = {
    "best so far": lambda frame, result, parameters, axes, highest: plots.best_so_far(
        frame, result, highest=highest
    ),
    "importance": lambda frame, result, parameters, axes, highest: plots.importance(
        frame, result, parameters
    ),
    "map": lambda frame, result, parameters, axes, highest: plots.heat_map(
        frame, result, *axes, highest=highest
    ),
}


def layout(page: PageContext) -> html.Section:
    """Return the views, one a tab, with their controls."""
    profile, memory = page.profile(), page.table.url
    remembered: dict[str, Any] = {"persistence": memory, "persistence_type": "local"}
    across = profile.varying[0] if profile.varying else None
    choices = {
        "curves": [
            field("Channels", dcc.Dropdown(id="channel", multi=True, closeOnSelect=False,
                                            **remembered)),
            field(
                "Along",
                dcc.Dropdown(id="along", options=list(POSITIONS), value="epoch",
                             clearable=False, searchable=False, **remembered),
            ),
            field(
                "Logarithmic",
                dcc.Dropdown(id="logarithmic", options={"y": "values", "x": "along"}, value=[],
                             multi=True, searchable=False, placeholder="no axis", **remembered),
            ),
            field(
                "Smoothing",
                dcc.Dropdown(id="smoothing", options=list(_SMOOTHING), value="none",
                             clearable=False, searchable=False, **remembered),
            ),
        ],
        "scatter": [
            field("Across", dcc.Dropdown(id="across", options=profile.keys,
                                          placeholder="what matters most", **remembered)),
            field("Colour", dcc.Dropdown(id="tint", options=profile.keys, placeholder="none",
                                          **remembered)),
        ],
        "parallel": [
            field("Axes", dcc.Dropdown(id="axes", options=profile.keys,
                                        value=profile.varying[:6], multi=True, closeOnSelect=False,
                                        **remembered)),
        ],
        "search": [
            field("Figure", dcc.Dropdown(id="figure", options=list(_FIGURES), value="best so far",
                                          clearable=False, searchable=False, **remembered)),
            field("Across", dcc.Dropdown(id="map-x", options=profile.keys, value=across,
                                          clearable=False, **remembered)),
            field("Up", dcc.Dropdown(id="map-y", options=profile.keys,
                                      value=next(iter(profile.varying[1:]), None),
                                      clearable=False, **remembered)),
        ],
        "groups": [
            field("Group by", dcc.Dropdown(id="group-by", options=profile.keys,
                                            value=[across] if across else [],
                                            multi=True, closeOnSelect=False, **remembered)),
        ],
    }  # fmt: skip
    choices["differences"] = []
    names = {
        "curves": "Learning curves",
        "scatter": "Scatter",
        "parallel": "Parallel coordinates",
        "search": "Search",
        "groups": "Groups",
        "differences": "Differences",
    }
    return html.Section(
        className="card compare",
        children=[
            dcc.Store(id="drawn"),
            dcc.Store(id="narrow"),  # whether the window is
            html.Div(
                field(
                    "Average over",
                    dcc.Dropdown(id="over", options=profile.varying, multi=True,
                                 closeOnSelect=False, placeholder="nothing: every job alone",
                                 **remembered),
                ),
                className="toolbar",
            ),
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
                                html.Div(id=name, className="rows") if name in _TABLES
                                else dcc.Graph(
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


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the views do; only the one that is open is drawn."""
    shared = {
        "view": Input("view", "value"),
        "rows": Input(ids.GRID, "selectedRows"),
        "condition": Input(ids.CONDITION, "data"),
        "version": Input(ids.VERSION, "data"),
        "result": Input(ids.RESULT, "value"),
        "direction": Input(ids.DIRECTION, "value"),
        "over": Input("over", "value"),
    }
    curves = {
        "figure": Output("curves-figure", "figure"),
        "channels": Output("channel", "options"),
        "channel": Output("channel", "value"),
        "of": Output("curves-of", "children"),
        "drawn": Output("drawn", "data"),
    }

    @app.callback(
        output=curves,
        inputs={
            "shared": shared,
            "_beat": Input(ids.BEAT, "data"),
            "chosen": {
                "channels": Input("channel", "value"),
                "along": Input("along", "value"),
                "logarithmic": Input("logarithmic", "value"),
                "smoothing": Input("smoothing", "value"),
                "narrow": Input("narrow", "data"),
            },
            "drawn": State("drawn", "data"),
        },
        running=PAUSED,
    )
    def draw_curves(
        shared: dict[str, Any], _beat: Any, chosen: dict[str, Any], drawn: Any
    ) -> dict[str, Any]:
        unchanged = dict.fromkeys(curves, no_update)
        if shared["view"] != "curves":
            return unchanged
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"], shared["over"])
            curves_of, of = subset.curves(
                shared["result"], highest=shared["direction"] == "highest"
            )
        except JobmanError as error:
            return {**unchanged, "figure": figures.empty(str(error)), "of": "", "drawn": None}
        # A beat may have overtaken another call: of two under way Dash forgets the first.
        request = {**shared, "rows": subset.ids, **chosen}
        only_beat = set(dash.ctx.triggered_prop_ids) == {f"{ids.BEAT}.data"}
        jobs = [job for _, some in curves_of for job in some]
        if only_beat and drawn == request and all(job.status is not Status.RUNNING for job in jobs):
            return unchanged  # nothing grows
        live = page.table.live(ids=[job.id for job in jobs])
        found = {job.id: records_of(page, job, live.get(job.id, Live())) for job in jobs}
        channels = channels_of(found.values())
        if not channels:
            figure = figures.empty(_why_no_curves(page, bool(jobs)))
            of = of if jobs else ""
            return {**unchanged, "figure": figure, "channels": [], "of": of, "drawn": request}
        wanted = chosen["channels"] or []
        names = [name for name in wanted if name in channels] or [pick_channel(channels, None)]
        along = drawn_over(found.values(), chosen["along"])
        drawn_curves = []
        for label, some in curves_of:
            for name in names:
                runs = [found[job.id] for job in some if name in found[job.id]]
                if runs and subset.over:
                    band = Band.of([(one[along], one[name]) for one in runs], along)
                    curve = figures.Curve(some[0].id, label, band.x, band.mean, band, name)
                    drawn_curves.append(curve)
                elif runs:
                    x, y = runs[0][along], runs[0][name]
                    drawn_curves.append(figures.Curve(some[0].id, label, x, y, channel=name))
        figure = figures.learning_curves(
            drawn_curves,
            channels=names,
            along=along,
            logarithmic=chosen["logarithmic"] or [],
            smoothing=_SMOOTHING.get(chosen["smoothing"], 0.0),
            narrow=bool(chosen["narrow"]),
        )
        return {
            "figure": figure,
            "channels": channels,
            "channel": no_update if names == wanted else names,
            "of": of,
            "drawn": request,
        }

    @app.callback(
        output=[
            Output("scatter-figure", "figure"),
            Output("scatter-of", "children"),
            Output("across", "value"),
        ],
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
            return [no_update] * 3
        varying = page.profile().varying
        if not (result and (across or varying)):
            nothing = "No job has a result and a hyper-parameter that varies yet."
            return figures.empty(nothing), "", no_update
        highest = shared["direction"] == "highest"
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"], shared["over"])
            key = across or most_important(page, result, varying)
            found, of = subset.sample([key, result, tint], _MOST_POINTS, result, highest=highest)
            labels = subset.labels(found)
            return figures.scatter(found.dataframe(), key, result, tint, labels), of, key
        except JobmanError as error:
            return figures.empty(str(error)), "", no_update

    @app.callback(
        output=[Output("parallel-figure", "figure"), Output("parallel-of", "children")],
        inputs={"shared": shared, "axes": Input("axes", "value")},
        running=PAUSED,
    )
    def draw_parallel(shared: dict[str, Any], axes: list[str] | None) -> Any:
        result = shared["result"]
        if shared["view"] != "parallel":
            return [no_update] * 2
        axes = [key for key in axes or () if key not in (shared["over"] or ())]
        if not (result and axes):
            return figures.empty("Choose a result and some axes."), ""
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"], shared["over"])
            highest = shared["direction"] == "highest"
            found, of = subset.values([*axes, result], most=_MOST_LINES, best_by=(result, highest))
            labels = subset.labels(found)
            frame = found.dataframe()
            return figures.parallel(frame, axes, result, labels, highest=highest), of
        except JobmanError as error:
            return figures.empty(str(error)), ""

    @app.callback(
        output=[Output("search", "children"), Output("search-of", "children")],
        inputs={
            "shared": shared,
            "kind": Input("figure", "value"),
            "across": Input("map-x", "value"),
            "up": Input("map-y", "value"),
        },
        running=PAUSED,
    )
    def draw_search(shared: dict[str, Any], kind: str, across: str | None, up: str | None) -> Any:
        result, highest = shared["result"], shared["direction"] == "highest"
        if shared["view"] != "search":
            return [no_update] * 2
        if not result or (kind == "map" and not (across and up)):
            return html.P("Choose a result, and for the map two keys.", className="empty"), ""
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"])
            parameters = page.profile().varying
            found, of = subset.values(
                [result, HEARTBEAT, STATUS, *parameters, across, up], most=_MOST_POINTS
            )
            frame = found.dataframe()
            frame = frame[frame[STATUS] == Status.DONE.name]
            figure = _FIGURES[kind](frame, result, parameters, (across, up), highest)
        except JobmanError as error:
            return html.P(str(error), className="empty"), ""
        return html.Img(src=plots.data_uri(figure), alt=f"{kind}: {result}"), of

    @app.callback(
        output={
            "groups": Output("groups", "children"),
            "of": Output("groups-of", "children"),
            "otherwise": Output("group-by", "disabled"),
        },
        inputs={"shared": shared, "by": Input("group-by", "value")},
        running=PAUSED,
    )
    def show_groups(shared: dict[str, Any], by: list[str] | None) -> Any:
        result, highest = shared["result"], shared["direction"] == "highest"
        if shared["view"] != "groups":
            return {"groups": no_update, "of": no_update, "otherwise": no_update}
        answer: dict[str, Any] = {"of": "", "otherwise": bool(shared["over"])}
        if not (result and (by or shared["over"])):
            what = "Choose a result, and keys to group by or to average over."
            return {**answer, "groups": html.P(what, className="empty")}
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"], shared["over"])
            groups, of = subset.groups(result, highest=highest, by=by)
        except JobmanError as error:
            return {**answer, "groups": html.P(str(error), className="error")}
        return {**answer, "groups": group_table(groups, result), "of": of}

    @app.callback(
        output=[Output("differences", "children"), Output("differences-of", "children")],
        inputs={"shared": shared},
        running=PAUSED,
    )
    def show_differences(shared: dict[str, Any]) -> Any:
        if shared["view"] != "differences":
            return [no_update] * 2
        try:
            subset = Subset.of(page, shared["rows"], shared["condition"])
            jobs, of = subset.jobs(shared["result"], highest=shared["direction"] == "highest")
        except JobmanError as error:
            return html.P(str(error), className="error"), ""
        flats = [flatten(job.state) for job in jobs]
        return difference_table([job.id for job in jobs], flats), of

    @app.callback(
        Output(ids.WHERE, "value"),
        Input({"type": "group", "where": dash.ALL}, "n_clicks"),
        State(ids.WHERE, "value"),
        prevent_initial_call=True,
    )
    def show_group(clicks: list[int | None], where: str | None) -> Any:
        if not any(clicks) or dash.ctx.triggered_id is None:
            return no_update
        return all_of([where, dash.ctx.triggered_id["where"]])

    for view in ("curves", "scatter", "parallel"):

        @app.callback(
            Output(ids.URL, "pathname", allow_duplicate=True),
            Input(f"{view}-figure", "clickData"),
            prevent_initial_call=True,
        )
        def open_job(click: dict[str, Any] | None) -> Any:
            data = click["points"][0].get("customdata") if click else None
            return f"/job/{data}" if data is not None else no_update


def _why_no_curves(page: PageContext, any_jobs: bool) -> str:
    if not any_jobs:
        return "No job matches."
    if page.settings.exproot is None:
        return "Start the page with --exproot DIR to see the curves of jobs that have ended."
    return "These jobs have no monitor records yet."


def most_important(page: PageContext, result: str, keys: list[str]) -> str:
    """Return the key that a result depends on most, or the first if too little is known."""
    found, _ = Subset(page, [], None).sample([result, *keys], _MOST_JUDGED, result, highest=False)
    try:
        table, _ = plots.importances(found.dataframe(), result, keys)
    except UsageError:  # too few jobs, or a key with too many texts
        return keys[0]
    return str(table.index[0])
