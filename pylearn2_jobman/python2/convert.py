"""From the text of a Python 2 source to that of Python 3, by fissix's fixers."""

__all__ = ["converted", "decoded", "parses"]

import ast
import functools
import importlib.util
import re
import warnings
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.python2 import division

# Matters of style, which change no meaning; and one that old sources do not need.
_LEFT_OUT = {"asserts", "buffer", "callable", "future", "idioms", "set_literal", "ws_comma"}
# What `builtins` gives as it was, where the text is not to stand by itself.
_BUILT_IN = {"filter", "map", "zip"}

_IMPORT = "from pylearn2_jobman.python2.division import div, idiv"
_COOKIE = re.compile(r"\A((?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*)[-\w.]+")
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def decoded(data: bytes) -> str:
    """Return a source's text; one that names no encoding and is not UTF-8 is taken as Latin-1."""
    try:
        return importlib.util.decode_source(data)
    except (SyntaxError, UnicodeDecodeError):
        return data.decode("latin-1").replace("\r\n", "\n")


def converted(source: str, filename: str, *, to_keep: bool = False) -> str:
    """Return a Python 2 source as Python 3.

    Parameters
    ----------
    source
        The text; one that parses as Python 3 already only gets Python 2's division.
    filename
        Its file: an import is taken as relative where the module lies beside it.
    to_keep
        Whether the text is to stand by itself, in UTF-8, and so imports what it needs for the
        division.

    Raises
    ------
    UsageError
        If it is no Python 2 either.
    """
    text = source if parses(source) else _fixed(source, filename, to_keep)
    made = division.explicit(text) if division.is_needed(source) else text
    if not to_keep:
        return made
    if made != text:
        made = _with_import(made)
    return _COOKIE.sub(r"\1utf-8", made, count=1)


def _fixed(source: str, filename: str, to_keep: bool) -> str:
    # Python 2 took a tab as up to eight columns; Python 3 refuses where that matters.
    source = _INDENTATION.sub(lambda blank: blank[0].expandtabs(8), source)
    problem: Exception | None = None
    has_function = "print_function" in source
    for print_function in (has_function, not has_function):
        try:
            text = str(
                _tool(print_function, to_keep).refactor_string(source.rstrip() + "\n", filename)
            )
            ast.parse(text)
        except Exception as error:  # fissix raises its own, and what its grammar trips over
            problem = problem or error
        else:
            return text
    raise UsageError(f"{filename} is neither Python 3 nor Python 2: {problem}")


def parses(source: str) -> bool:
    """Return whether a source is Python 3 as it stands."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


@functools.cache
def _tool(print_function: bool, to_keep: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fissix import refactor

        left_out = _LEFT_OUT if to_keep else _LEFT_OUT | _BUILT_IN
        package = f"{refactor.__name__.partition('.')[0]}.fixes"
        fixers = [
            name
            for name in refactor.get_fixers_from_package(package)
            if name.rpartition("fix_")[2] not in left_out
        ]
        return refactor.RefactoringTool(fixers, {"print_function": print_function})


def _with_import(text: str) -> str:
    """Put the import behind the docstring and what is imported from ``__future__``."""
    lines = text.split("\n")
    row = 0
    for number, node in enumerate(ast.parse(text).body):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (number == 0 and is_text) and not is_future:
            row = row or node.lineno - 1
            break
        row = node.end_lineno or 0
    return "\n".join([*lines[:row], _IMPORT, *lines[row:]])
