"""Figures as files: PNG, SVG, PDF, or a page of HTML that needs nothing else."""

__all__ = ["data_uri", "save"]

import base64
import html
import io
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.plots.style import DRAWING

_ENDINGS = (".png", ".svg", ".pdf", ".html")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #222 }}
svg {{ width: 100%; height: auto }}
figcaption {{ color: #666; font-size: 0.9rem; margin-top: 1rem }}
</style>
</head>
<body>
<figure>
{svg}
<figcaption>{caption}</figcaption>
</figure>
</body>
</html>
"""


def save(figure: Figure, path: Path | str, *, caption: str = "") -> None:
    """Write a figure to a file, in the format that its ending names.

    Parameters
    ----------
    figure
        The figure.
    path
        A file ending in ``.png``, ``.svg``, ``.pdf`` or ``.html``. A page of HTML holds the figure
        as SVG, so that it can be mailed as it is.
    caption
        The text below the figure on the page.

    Raises
    ------
    UsageError
        If the ending is another one, or the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(f"{str(path)!r}: a plot's file ends in {', '.join(_ENDINGS)}")
    content = _written(figure, "svg" if ending == ".html" else ending[1:])
    if ending == ".html":
        svg = content.decode()
        titles = [axes.get_title(loc="left") for axes in figure.axes]
        page = _PAGE.format(
            title=html.escape(next(filter(None, titles), "plot")),
            svg=svg[svg.index("<svg") :],
            caption=html.escape(caption),
        )
        content = page.encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from None


def data_uri(figure: Figure) -> str:
    """Return a figure as the address of an image on a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(_written(figure, 'svg')).decode()}"


def _written(figure: Figure, format_: str) -> bytes:
    picture = io.BytesIO()
    # Without a date, and with ids that are not random, the same figure gives the same file.
    date = {"svg": "Date", "pdf": "CreationDate"}.get(format_)
    with DRAWING, mpl.rc_context({"svg.hashsalt": "pylearn2_jobman"}):
        figure.savefig(picture, format=format_, metadata=date and {date: None}, dpi=160)
    return picture.getvalue()
