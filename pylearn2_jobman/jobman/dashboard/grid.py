"""The table of jobs: its columns, and its rows as far as they are looked at.

AG Grid asks for blocks of rows; they are filtered and sorted in the database.
"""

__all__ = ["column_definitions", "condition_of", "layout", "register", "rows"]

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import dash
import dash_ag_grid as dag
from dash import ClientsideFunction, Input, Output, State, dcc, html, no_update

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import actions, ids
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.controls import field
from pylearn2_jobman.jobman.dashboard.filters import NO_JOBS, all_of, condition
from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.dashboard.profile import Profile
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.live import PROGRESS
from pylearn2_jobman.jobman.query.keys import ID, STATUS, short_names

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
                        "Select",
                        dcc.Input(
                            id=ids.WHERE,
                            debounce=0.5,
                            placeholder="results.valid_nll < 0.1 and hyper_parameters.nhid in "
                            "(50, 100)",
                            persistence=memory,
                            persistence_type="session",
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
                ],
            ),
            dcc.Store(id="kept", storage_type="local"),
            dcc.Store(id=ids.CONDITION),
            dcc.Store(id="refreshed"),  # a callback has to have an output
            html.P(id="where-error", className="error", role="alert"),
            dag.AgGrid(
                id=ids.GRID,
                rowModelType="infinite",
                columnDefs=column_definitions(profile, []),
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
                    "selectionColumnDef": {"pinned": "left", "width": 44},
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
                    html.Span(id="selected"),
                    html.Button("Clear", id="clear", className="link"),
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


def column_definitions(profile: Profile, keys: list[str]) -> list[dict[str, Any]]:
    """Return AG Grid's columns: the job's number, then the keys."""
    text = {
        "filter": "agTextColumnFilter",
        "floatingFilter": True,
        "suppressHeaderFilterButton": True,
        "suppressFloatingFilterButton": True,
        "filterParams": {
            "filterOptions": ["contains"], "maxNumConditions": 1, "debounceMs": 300,
        },
    }  # fmt: skip
    columns = [
        {"field": ID, "colId": ID, "headerName": "job", "width": 90, "pinned": "left",
         "cellClass": "number job-link", "headerTooltip": "Click to open a job"}
    ]  # fmt: skip
    headings = dict(zip(keys, short_names(keys), strict=True))
    for key in keys:
        column = {
            "field": key,
            "colId": key,
            "headerName": headings[key],
            "headerTooltip": f"{key}\nFilter: {_HINTS}",
            "minWidth": max(116, 44 + 9 * len(headings[key])),
            "flex": 1,
            **text,
        }
        if key == STATUS:
            column |= {
                "pinned": "left",
                "width": 136,
                "flex": None,
                "cellClass": {"function": "'status status-' + params.value"},
            }
        elif key in profile.numbers:
            column |= {"cellClass": "number", "headerClass": "number"}
        else:
            column |= {"tooltipField": key}
        columns.append(column)
    return columns


def condition_of(
    page: PageContext, where: str | None, filters: dict[str, Any] | None
) -> str | None:
    """Return the condition that the line above the table and its columns' filters make together."""
    numbers = page.profile().numbers
    typed = {key: str(model.get("filter") or "") for key, model in (filters or {}).items()}
    return all_of(
        [where, *(condition(key, text, number=key in numbers) for key, text in typed.items())]
    )


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
            "error": Output("where-error", "children"),
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
        try:
            selected = condition_of(page, where, request.get("filterModel"))
            total = count(selected, page.table.version())
            found = rows(page, request, selected, set(keys or ()))
        except JobmanError as error:
            # Without an answer the grid would never ask again; and where the
            # condition is not understood, none must be left for the actions.
            nothing = {"rowData": [], "rowCount": 0}
            return {"rows": nothing, "matching": "", "error": str(error), "condition": NO_JOBS}
        matching = f"{total:,} {plural(total, 'job')}"
        if selected:
            matching += " match" if total != 1 else " matches"
        return {
            "rows": {"rowData": found, "rowCount": total},
            "matching": matching,
            "error": "",
            "condition": selected,
        }

    @app.callback(
        output={
            "keys": Output("columns", "value"),
            "kept": Output("kept", "data"),
            "columns": Output(ids.GRID, "columnDefs"),
        },
        inputs=[Input("columns", "value"), State("kept", "data")],
    )
    def choose(keys: list[str] | None, kept: dict[str, list[str]] | None) -> dict[str, Any]:
        profile = page.profile()
        if keys is not None:  # chosen just now
            kept = {**(kept or {}), page.table.url: keys}
            return {"keys": no_update, "kept": kept, "columns": column_definitions(profile, keys)}
        # Not by Dash's own means, which forget a choice when what is shown at first changes.
        remembered = (kept or {}).get(page.table.url, profile.shown)
        keys = [key for key in remembered if key in profile.keys]
        return {"keys": keys, "kept": no_update, "columns": column_definitions(profile, keys)}

    @app.callback(
        Output("columns", "options"), Input(ids.VERSION, "data"), State("columns", "options")
    )
    def offer(_version: str | None, offered: list[str]) -> Any:
        keys = page.profile().keys
        return no_update if keys == offered else keys

    @app.callback(
        Output("selected", "children"),
        Output("clear", "style"),
        Input(ids.GRID, "selectedRows"),
    )
    def count_selected(selected: list[Any] | None) -> Any:
        if not selected:
            return "", {"display": "none"}
        return f"{len(selected):,} selected", {}

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

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("jobman", "refresh"),
        Output("refreshed", "data"),
        Input(ids.VERSION, "data"),
        Input(ids.WHERE, "value"),
        Input("columns", "value"),
        prevent_initial_call=True,
    )
