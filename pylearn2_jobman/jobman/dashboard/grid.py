"""The table of jobs: its columns, and its rows as far as they are looked at.

AG Grid asks for blocks of rows; they are filtered and sorted in the database. Which columns are
shown, and how, is the browser's business: it has the definitions of all, what it remembers, and
what a link says, and so the first rows need no callback before their own.
"""

__all__ = ["column_definitions", "conditions", "layout", "register", "rows"]

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import dash
import dash_ag_grid as dag
from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError, UsageError
from pylearn2_jobman.jobman.dashboard import actions, ids
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.controls import field
from pylearn2_jobman.jobman.dashboard.filters import NO_JOBS, all_of, condition
from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.dashboard.profile import Profile
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.live import PROGRESS
from pylearn2_jobman.jobman.query.keys import ID, STATUS

_BLOCK = 100
_MOST_ROWS = 1000  # whatever is asked for
_CHECKBOXES = "ag-Grid-SelectionColumn"  # AG Grid's name of them
_HINTS = "A part of the text, a number, < 0.1, >= 5, != x or 0.1..0.5"


def layout(page: PageContext) -> html.Section:
    """Return the table with the controls above it."""
    profile = page.profile()
    memory = page.table.url  # what a browser remembers, it remembers for this table
    return html.Section(
        className="card jobs",
        children=[
            html.Div(
                className="toolbar",
                children=[
                    field(
                        "Filter",
                        dcc.Input(
                            id=ids.WHERE,
                            debounce=0.5,
                            placeholder="results.valid_nll < 0.1 and hyper_parameters.nhid in "
                            "(50, 100)",
                            persistence=memory,
                            persistence_type="local",
                            autoComplete="off",
                            spellCheck="false",
                        ),
                        css_class="grow",
                    ),
                    field(
                        "Columns",
                        dcc.Dropdown(
                            id="columns", options=profile.keys, multi=True, closeOnSelect=False
                        ),
                        css_class="columns",
                    ),
                    html.Button(
                        "Copy link",
                        id="link",
                        className="button",
                        title="The address of this table with its filters, columns and order",
                    ),
                ],
            ),
            dcc.Store(id="definitions", data=definitions(page)),
            dcc.Store(id=ids.CONDITION),
            dcc.Store(id="wrong"),  # key, or "" for the line above -> what is wrong with its filter
            dcc.Store(id="done"),  # a callback has to have an output
            html.Div(id="where-error", className="error", role="alert"),
            dag.AgGrid(
                id=ids.GRID,
                rowModelType="infinite",
                columnDefs=[],
                defaultColDef={"resizable": True, "sortable": True},
                getRowId="params.data['jobman.id']",
                className="",
                dashGridOptions={
                    "theme": {"function": _THEME},
                    "suppressFieldDotNotation": True,  # keys have dots
                    "rowSelection": {
                        "mode": "multiRow",
                        "headerCheckbox": False,  # which it cannot do for rows it does not have
                        "enableClickSelection": False,
                    },
                    "selectionColumnDef": {"pinned": "left", "width": 44, "headerName": "✓"},
                    "cacheBlockSize": _BLOCK,
                    "maxBlocksInCache": 4,
                    # One at a time: the component has room for one answer.
                    "maxConcurrentDatasourceRequests": 1,
                    "maintainColumnOrder": True,
                    "rowHeight": 36,
                    "headerHeight": 40,
                    "animateRows": False,
                    "suppressMultiSort": True,
                    "tooltipShowDelay": 400,
                    "localeText": {"noRowsToShow": "No job matches"},
                },
                style={"height": None},  # the style sheet's
            ),
            html.Footer(
                [
                    html.Span(id="matching", role="status"),
                    html.Button("Show all", id="all", className="link", hidden=True),
                    html.Span(id="selected"),
                    html.Button("Clear", id="clear", className="link", hidden=True),
                    html.Span(className="space"),
                    actions.buttons(page, "table"),
                ],
                className="table-foot",
            ),
        ],
    )


