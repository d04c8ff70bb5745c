"""The page as a whole: its parts put together, its style, and who may see it.

A part is a module with ``layout``, the components, and ``register``, the callbacks. Which of these
triggers which (in capitals the components of `ids`)::

    TICK --overview.tick--> the counts, the throughput, the end, LIVE
                            VERSION  if a job has changed
                            BEAT     every time
    VERSION --> overview.show_best, grid.offer, the grid's rows, compare's open view, the open job
    BEAT    --> compare.draw_curves and jobpage.show, if a job there is running
    the grid asks for rows, WHERE, filters --grid.answer--> the rows, CONDITION
    CONDITION, selected rows, RESULT, DIRECTION --> compare's open view
    a click on a row, a point or a line, a link --> URL --jobpage.show--> the sheet, OPENED
    a button --actions.ask--> the question --actions.do--> TICK, at once

What TICK leads to stops it until it is done (`PAUSED`).
"""

__all__ = ["make_app"]

import json
from pathlib import Path
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, dcc, html
from plotly.io.json import to_json_plotly

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.dashboard import actions, grid, ids, overview
from pylearn2_jobman.jobman.dashboard.compression import compress
from pylearn2_jobman.jobman.dashboard.context import PageContext, Settings
from pylearn2_jobman.jobman.dashboard.security import Access, protect
from pylearn2_jobman.jobman.dashboard.views import compare, jobpage
from pylearn2_jobman.jobman.table import JobTable

_DIVIDER: Any = {
    "id": "divider", "className": "divider", "role": "separator", "tabIndex": 0,
    "aria-orientation": "horizontal", "aria-label": "Height of the table", "aria-valuenow": "400",
    "aria-valuemin": "180", "aria-valuemax": "2000",
}  # fmt: skip
_PARTS = (overview, grid, compare, jobpage, actions)


def make_app(table: JobTable, settings: Settings) -> dash.Dash:
    """Return the page over a table; its ``server`` is the WSGI application.

    Raises
    ------
    UsageError
        If the address needs a token and there is none; see `Access`.
    """
    access = Access(settings.host, settings.token)
    app = dash.Dash(
        __name__,
        assets_folder=str(Path(__file__).parent / "assets"),
        title=f"{table.name} · jobman",
        update_title="",
        serve_locally=True,  # nothing comes from elsewhere
        suppress_callback_exceptions=True,  # what is inside a tab or a sheet is not there at first
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    page = PageContext(table, settings)
    for part in _PARTS:
        part.register(app, page)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("jobman", "theme"), Output("theme", "title"), Input("theme", "n_clicks")
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("jobman", "later"),
        Output("below", "children"),
        Input(ids.CONDITION, "data"),
        State("later", "data"),
        prevent_initial_call=True,
    )
    app.layout = lambda: _layout_or_error(page)  # anew for every visit, with the keys of then
    compress(app.server)
    protect(app.server, access, app.csp_hashes())
    return app


def _plain(component: Any) -> Any:
    """Return a component as the browser has it: as data, to become one there."""
    return json.loads(to_json_plotly(component))


def _layout_or_error(page: PageContext) -> html.Div:
    try:
        return _layout(page)
    except JobmanError as error:
        message = html.P(str(error), className="error", role="alert")
        return html.Div(html.Main([html.H1("jobman"), message, html.A("Try again", href="/")],
                                  className="login"))  # fmt: skip


def _layout(page: PageContext) -> html.Div:
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),  # a job opens beside the table as it is
            dcc.Interval(id=ids.TICK, interval=1000 * page.settings.refresh_seconds),
            dcc.Store(id=ids.VERSION),
            dcc.Store(id=ids.BEAT),
            html.Header(
                [
                    html.H1(page.table.name),
                    html.Code(page.table.url, className="address"),
                    html.Span(className="space"),
                    html.Span("live", id=ids.LIVE, className="live", role="status"),
                    html.Button("◐", id="theme", className="icon", title="Light or dark"),
                ]
            ),
            html.Main(
                [
                    overview.layout(page),
                    html.Div(
                        [
                            grid.layout(page),
                            html.Div(**_DIVIDER),
                            html.Div(id="below"),
                            # Plotly, which takes a browser seconds, comes after the first rows.
                            dcc.Store(id="later", data=_plain(compare.layout(page))),
                        ],
                        className="columns-2",
                    ),
                ]
            ),
            jobpage.layout(page),
            actions.dialog(),
        ],
        className="page",
    )
