"""An exception as its reader needs it: the frames of the user's code, without those above it."""

__all__ = ["summary", "tail", "user_traceback"]

import ast
import importlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

_TRACEBACK = "Traceback (most recent call last):\n"
_PACKAGE = Path(__file__).parents[1]
# Ours, but read as the user's: examples, and the learning half, which trains.
_SHOWN = tuple(str(_PACKAGE / part) for part in ("jobman/examples", "pylearn2"))
_YAML = str(_PACKAGE / "pylearn2" / "config")
# What stands between the command line and the user's code.
_PLUMBING = (
    str(_PACKAGE),
    "<frozen importlib",
    str(Path(importlib.__file__).parent),
    str(Path(ast.__file__)),
)


def user_traceback(error: BaseException) -> str:
    """Return the traceback from the first frame that is the user's own.

    An error that no code of the user's took part in is its message alone.
    """
    frames: TracebackType | None = error.__traceback__
    while frames is not None and _plumbing(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, frames)).rstrip("\n")
    except Exception as problem:  # a SyntaxError made by hand, with anything for its line
        return f"{type(error).__qualname__} (which cannot be shown: {problem!r})"


def summary(text: str) -> str:
    """Return the line of a `user_traceback` that says what went wrong: the error's first one."""
    lines = text.split(_TRACEBACK)[-1].strip("\n").splitlines()
    return next((line for line in lines if not line.startswith(" ")), lines[0] if lines else "")


def tail(text: str, lines: int = 20, characters: int = 4000) -> str:
    """Return the last lines of a text."""
    return "\n".join(text.rstrip("\n").split("\n")[-lines:])[-characters:]


def _plumbing(filename: str) -> bool:
    click = getattr(sys.modules.get("click"), "__file__", None)
    if click is not None and filename.startswith(str(Path(click).parent)):
        return True
    if filename.startswith(_YAML):
        return True
    return filename.startswith(_PLUMBING) and not filename.startswith(_SHOWN)
