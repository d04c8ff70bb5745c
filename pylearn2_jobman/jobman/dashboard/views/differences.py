"""Jobs side by side: the keys in which they differ."""

__all__ = ["difference_table"]

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from pylearn2_jobman.jobman.dashboard.formatting import format_value
from pylearn2_jobman.jobman.query.keys import differences


def difference_table(ids: Sequence[int], flats: Sequence[Mapping[str, Any]]) -> Any:
    """Return a table with a row a key in which jobs differ, and a column a job.

    Of two jobs, texts of several lines are compared line by line.

    Parameters
    ----------
    ids
        The jobs.
    flats
        Their states, flat.
    """
    if len(ids) < 2:
        return html.P("Select two jobs or more in the table.", className="empty")
    found = differences(flats)
    long = {
        key: values
        for key, values in found.items()
        if len(ids) == 2 and any("\n" in str(value) for value in values)
    }
    head = [html.Th("key", scope="col")]
    head += [html.Th(dcc.Link(f"job {one}", href=f"/job/{one}"), scope="col") for one in ids]
    body = [
        html.Tr(
            [html.Th(key, scope="row")]
            + [html.Td("—" if value is None else format_value(key, value)) for value in values]
        )
        for key, values in found.items()
        if key not in long
    ]
    if not found:
        return html.P("They do not differ but in what jobman itself noted.", className="empty")
    shown: list[Any] = []
    if body:
        table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="groups")
        shown.append(table)
    for key, (one, other) in long.items():
        before, after = (str(text).splitlines() for text in (one, other))
        old, new = (f"job {number}" for number in ids)
        lines = difflib.unified_diff(before, after, old, new, lineterm="", n=1)
        shown += [html.H3(key), html.Pre("\n".join(lines), className="code", tabIndex=0)]
    return shown