# The page's own colours, which the style sheet gives by light and dark.
_THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--surface)', foregroundColor: 'var(--ink)', "
    "borderColor: 'var(--line)', chromeBackgroundColor: 'var(--surface-2)', "
    "headerTextColor: 'var(--ink-2)', accentColor: 'var(--accent)', "
    "rowHoverColor: 'var(--hover)', selectedRowBackgroundColor: 'var(--chosen)', "
    "fontFamily: 'inherit', fontSize: 13, headerFontSize: 12, headerFontWeight: 600, "
    "wrapperBorder: false, wrapperBorderRadius: 0, cellHorizontalPadding: 12, "
    "browserColorScheme: 'inherit'})"
)


def definitions(page: PageContext) -> dict[str, Any]:
    """Return what the browser has to know of the columns before it shows some of them."""
    profile = page.profile()
    return {
        "table": page.table.url,
        "shown": profile.shown,
        "best": [profile.result, "lowest"],
        "columns": column_definitions(profile),
    }


def column_definitions(profile: Profile) -> dict[str, dict[str, Any]]:
    """Return AG Grid's definition of the column of each key, and of the job's number."""
    text = {
        "filter": "agTextColumnFilter",
        "floatingFilter": True,
        "suppressHeaderFilterButton": True,
        "suppressFloatingFilterButton": True,
        "filterParams": {
            "filterOptions": ["contains"], "maxNumConditions": 1, "debounceMs": 300,
        },
    }  # fmt: skip
    columns: dict[str, dict[str, Any]] = {
        ID: {"field": ID, "colId": ID, "headerName": "job", "initialWidth": 90, "pinned": "left",
             "lockPosition": True, "cellClass": "number job-link",
             "headerTooltip": "Click to open a job"}
    }  # fmt: skip
    for key in profile.keys:
        column = {
            "field": key,
            "colId": key,
            "headerName": key,  # in short among those shown
            "headerTooltip": f"{key}\nFilter: {_HINTS}",
            "initialFlex": 1,
            **text,
        }
        if key == STATUS:
            column |= {
                "pinned": "left",
                "initialWidth": 136,
                "initialFlex": None,
                "cellClass": {"function": "'status status-' + params.value"},
            }
        elif key in profile.numbers:
            column |= {"cellClass": "number", "headerClass": "number"}
        else:
            column |= {"tooltipField": key}
        columns[key] = column
    return columns


def conditions(
    page: PageContext, where: str | None, filters: dict[str, Any] | None
) -> tuple[str | None, dict[str, str]]:
    """Return the condition that the line above the table and its columns' filters make together.

    And, if one of them makes no sense, what is wrong by the key of its column, or by "" of the line
    above; the condition then is that of no job, lest something be done to others than are meant.
    """
    numbers = page.profile().numbers
    parts, wrong = [where], {}
    for key, model in (filters or {}).items():
        try:
            text = str(model.get("filter") or "")
            parts.append(condition(key, text, number=key in numbers))
        except UsageError as error:
            wrong[key] = str(error)
    try:
        if where:
            page.table.columns(keys=[ID], where=where, limit=1)
    except UsageError as error:
        wrong[""] = str(error)
    return (NO_JOBS if wrong else all_of(parts)), wrong


def rows(
    page: PageContext, request: dict[str, Any], where: str | None, keys: Collection[str]
) -> list[dict[str, Any]]:
    """Return the rows that the grid asks for, with these keys, every value as text."""
    order = request.get("sortModel") or []
    start = int(request["startRow"])
    found = page.table.columns(
        where=where,
        order_by=order[0]["colId"] if order else None,
        descending=bool(order) and order[0]["sort"] == "desc",
        offset=start,
        limit=min(int(request["endRow"]) - start, _MOST_ROWS),
    )
    live = page.table.live(ids=found.ids) if any(key.startswith(PROGRESS) for key in keys) else {}
    return [
        {ID: str(job_id)}
        | {
            key: format_value(key, now.get(key, value))
            for now in [live[job_id].progress() if job_id in live else {}]
            for key, value in zip(found.keys, row, strict=True)
            if key in keys
        }
        for job_id, row in zip(found.ids, found, strict=True)
    ]


