"""A control with its label, as every part of the page has them."""

__all__ = ["field"]

from typing import Any

from dash import html


def field(name: str, control: Any, *, css_class: str = "") -> html.Div:
    """Return a control under its label."""
    return html.Div(
        [html.Label(name, htmlFor=control.id), control], className=f"field {css_class}".strip()
    )
