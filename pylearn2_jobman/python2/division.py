"""Python 2's ``/``: whole numbers by whole numbers gave a whole number."""

__all__ = ["div", "explicit", "idiv", "is_needed"]

import ast
import operator
import re
from collections.abc import Iterator
from typing import Any

_FUTURE = re.compile(r"^from\s+__future__\s+import\b[^\n]*\bdivision\b", re.MULTILINE)

# What is to be put into the text at one place: (row, column in bytes), length taken out, text.
_Edit = tuple[int, int, int, str]


def div(a: Any, b: Any) -> Any:
    """Return ``a / b`` as Python 2 had it; for arrays and Theano's variables as well."""
    return a // b if _is_whole(a) and _is_whole(b) else a / b


def idiv(a: Any, b: Any) -> Any:
    """Return what ``a /= b`` of Python 2 sets ``a`` to; an array is changed in place."""
    in_place: Any = operator.ifloordiv if _is_whole(a) and _is_whole(b) else operator.itruediv
    return in_place(a, b)


def is_needed(source: str) -> bool:
    """Return whether a Python 2 source means that ``/``, and not that of Python 3."""
    return _FUTURE.search(source) is None


def explicit(source: str) -> str:
    """Return a source that parses as Python 3 with ``div(a, b)`` for each ``a / b``.

    Lines stay where they are. Where one number of the two is a float as it stands, the two meanings
    are one, and ``/`` stays.
    """
    lines = [line.encode() for line in source.split("\n")]  # str.splitlines parts at ^L too
    edits = [edit for node in ast.walk(ast.parse(source)) for edit in _edits(node, lines)]
    # From the end, so that places before stay; of those at one place, the inner node's first.
    for row, column, length, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        line = lines[row]
        lines[row] = line[:column] + text.encode() + line[column + length :]
    return b"\n".join(lines).decode()


def _edits(node: ast.AST, lines: list[bytes]) -> Iterator[_Edit]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        if _is_float(node.left) or _is_float(node.right):
            return
        row, column = _slash(node.left, lines)
        yield node.lineno - 1, node.col_offset, 0, "div("
        yield row, column, 1, ","
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
        if _is_float(node.value):
            return
        row, column = _slash(node.target, lines)
        yield row, column, 2, f"= idiv({ast.unparse(node.target)},"
    else:
        return
    row, column = _end(node)
    yield row, column, 0, ")"


def _slash(left: ast.expr, lines: list[bytes]) -> tuple[int, int]:
    """Return where the operator after an operand is: behind parentheses, comments, line ends."""
    row, column = _end(left)
    while True:
        before_comment = lines[row][column:].partition(b"#")[0]
        if b"/" in before_comment:
            return row, column + before_comment.index(b"/")
        row, column = row + 1, 0


def _end(node: ast.expr | ast.AugAssign) -> tuple[int, int]:
    return (node.end_lineno or 0) - 1, node.end_col_offset or 0


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _is_whole(value: Any) -> bool:
    if isinstance(value, int):  # True is one
        return True
    dtype = str(getattr(value, "dtype", ""))
    return dtype.startswith(("int", "uint", "bool"))