def register(app: dash.Dash, page: PageContext) -> None:
    """Add what the table does."""

    @lru_cache(maxsize=32)
    def count(where: str | None, _version: str) -> int:
        return page.table.count(where=where)

    @app.callback(
        output={
            "rows": Output(ids.GRID, "getRowsResponse"),
            "matching": Output("matching", "children"),
            "all": Output("all", "hidden"),
            "error": Output("where-error", "children"),
            "wrong": Output("wrong", "data"),
            "condition": Output(ids.CONDITION, "data"),
        },
        inputs=[
            Input(ids.GRID, "getRowsRequest"),
            State(ids.WHERE, "value"),
            State("columns", "value"),
        ],
        prevent_initial_call=True,
    )
    def answer(request: dict[str, Any] | None, where: str | None, keys: list[str] | None) -> Any:
        if request is None:
            return no_update
        wrong: dict[str, str] = {}
        try:
            selected, wrong = conditions(page, where, request.get("filterModel"))
            total = 0 if wrong else count(selected, page.table.version())
            found = [] if wrong else rows(page, request, selected, set(keys or ()))
            errors = [f"{key}: {text}" if key else text for key, text in wrong.items()]
        except JobmanError as error:
            # Without an answer the grid would never ask again.
            selected, total, found, errors = NO_JOBS, 0, [], [str(error)]
        matching = f"{total:,} {plural(total, 'job')}"
        if selected:
            matching += " match" if total != 1 else " matches"
        return {
            "rows": {"rowData": found, "rowCount": total},
            "matching": "" if errors else matching,
            "all": not (selected or errors),
            "error": [html.P(text) for text in errors],
            "wrong": wrong,
            "condition": selected,
        }

    @app.callback(
        Output("columns", "options"), Input(ids.VERSION, "data"), State("columns", "options")
    )
    def offer(_version: str | None, offered: list[str]) -> Any:
        keys = page.profile().keys
        if keys == offered:
            return no_update
        # Not as an output: the first columns would wait for it.
        dash.set_props("definitions", {"data": definitions(page)})
        return keys

    @app.callback(
        Output("selected", "children"),
        Output("clear", "hidden"),
        Input(ids.GRID, "selectedRows"),
        prevent_initial_call=True,
    )
    def count_selected(selected: list[Any] | None) -> Any:
        return (f"{len(selected):,} selected", False) if selected else ("", True)

    @app.callback(
        Output(ids.GRID, "deselectAll"), Input("clear", "n_clicks"), prevent_initial_call=True
    )
    def clear(_clicks: int | None) -> bool:
        return True

    @app.callback(
        Output(ids.URL, "pathname", allow_duplicate=True),
        Input(ids.GRID, "cellClicked"),
        prevent_initial_call=True,
    )
    def open_job(cell: dict[str, Any] | None) -> Any:
        if not cell or not cell.get("rowId") or cell.get("colId") == _CHECKBOXES:
            return no_update
        return f"/job/{cell['rowId']}"

    def in_the_browser(name: str, *arguments: Any, **options: Any) -> None:
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("jobman", name), *arguments, **options
        )

    choices = [
        State(ids.WHERE, "value"), State(ids.RESULT, "value"), State(ids.DIRECTION, "value")
    ]  # fmt: skip
    in_the_browser(
        "columns",
        Output("columns", "value"),
        Output(ids.GRID, "columnDefs"),
        Input("columns", "value"),
        Input("definitions", "data"),
    )
    in_the_browser("best", Output("done", "data", allow_duplicate=True),
                   Input(ids.RESULT, "value"), Input(ids.DIRECTION, "value"),
                   prevent_initial_call=True)  # fmt: skip
    in_the_browser("link", Output("link", "children"), Input("link", "n_clicks"),
                   State("columns", "value"), *choices, prevent_initial_call=True)  # fmt: skip
    in_the_browser("wrong", Output("done", "data"), Input("wrong", "data"),
                   prevent_initial_call=True)  # fmt: skip
    in_the_browser("all", Output(ids.WHERE, "value", allow_duplicate=True),
                   Input("all", "n_clicks"), prevent_initial_call=True)  # fmt: skip
    in_the_browser(
        "refresh",
        Output("done", "data", allow_duplicate=True),
        Input(ids.VERSION, "data"),
        Input(ids.WHERE, "value"),
        Input("columns", "value"),
        prevent_initial_call=True,
    )
