"""The tabs of a job's page: its state, its YAML, its curves, its output, its files."""

__all__ = ["TABS", "curves_tab", "tab"]

import threading
import warnings
from typing import Any
from urllib.parse import quote

from dash import dcc, html, no_update
from rich.filesize import decimal

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.formatting import format_time, format_value
from pylearn2_jobman.jobman.dashboard.views import figures
from pylearn2_jobman.jobman.dashboard.views.highlight import highlighted
from pylearn2_jobman.jobman.dashboard.views.jobfiles import (
    channels_of,
    pick_channel,
    records_of,
    view_of,
)
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.files.listing import MOST_FILES
from pylearn2_jobman.jobman.files.records import drawn_over
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.rendering.template import render
from pylearn2_jobman.values import format_literal

TABS = {"state": "State", "yaml": "YAML", "curves": "Curves", "output": "Output", "files": "Files"}
"""The tabs' ids and names."""

_LONG = 300
_noting = threading.Lock()  # warnings are caught for the whole process


ERROR = "jobman.error"


def told_error(job: Job) -> str:
    """Return the error of a job that did not end well, which its page shows at the top."""
    if job.status in (Status.DONE, Status.RUNNING):
        return ""
    return str(flatten(job.state).get(ERROR) or "")


def tab(name: str, page: PageContext, job: Job) -> Any:
    """Return the contents of a tab; those of the curves come from `curves_tab`."""
    return _TABS[name](page, job)


def _state(_page: PageContext, job: Job) -> Any:
    """Return the keys and their values, the experiment's own first."""
    flat = flatten(job.state)
    sections: dict[str, list[Any]] = {}
    for key in sorted(flat):
        if key == "yaml_template" or (key == ERROR and told_error(job)):
            continue
        prefix, dot, name = key.partition(".")
        value = flat[key]
        exact = text = value if isinstance(value, str) else format_literal(value)
        if isinstance(value, float):
            text = format_value(key, value)
        kind = "long" if len(text) > _LONG or "\n" in text else ""
        sections.setdefault(prefix if dot else "", []).append(
            html.Tr(
                [
                    html.Th(name if dot else key, scope="row"),
                    html.Td(
                        html.Div(text, className=kind, tabIndex=0 if kind else None),
                        title=exact if exact != text else None,
                    ),
                ]
            )
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


def _yaml(_page: PageContext, job: Job) -> Any:
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
                    html.Pre(highlighted(str(template)), className="code", tabIndex=0)]  # fmt: skip
    notes = [html.P(str(warning.message), className="note") for warning in noted]
    return [*notes, html.Pre(highlighted(text), className="code", id="yaml", tabIndex=0)]


def curves_tab(page: PageContext, job: Job, channel: str | None) -> dict[str, Any]:
    """Return the curve of a channel as ``body``, with the channels on offer, if there are any."""
    records = records_of(page, job)
    channels, along = channels_of([records]), drawn_over([records])
    if not channels:
        return {
            "body": _no_files(page, job, "This job has no monitor records yet."),
            "channels": [],
        }
    name = pick_channel(channels, channel)
    curve = figures.Curve(job.id, "", records[along], records[name])
    figure = figures.learning_curves([curve], channels=[name], along=along)
    return {
        "body": dcc.Graph(id="job-figure", figure=figure, config=figures.CONFIG, className="graph"),
        "toolbar": {},
        "channels": channels,
        "channel": no_update if name == channel else name,
    }


def _output(page: PageContext, job: Job) -> Any:
    output = view_of(page, job).output()
    if not output:
        return _no_files(page, job, "")
    return [
        part
        for name, text in output.items()
        for part in (
            html.H3(name),
            # Inside a column in reverse, so that the browser keeps it at its end while it grows.
            html.Div(html.Pre(text or "(empty)"), className="tail", id=name, tabIndex=0),
        )
    ]


def _files(page: PageContext, job: Job) -> Any:
    files = view_of(page, job).files
    if files is None:
        return _no_files(page, job, "")
    try:
        listing = files.listing()
    except OSError as error:
        return html.P(f"{files.address} cannot be read: {error}", className="error")
    rows = [
        html.Tr(
            [
                html.Th(html.A(file.name, href=_address(job.id, file.name))),
                html.Td(decimal(file.size), className="number"),
                html.Td(format_time(file.modified)),
            ]
        )
        for file in listing
    ]
    more = f", the first {MOST_FILES:,}" if len(listing) == MOST_FILES else ""
    return [
        html.P([f"{len(rows)} files{more}, in ", html.Code(files.address)], className="quiet"),
        html.Table(html.Tbody(rows), className="keys files"),
    ]


def _address(number: int, name: str) -> str:
    return f"/files/{number}/{quote(name)}"


def _no_files(page: PageContext, job: Job, else_: str) -> html.P:
    """Say why there is nothing of a job's directory to see."""
    if view_of(page, job).files is not None:
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


_TABS = {"state": _state, "yaml": _yaml, "output": _output, "files": _files}
