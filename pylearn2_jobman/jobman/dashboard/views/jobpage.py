"""The sheet at the side, with one job: its address, its head, and the tab that is chosen."""

__all__ = ["job_of", "layout", "register"]

from collections.abc import Mapping
from typing import Any

import dash
import flask
from dash import Input, Output, State, dcc, html, no_update
from rich.filesize import decimal

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import actions, ids
from pylearn2_jobman.jobman.dashboard.context import PAUSED, PageContext
from pylearn2_jobman.jobman.dashboard.controls import field
from pylearn2_jobman.jobman.dashboard.formatting import format_age, format_value
from pylearn2_jobman.jobman.dashboard.views import marks
from pylearn2_jobman.jobman.dashboard.views.jobfiles import view_of
from pylearn2_jobman.jobman.dashboard.views.jobtabs import TABS, curves_tab, tab, told_error
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.live import PROGRESS, Live
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.tracebacks import summary

_PREFIX = "/job/"
_ARIA: Any = {"aria-label": "Job"}  # no Python name


def layout(page: PageContext) -> html.Div:
    """Return the sheet at the side, empty until a job is opened."""
    return html.Div(
        id="sheet",
        className="sheet",
        role="dialog",
        **_ARIA,
        children=[
            dcc.Store(id=ids.OPENED),
            dcc.Link("✕", href="/", id="close", className="close", title="Close (Esc)"),
            html.Div(id="job-head"),
            actions.buttons(page, "job"),
            marks.editor(page),
            dcc.Tabs(
                id="job-view", value="state", className="tabs", parent_className="tabs-frame",
                persistence=True, persistence_type="session",
                children=[
                    dcc.Tab(value=value, label=name, className="tab", selected_className="tab-on")
                    for value, name in TABS.items()
                ],
            ),
            html.Div(
                field("Channel", dcc.Dropdown(id="job-channel", clearable=False)),
                id="job-channels", className="toolbar",
            ),
            html.Div(id="job-body", className="job-body"),
        ],
    )  # fmt: skip


def job_of(path: str | None) -> int | None:
    """Return the number of the job that an address of the page names."""
    number = (path or "").removeprefix(_PREFIX)
    ours = (path or "").startswith(_PREFIX) and number.isascii() and number.isdecimal()
    return int(number) if ours and len(number) < 10 else None


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the sheet does, and the way to a job's files."""
    sheet = {
        "sheet": Output("sheet", "className"),
        "head": Output("job-head", "children"),
        "body": Output("job-body", "children"),
        "toolbar": Output("job-channels", "style"),
        "channels": Output("job-channel", "options"),
        "channel": Output("job-channel", "value"),
        "opened": Output(ids.OPENED, "data"),
    }

    @app.callback(
        output=sheet,
        inputs={
            "path": Input(ids.URL, "pathname"),
            "view": Input("job-view", "value"),
            "channel": Input("job-channel", "value"),
            "version": Input(ids.VERSION, "data"),
            "_beat": Input(ids.BEAT, "data"),
            "opened": State(ids.OPENED, "data"),
        },
        running=PAUSED,
    )
    def show(
        path: str | None, view: str, channel: str | None, version: Any, _beat: Any, opened: Any
    ) -> dict[str, Any]:
        unchanged = dict.fromkeys(sheet, no_update)
        number = job_of(path)
        if number is None:
            # Closed: its contents slide out with it.
            return {**unchanged, "sheet": "sheet", "opened": None} if opened else unchanged
        shown = {"id": number, "view": view, "channel": channel, "version": version}
        first = not opened or opened["id"] != number
        if opened and {**opened, "first": first} == {**shown, "running": False, "first": False}:
            return unchanged
        shown["first"] = first
        answer = {**unchanged, "sheet": "sheet open", "toolbar": {"display": "none"}}
        try:
            job = page.table.get(number)
        except JobmanError as error:
            return {
                **answer,
                "head": html.H2(f"Job {number}"),
                "body": html.P(str(error), className="error", role="alert"),
                "opened": {**shown, "running": False},
            }
        flat = flatten(job.state)
        if view == "curves":
            answer |= curves_tab(page, job, channel)
        else:
            answer["body"] = tab(view, page, job)
        answer["head"] = _head(job, flat, page.table.live(ids=[number]).get(number, Live()))
        answer["opened"] = {**shown, "running": job.status is Status.RUNNING}
        return answer

    marks.register(app, page)

    def download(number: int, name: str) -> flask.Response:
        try:
            files = view_of(page, page.table.get(number)).files
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


def _head(job: Job, flat: Mapping[str, Any], live: Live) -> list[Any]:
    facts = {
        "priority": f"{job.priority:g}",
        "created": format_value("", job.created),
        "started": format_value("", job.claimed),
        "ran for": format_value("jobman.run_time", flat.get("jobman.run_time")),
        "last sign of life": format_age(job.heartbeat) if job.status is Status.RUNNING else "",
        "on": format_value("", flat.get("jobman.sql.host_name")),
        "attempts": format_value("", flat.get("jobman.sql.attempts")),
        "restarts": format_value("", flat.get("jobman.sql.restarts")),
        "tags": format_value(TAGS, flat.get(TAGS)),
        "note": format_value(NOTE, flat.get(NOTE)),
    }
    told = {key: value for key, value in flat.items() if key.startswith(PROGRESS)}
    told |= live.progress()
    progress = [
        (key.removeprefix(PROGRESS).removeprefix("channels."), format_value(key, value))
        for key, value in told.items()
    ]
    if live.message:
        progress.append(("message", live.message))
    if live.memory is not None:
        progress.append(("memory", decimal(live.memory)))
    error = told_error(job)
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
    if error:
        # What went wrong stands first, and for that not again where the text ends with it.
        what = summary(error)
        frames, _, more = error.rpartition(what)
        parts: list[Any] = [html.B(what), html.Span(more)]
        if frames:
            parts.append(html.Div(html.Pre(frames), className="tail", tabIndex=0))
        head.append(html.Div(parts, className="error-text", role="alert"))
    return head
