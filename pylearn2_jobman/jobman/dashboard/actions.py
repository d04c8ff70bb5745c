"""The changes that the page may make, if started with ``--allow-actions``: each asks first."""

__all__ = ["ACTIONS", "buttons", "dialog", "perform", "register"]

import math
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import dash
from dash import ALL, MATCH, Input, Output, State, ctx, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError, UsageError
from pylearn2_jobman.jobman.dashboard import ids
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.subset import Subset
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.keys import STATUS
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.table import JobTable


@dataclass(frozen=True)
class Action:
    """A change of jobs.

    Attributes
    ----------
    name
        On its button.
    statuses
        Of the jobs that it changes; others are left alone.
    hint
        Its effect, shown on the button and in the question.
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


def buttons(page: PageContext, on: str) -> html.Div:
    """Return the buttons for the jobs of the ``table``, or for the one ``job`` that is open."""
    if not page.settings.allow_actions:
        return html.Div(className="actions none")
    children: list[Any] = [
        html.Button(
            action.name, id={"type": "act", "action": name, "on": on}, className="button",
            title=action.hint, hidden=True,
        )
        for name, action in ACTIONS.items()
    ]  # fmt: skip
    number = dcc.Input(
        id={"type": "priority", "on": on}, type="number", value=1, className="priority"
    )
    to = html.Label([html.Span("to"), number], id={"type": "to", "on": on}, hidden=True)
    return html.Div([*children, to], className="actions")


def dialog() -> html.Div:
    """Return the question before an action, a store for the action, and the report after it."""
    return html.Div(
        [
            dcc.ConfirmDialog(id="confirm"),
            dcc.Store(id="pending"),
            html.Div(id="report", className="report", role="status"),
        ]
    )


def perform(table: JobTable, name: str, ids: Collection[int], priority: float) -> str:
    """Change those of the jobs that an action is for, and report how many these were.

    Raises
    ------
    UsageError
        If there is no such action, or the priority is not a finite number.
    """
    if name not in ACTIONS:
        raise UsageError(f"no action {name!r}: there are {', '.join(ACTIONS)}")
    action = ACTIONS[name]
    if name == "priority":
        chosen = table.columns(keys=[STATUS], ids=ids, status=action.statuses).ids
        number = table.set_priority(chosen, priority)
    else:
        new = Status.CANCELED if name == "cancel" else Status.START
        number = table.set_status(ids, new, among=action.statuses)
    return f"{action.name}: {number:,} {plural(number, 'job')} changed"


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the buttons do; without leave to change jobs there is nothing to call."""
    if not page.settings.allow_actions:
        return

    def subset_of(on: str, rows: Any, condition: str | None, opened: Any) -> Subset | None:
        if on == "table":
            return Subset.of(page, rows, condition)
        return Subset(page, [int(opened["id"])], None) if opened else None

    offers = {
        "names": Output({"type": "act", "action": ALL, "on": MATCH}, "children"),
        "hidden": Output({"type": "act", "action": ALL, "on": MATCH}, "hidden"),
        "no_number": Output({"type": "to", "on": MATCH}, "hidden"),
    }

    @app.callback(
        output=offers,
        inputs={
            "rows": Input(ids.GRID, "selectedRows"),
            "condition": Input(ids.CONDITION, "data"),
            "version": Input(ids.VERSION, "data"),
            "opened": Input(ids.OPENED, "data"),
            "which": State({"type": "act", "action": ALL, "on": MATCH}, "id"),
        },
    )
    def offer(
        rows: Any, condition: str | None, version: str | None, opened: Any,
        which: list[dict[str, str]],
    ) -> dict[str, Any]:  # fmt: skip
        """Show the buttons that would change something, and say of how many jobs of the table."""
        subset = subset_of(which[0]["on"], rows, condition, opened)
        try:
            found = subset and page.table.columns(keys=[STATUS], **subset.arguments)
        except JobmanError:  # none is there, or the database is away
            found = None
        there = Counter(found.columns[STATUS] if found else ())
        numbers = {
            one["action"]: sum(there[status] for status in ACTIONS[one["action"]].statuses)
            for one in which
        }
        of_table = which[0]["on"] == "table"
        return {
            "names": [
                f"{ACTIONS[name].name} {number:,}" if of_table else ACTIONS[name].name
                for name, number in numbers.items()
            ],
            "hidden": [not number for number in numbers.values()],
            "no_number": not numbers["priority"],
        }

    asking = {
        "displayed": Output("confirm", "displayed"),
        "question": Output("confirm", "message"),
        "pending": Output("pending", "data"),
        "report": Output("report", "children"),
    }

    def refused(why: str) -> dict[str, Any]:
        return {"displayed": False, "question": "", "pending": None, "report": html.Span(why)}

    @app.callback(
        output=asking,
        inputs={
            "clicks": Input({"type": "act", "action": ALL, "on": ALL}, "n_clicks"),
            "numbers": State({"type": "priority", "on": ALL}, "value"),
            "inputs": State({"type": "priority", "on": ALL}, "id"),
            "rows": State(ids.GRID, "selectedRows"),
            "condition": State(ids.CONDITION, "data"),
            "opened": State(ids.OPENED, "data"),
        },
        prevent_initial_call=True,
    )
    def ask(
        clicks: list[int | None], numbers: list[Any], inputs: list[dict[str, str]], rows: Any,
        condition: str | None, opened: dict[str, Any] | None,
    ) -> dict[str, Any]:  # fmt: skip
        unchanged = dict.fromkeys(asking, no_update)
        if not any(clicks) or ctx.triggered_id is None:
            return unchanged
        name, on = ctx.triggered_id["action"], ctx.triggered_id["on"]
        action = ACTIONS[name]
        number = dict(zip((one["on"] for one in inputs), numbers, strict=True)).get(on)
        if name == "priority" and not _is_finite(number):
            return refused("A priority is a number.")
        subset = subset_of(on, rows, condition, opened)
        if subset is None:
            return unchanged
        try:
            found = page.table.columns(
                keys=[STATUS], status=action.statuses, **subset.arguments
            ).ids
        except JobmanError as error:
            return refused(str(error))
        if not found:
            names = ", ".join(status.name for status in action.statuses)
            return refused(f"{action.name}: none of these jobs is {names}.")
        to = f" to {number:g}" if name == "priority" else ""
        if on == "job":
            which = f"job {found[0]}"
        elif subset.ids:
            which = f"{len(found):,} of the {len(subset.ids):,} selected"
        else:
            total = page.table.count(where=condition)
            which = f"{len(found):,} of {'the' if condition else 'all'} {total:,} jobs"
            which += " that match" if condition else ""
            which += ", as none is selected"
        question = f"{action.name}{to}: {which}"
        return {
            "displayed": True,
            "question": f"{question}?\n\n{action.hint}.",
            "pending": {"action": name, "ids": found, "priority": number},
            "report": "",
        }

    @app.callback(
        Output("report", "children", allow_duplicate=True),
        Output(ids.TICK, "n_intervals"),
        Input("confirm", "submit_n_clicks"),
        State("pending", "data"),
        prevent_initial_call=True,
    )
    def do(_clicks: int | None, pending: dict[str, Any] | None) -> Any:
        if not pending:
            return no_update, no_update
        try:
            priority = float(pending["priority"]) if pending["action"] == "priority" else 1.0
            jobs = [int(one) for one in pending["ids"]]
            report = perform(page.table, pending["action"], jobs, priority)
            return html.Span(report, key=str(time.monotonic())), 0  # a new one each time fades anew
        except JobmanError as error:
            return html.Span(str(error)), no_update


def _is_finite(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)
