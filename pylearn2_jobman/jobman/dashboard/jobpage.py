"""One job: its state, its YAML, its curves, what it printed, its files."""

__all__ = ["layout", "register"]

import threading
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import dash
import flask
from dash import Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import actions, figures
from pylearn2_jobman.jobman.dashboard.curves import files_of, records_of
from pylearn2_jobman.jobman.dashboard.highlight import highlighted
from pylearn2_jobman.jobman.dashboard.jobfiles import MOST_FILES
from pylearn2_jobman.jobman.dashboard.page import PAUSED, Page
from pylearn2_jobman.jobman.dashboard.text import ago, moment, shown
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.files.records import POSITIONS
from pylearn2_jobman.jobman.plots.curves import main_channels
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary
from pylearn2_jobman.rendering.template import render
from pylearn2_jobman.values import format_literal

_PREFIX = "/job/"
_TABS = {"state": "State", "yaml": "YAML", "curves": "Curves", "output": "Output", "files": "Files"}
_LONG = 300
_noting = threading.Lock()  # warnings are caught for the whole process
_ARIA: Any = {"aria-label": "Job"}  # no Python name


def layout(page: Page) -> html.Aside:
    """Return the sheet at the side, empty until a job is opened."""
    return html.Aside(
        id="sheet",
        className="sheet",
        role="dialog",
        **_ARIA,
        children=[
            dcc.Link("✕", href="/", id="close", className="close", title="Close (Esc)"),
            html.Div(id="job-head"),
            actions.buttons(page, "job"),
            dcc.Tabs(
                id="job-view", value="state", className="tabs", parent_className="tabs-frame",
                persistence=True, persistence_type="session",
                children=[
                    dcc.Tab(value=value, label=name, className="tab", selected_className="tab-on")
                    for value, name in _TABS.items()
                ],
            ),
            html.Div(id="job-channels", className="toolbar", children=[
                html.Div(className="field", children=[
                    html.Label("Channel", htmlFor="job-channel"),
                    dcc.Dropdown(id="job-channel", clearable=False),
                ]),
            ]),
            html.Div(id="job-body", className="job-body"),
        ],
    )  # fmt: skip


def job_of(path: str | None) -> int | None:
    """Return the number of the job that an address of the page names."""
    number = (path or "").removeprefix(_PREFIX)
    ours = (path or "").startswith(_PREFIX) and number.isascii() and number.isdecimal()
    return int(number) if ours and len(number) < 10 else None


def register(app: dash.Dash, page: Page) -> None:
    """Add what the sheet does, and the way to a job's files."""

    @app.callback(
        Output("sheet", "className"),
        Output("job-head", "children"),
        Output("job-body", "children"),
        Output("job-channels", "style"),
        Output("job-channel", "options"),
        Output("job-channel", "value"),
        Output("opened", "data"),
        Input("url", "pathname"),
        Input("job-view", "value"),
        Input("job-channel", "value"),
        Input("version", "data"),
        Input("beat", "data"),
        State("opened", "data"),
        running=PAUSED,
    )
    def show(
        path: str | None, view: str, channel: str | None, version: Any, _beat: Any, opened: Any
    ) -> Any:
        number = job_of(path)
        if number is None:
            # Closed: what it held slides out with it.
            return ("sheet", *[no_update] * 5, None) if opened else [no_update] * 7
        asked = {"id": number, "view": view, "channel": channel, "version": version}
        if opened == {**asked, "running": False}:
            return [no_update] * 7
        try:
            job = page.table.get(number)
        except JobmanError as error:
            message = html.P(str(error), className="error", role="alert")
            hidden = {"display": "none"}
            return ("sheet open", html.H2(f"Job {number}"), message, hidden, [], None,
                    {**asked, "running": False})  # fmt: skip
        flat = flatten(job.state)
        options: Any = no_update
        value: Any = no_update
        if view == "curves":
            body, options, value = _curves(page, job, channel)
        else:
            body = _BODIES[view](page, job, flat)
        several = {} if view == "curves" and options else {"display": "none"}
        state = {**asked, "running": job.status is Status.RUNNING}
        return "sheet open", _head(job, flat), body, several, options, value, state

    def download(number: int, name: str) -> flask.Response:
        try:
            files = files_of(page, page.table.get(number))
            opened = files.open(name) if files is not None else None
        except (JobmanError, OSError):
            opened = None
        if opened is None:
            return flask.Response("There is no such file.\n", 404, mimetype="text/plain")
        # As a download, never as a page of ours: it may hold anything.
        return flask.send_file(
            opened, "application/octet-stream", as_attachment=True,
            download_name=name.rpartition("/")[2],
        )  # fmt: skip

    app.server.add_url_rule("/files/<int:number>/<path:name>", view_func=download)


