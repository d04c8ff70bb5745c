"""What people note about a job, on its page: its tags and its note, where changes are allowed."""

__all__ = ["editor", "register", "set_marks"]

import time
from typing import Any

import dash
from dash import Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import ids
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.controls import field
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.table import JobTable


def editor(page: PageContext) -> html.Div:
    """Return the two lines for the job that is open."""
    if not page.settings.allow_actions:
        return html.Div(hidden=True)
    return html.Div(
        [
            field("Tags", dcc.Input(id="tags", placeholder="best paper", autoComplete="off")),
            field("Note", dcc.Input(id="note", autoComplete="off"), css_class="grow"),
            html.Button("Save", id="save-marks", className="button"),
        ],
        id="marks", className="toolbar marks", hidden=True,
    )  # fmt: skip


def set_marks(table: JobTable, job_id: int, tags: str | None, note: str | None) -> None:
    """Set a job's tags, separated by spaces, and its note; remove those that are empty.

    Raises
    ------
    UsageError
        If the job runs, or there is none.
    """
    flat = flatten(table.get(job_id).state)
    given = {TAGS: " ".join((tags or "").split()), NOTE: (note or "").strip()}
    table.edit(
        [job_id],
        {key: text for key, text in given.items() if text},
        remove=[key for key, text in given.items() if not text and key in flat],
        add=True,
    )


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the editor does; without leave to change jobs there is nothing to call."""
    if not page.settings.allow_actions:
        return
    filled = {
        "tags": Output("tags", "value"),
        "note": Output("note", "value"),
        "hidden": Output("marks", "hidden"),
    }

    @app.callback(output=filled, inputs=[Input(ids.URL, "pathname"), Input(ids.OPENED, "data")])
    def fill(_path: str | None, opened: dict[str, Any] | None) -> dict[str, Any]:
        # Only as a job is opened: what is being typed is not to be lost to a heartbeat.
        if opened and not opened["first"]:
            return dict.fromkeys(filled, no_update)
        try:
            flat = flatten(page.table.get(int(opened["id"])).state) if opened else None
        except JobmanError:
            flat = None
        if flat is None:
            return {"tags": "", "note": "", "hidden": True}
        return {"tags": flat.get(TAGS) or "", "note": flat.get(NOTE) or "", "hidden": False}

    @app.callback(
        Output("report", "children", allow_duplicate=True),
        Output(ids.VERSION, "data", allow_duplicate=True),
        Input("save-marks", "n_clicks"),
        State("tags", "value"),
        State("note", "value"),
        State(ids.OPENED, "data"),
        prevent_initial_call=True,
    )
    def save(_clicks: int, tags: str | None, note: str | None, opened: Any) -> Any:
        if not opened:
            return no_update, no_update
        key = str(time.monotonic())  # a new one each time fades anew
        try:
            set_marks(page.table, int(opened["id"]), tags, note)
        except JobmanError as error:
            return html.Span(str(error), key=key), no_update
        # The table's own version may not tell of it.
        return html.Span(f"Job {opened['id']}: saved", key=key), f"saved {key}"
