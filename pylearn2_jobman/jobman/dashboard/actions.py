"""What the page may change, where it was started with ``--allow-actions``: always asked twice."""

__all__ = ["ACTIONS", "buttons", "dialog", "perform", "register"]

import math
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError, UsageError
from pylearn2_jobman.jobman.dashboard.chosen import Chosen
from pylearn2_jobman.jobman.dashboard.page import Page
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.keys import STATUS
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.table import JobTable


@dataclass(frozen=True)
class Action:
    """What can be done to jobs.

    Attributes
    ----------
    name
        On its button.
    statuses
        Of the jobs that it is for; others are left alone.
    hint
        What it does.
    """

    name: str
    statuses: tuple[Status, ...]
    hint: str


ACTIONS = {
    "cancel": Action(
        "Cancel", (Status.START, Status.RUNNING),
        "Waiting jobs will not be run; running ones are asked to stop",
    ),
    "retry": Action(
        "Retry", (*FAILED, Status.CANCELED),
        "Failed and cancelled jobs wait to be run again",
    ),
    "priority": Action(
        "Set priority", (Status.START, Status.RUNNING), "Jobs of a higher priority are run first",
    ),
}  # fmt: skip


def buttons(page: Page, on: str) -> html.Div:
    """Return the buttons for the jobs of the ``table``, or for the one ``job`` that is open."""
    if not page.settings.allow_actions:
        return html.Div(className="actions none")
    children: list[Any] = [
        html.Button(
            action.name, id={"type": "act", "what": what, "on": on}, className="button",
            title=action.hint,
        )
        for what, action in ACTIONS.items()
    ]  # fmt: skip
    number = dcc.Input(
        id={"type": "priority", "on": on}, type="number", value=1, className="priority"
    )
    return html.Div([*children, number], className="actions")


def dialog() -> html.Div:
    """Return the question, what it is about, and where the answer is told."""
    return html.Div(
        [
            dcc.ConfirmDialog(id="confirm"),
            dcc.Store(id="asked"),
            html.Div(id="told", className="told", role="status"),
        ]
    )


def perform(table: JobTable, what: str, ids: Collection[int], priority: float) -> str:
    """Change those of the jobs that an action is for, and say how many these were.

    Raises
    ------
    UsageError
        If there is no such action, or the priority is not a finite number.
    """
    if what not in ACTIONS:
        raise UsageError(f"no action {what!r}: there are {', '.join(ACTIONS)}")
    action = ACTIONS[what]
    if what == "priority":
        chosen = table.columns(keys=[STATUS], ids=ids, status=action.statuses).ids
        number = table.set_priority(chosen, priority)
    else:
        new = Status.CANCELED if what == "cancel" else Status.START
        number = table.set_status(ids, new, among=action.statuses)
    return f"{action.name}: {number:,} {plural(number, 'job')} changed"


def register(app: dash.Dash, page: Page) -> None:
    """Add what the buttons do; without leave to change jobs there is nothing to call."""
    if not page.settings.allow_actions:
        return

    @app.callback(
        Output("confirm", "displayed"),
        Output("confirm", "message"),
        Output("asked", "data"),
        Output("told", "children"),
        Input({"type": "act", "what": ALL, "on": ALL}, "n_clicks"),
        State({"type": "priority", "on": ALL}, "value"),
        State({"type": "priority", "on": ALL}, "id"),
        State("grid", "selectedRows"),
        State("scope", "data"),
        State("opened", "data"),
        prevent_initial_call=True,
    )
    def ask(
        clicks: list[int | None], numbers: list[Any], inputs: list[dict[str, str]], rows: Any,
        where: str | None, opened: dict[str, Any] | None,
    ) -> Any:  # fmt: skip
        if not any(clicks) or ctx.triggered_id is None:
            return [no_update] * 4
        what, on = ctx.triggered_id["what"], ctx.triggered_id["on"]
        action = ACTIONS[what]
        number = dict(zip((one["on"] for one in inputs), numbers, strict=True)).get(on)
        if what == "priority" and not _is_finite(number):
            return False, "", None, html.Span("A priority is a number.")
        chosen = Chosen.of(page, rows, where)
        if on == "job":
            if not opened:
                return [no_update] * 4
            chosen = Chosen(page, [int(opened["id"])], None)
        try:
            ids = page.table.columns(keys=[STATUS], status=action.statuses, **chosen.scope).ids
        except JobmanError as error:
            return False, "", None, html.Span(str(error))
        if not ids:
            names = ", ".join(status.name for status in action.statuses)
            return False, "", None, html.Span(f"{action.name}: none of these jobs is {names}.")
        which = "selected" if chosen.ids else "that match"
        to = f" to {number:g}" if what == "priority" else ""
        message = (
            f"{action.name}{to}: {len(ids):,} of the jobs {which}"
            if on == "table"
            else f"{action.name}{to}: job {ids[0]}"
        )
        asked = {"what": what, "ids": ids, "priority": number}
        return True, f"{message}?\n\n{action.hint}.", asked, ""

    @app.callback(
        Output("told", "children", allow_duplicate=True),
        Output("tick", "n_intervals"),
        Input("confirm", "submit_n_clicks"),
        State("asked", "data"),
        prevent_initial_call=True,
    )
    def do(_clicks: int | None, asked: dict[str, Any] | None) -> Any:
        if not asked:
            return no_update, no_update
        ids = [int(one) for one in asked["ids"]]
        try:
            priority = float(asked["priority"]) if asked["what"] == "priority" else 1.0
            said = perform(page.table, asked["what"], ids, priority)
            return html.Span(said, key=str(time.monotonic())), 0  # a new one each time fades anew
        except JobmanError as error:
            return html.Span(str(error)), no_update


def _is_finite(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)