def _head(job: Job, flat: Mapping[str, Any]) -> list[Any]:
    facts = {
        "priority": f"{job.priority:g}",
        "created": shown("", job.created),
        "started": shown("", job.claimed),
        "ran for": shown("jobman.run_time", flat.get("jobman.run_time")),
        "last sign of life": ago(job.heartbeat) if job.status is Status.RUNNING else "",
        "on": _where(flat),
        "attempts": shown("", flat.get("jobman.sql.attempts")),
        "restarts": shown("", flat.get("jobman.sql.restarts")),
    }
    progress = [
        (key.removeprefix("jobman.progress.").removeprefix("channels."), shown(key, value))
        for key, value in flat.items()
        if key.startswith("jobman.progress.")
    ]
    error = flat.get("jobman.error")
    head: list[Any] = [
        html.H2(
            [
                f"Job {job.id} ",
                html.Span(job.status.name, className=f"status status-{job.status.name}"),
            ]
        ),
        html.Dl([part for name, text in facts.items() if text
                 for part in (html.Dt(name), html.Dd(text))], className="facts"),
    ]  # fmt: skip
    if progress and job.status is Status.RUNNING:
        head.append(
            html.Div(
                [html.Div([html.Span(name), html.B(text)]) for name, text in progress],
                className="progress",
                id="progress",
            )
        )
    if error and job.status not in (Status.DONE, Status.RUNNING):
        head.append(
            html.Div(
                [html.B(summary(str(error))), html.Div(html.Pre(str(error)), className="tail")],
                className="error-text",
                role="alert",
            )
        )
    return head


def _where(flat: Mapping[str, Any]) -> str:
    host = flat.get("jobman.sql.host_name")
    return str(host) if host is not None else ""


def _state(_page: Page, _job: Job, flat: Mapping[str, Any]) -> Any:
    """Return the keys and their values, the experiment's own first."""
    sections: dict[str, list[Any]] = {}
    for key in sorted(flat):
        if key == "yaml_template":
            continue
        prefix, dot, name = key.partition(".")
        value = flat[key]
        text = value if isinstance(value, str) else format_literal(value)
        if prefix == "jobman" and isinstance(value, float) and key.endswith("_time"):
            text = shown(key, value)
        kind = "long" if len(text) > _LONG or "\n" in text else ""
        sections.setdefault(prefix if dot else "", []).append(
            html.Tr([html.Th(name if dot else key), html.Td(html.Div(text, className=kind))])
        )
    order = sorted(
        sections,
        key=lambda name: (name != "hyper_parameters", name != "results", name == "jobman", name),
    )
    return [
        html.Section(
            [html.H3(name or "other"), html.Table(html.Tbody(sections[name]), className="keys")]
        )
        for name in order
    ]


def _yaml(_page: Page, job: Job, _flat: Mapping[str, Any]) -> Any:
    """Return the template with its place-holders filled, as the experiment loads it."""
    state = job.state
    template = state.get("yaml_template")
    if template is None:
        return html.P("This job has no yaml_template.", className="empty")
    with _noting, warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        try:
            text = render(template, state.get("hyper_parameters") or {})
        except JobmanError as error:
            return [html.P("The template cannot be rendered:", className="error"),
                    html.Pre(str(error), className="error-text"),
                    html.Pre(highlighted(str(template)), className="code")]  # fmt: skip
    notes = [html.P(str(warning.message), className="note") for warning in noted]
    return [*notes, html.Pre(highlighted(text), className="code", id="yaml")]


def _curves(page: Page, job: Job, channel: str | None) -> tuple[Any, Any, Any]:
    columns = records_of(page, job)
    channels = [name for name in columns if name not in POSITIONS]
    if not channels:
        return _no_files(page, job, "This job has no monitor records yet."), [], no_update
    name = channel if channel in channels else main_channels(channels)[0]
    curve = figures.Curve(job.id, "", columns["epoch"], columns[name])
    figure = figures.learning_curves([curve], channel=name, along="epoch", logarithmic=False)
    graph = dcc.Graph(id="job-figure", figure=figure, config=figures.CONFIG, className="graph")
    return graph, channels, name if name != channel else no_update


def _output(page: Page, job: Job, _flat: Mapping[str, Any]) -> Any:
    files = files_of(page, job)
    if files is None:
        return _no_files(page, job, "")
    return [
        part
        for name in ("stdout", "stderr")
        for part in (
            html.H3(name),
            # Inside a column in reverse, so that the browser keeps it at its end while it grows.
            html.Div(html.Pre(files.tail(name) or "(empty)"), className="tail", id=name),
        )
    ]


def _files(page: Page, job: Job, _flat: Mapping[str, Any]) -> Any:
    files = files_of(page, job)
    if files is None:
        return _no_files(page, job, "")
    listing = files.listing()
    rows = [
        html.Tr(
            [
                html.Th(html.A(file.name, href=_address(job.id, file.name))),
                html.Td(_size(file.size), className="number"),
                html.Td(moment(file.modified)),
            ]
        )
        for file in listing
    ]
    more = f", the first {MOST_FILES:,}" if len(listing) == MOST_FILES else ""
    return [
        html.P([f"{len(rows)} files{more}, in ", html.Code(str(files.path))], className="quiet"),
        html.Table(html.Tbody(rows), className="keys files"),
    ]


def _address(number: int, name: str) -> str:
    return f"/files/{number}/{quote(name)}"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _no_files(page: Page, job: Job, else_: str) -> html.P:
    """Say why there is nothing of a job's directory to see."""
    if files_of(page, job) is not None:
        text = else_
    elif job.claimed is None:
        text = "The job has not run yet."
    elif job.status is Status.RUNNING:
        text = "Its files are in its working directory on another machine until it is stored."
    elif page.settings.exproot is None:
        text = "Start the page with --exproot DIR to see the files of jobs that have ended."
    else:
        text = f"There is no directory of this job in {page.settings.exproot}."
    return html.P(text, className="empty")


_BODIES = {"state": _state, "yaml": _yaml, "output": _output, "files": _files}
