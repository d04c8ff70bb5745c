"""The expressions of ``key:=...``: interpreted node by node, never handed to ``eval``.

Beyond Python's own syntax, ``@package.module.name`` imports, and ``%key`` is the value of another
key::

    nhid:=2**10
    lr:=@numpy.random.uniform(0, 1)
    yaml_template:=@__builtin__.open('mlp.yaml').read()
    batches:=50000 // %batch_size
"""

__all__ = ["evaluate"]

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.fence.allow import allow_list
from pylearn2_jobman.jobman.parameters.bounded import (
    BINARY,
    FUNCTIONS,
    MOST_ITEMS,
    check_call,
    limit,
    size,
)

_MOST_COUNTED = 5 * MOST_ITEMS  # at all steps together
_DEEPEST = 200  # levels of an expression

_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_PLAIN = (str, bytes, int, float, complex, list, tuple, set, dict)
_CONSTANTS = {"inf": float("inf"), "nan": float("nan")}

# A string literal, an import, a reference to another key, or a token before which a % means modulo.
_TOKEN = re.compile(
    r"""(?P<string>[rRbBuU]{0,2}(?:'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?))"""
    r"""|@\s*(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"""
    r"""|%(?P<key>[^\W\d]\w*(?:\.\w+)*)"""
    r"""|(?P<keyword>\b(?:and|else|if|in|is|not|or)\b)"""
    r"""|(?P<operand>[\w.]+|[)\]}])"""
    r"""|(?P<other>\S)"""
)
_PLACEHOLDER = "_jobman_placeholder_{}"


def evaluate(text: str, keys: Mapping[str, Any] | None = None, **names: Any) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    text
        The expression.
    keys
        What ``%key`` refers to.
    names
        Further names that the expression may use.

    Raises
    ------
    UsageError
        If it is not an expression, uses an unknown name or something that is not allowed in one.
    NameResolutionError
        If an ``@name`` leads nowhere.
    Exception
        The exception of computing it, with a note that says where.
    """
    if not text.strip():
        raise UsageError("there is no expression after :=")
    source, values = _substitute(text, keys or {})
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = getattr(error, "msg", error) or "nested too deep"
        raise UsageError(f"{text!r:.200} is not an expression: {reason}") from None
    if _depth(tree.body) > _DEEPEST:
        raise UsageError(f"{text!r:.200} is nested too deep: {_DEEPEST} levels are the most")
    with warnings.catch_warnings():
        # open('mlp.yaml').read() is how people write it; the file is closed when it is let go.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            interpreter = _Interpreter(text, {**values, **names})
            return interpreter.counted(interpreter.visit(tree.body))
        except RecursionError:
            raise UsageError(f"{text!r:.200} is nested too deep") from None


def _depth(tree: ast.AST) -> int:
    """Return how many levels of nodes there are."""
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [each for node in level for each in ast.iter_child_nodes(node)]
    return depth


def _substitute(text: str, keys: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Replace every ``@name`` and ``%key`` by an identifier; return the text and their values."""
    from pylearn2_jobman.naming import names

    values: dict[str, Any] = {}
    after_operand = False

    def replace(match: re.Match[str]) -> str:
        nonlocal after_operand
        modulo = match["key"] is not None and after_operand
        after_operand = match["other"] is None and match["keyword"] is None
        if modulo or (match["name"] is None and match["key"] is None):
            return match[0]
        placeholder = _PLACEHOLDER.format(len(values))
        if match["name"] is not None:
            values[placeholder] = names.resolve(match["name"])
            return placeholder
        key = match["key"]
        while key not in keys and "." in key:
            key = key.rpartition(".")[0]  # the rest is an attribute of the value
        if key not in keys:
            raise UsageError(
                f"{text!r} refers to the key {match['key']!r}, which is not given before it"
                + suggest(match["key"], keys)
            )
        values[placeholder] = keys[key]
        return placeholder + match["key"].removeprefix(key)

    return _TOKEN.sub(replace, text.strip()), values


class _Interpreter(ast.NodeVisitor):
    """Computes the value of a parsed expression; anything it has no method for is refused."""

    def __init__(self, text: str, names: dict[str, Any]) -> None:
        self.text = text
        self._items_so_far = 0
        self.names = FUNCTIONS | _CONSTANTS | names

    def generic_visit(self, node: ast.AST) -> Any:
        raise UsageError(
            f"{self.text!r}: {type(node).__name__} is not allowed in an expression here; "
            "write it as a function in a module and call that as @module.function(...)"
        )

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_Name(self, node: ast.Name) -> Any:
        try:
            return self.names[node.id]
        except KeyError:
            raise UsageError(
                f"{self.text!r}: unknown name {node.id!r}{suggest(node.id, self.names)} (to import "
                f"write @module.{node.id}, for another key %{node.id}, for text {node.id!r})"
            ) from None

    def visit_List(self, node: ast.List) -> list[Any]:
        return self._items(node.elts)

    def visit_Tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self._items(node.elts))

    def visit_Set(self, node: ast.Set) -> set[Any]:
        return set(self._items(node.elts))

    def visit_Dict(self, node: ast.Dict) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                result.update(self.visit(value))
            else:
                result[self.visit(key)] = self.visit(value)
        return result

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        operation = BINARY.get(type(node.op))
        if operation is None:
            return self.generic_visit(node.op)
        return self._compute(operation, self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return self._compute(_UNARY[type(node.op)], self.visit(node.operand))

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        value = None
        for operand in node.values:
            value = self.visit(operand)
            if bool(value) == isinstance(node.op, ast.Or):
                break
        return value

    def visit_Compare(self, node: ast.Compare) -> Any:
        left = self.visit(node.left)
        for comparison, operand in zip(node.ops, node.comparators, strict=True):
            right = self.visit(operand)
            if not self._compute(_COMPARE[type(comparison)], left, right):
                return False
            left = right
        return True

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.visit(node.body if self.visit(node.test) else node.orelse)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if node.attr.startswith("__"):
            raise UsageError(f"{self.text!r}: the attribute {node.attr!r} is not allowed here")
        owner = self.visit(node.value)
        if allow_list() is not None and not isinstance(owner, _PLAIN):
            raise UsageError(
                f"{self.text!r}: with JOBMAN_ALLOW, {node.attr!r} is not reached through a "
                f"{type(owner).__name__}"
            )
        return self._compute(getattr, owner, node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        return self._compute(operator.getitem, self.visit(node.value), self.visit(node.slice))

    def visit_Slice(self, node: ast.Slice) -> slice:
        bounds = (node.lower, node.upper, node.step)
        return slice(*(None if bound is None else self.visit(bound) for bound in bounds))

    def visit_Call(self, node: ast.Call) -> Any:
        function = self.visit(node.func)
        arguments = self._items(node.args)
        keywords: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.visit(keyword.value)
            keywords.update(value if keyword.arg is None else {keyword.arg: value})
        check_call(function, arguments)
        return self._compute(function, *arguments, **keywords)

    def _items(self, nodes: list[ast.expr]) -> list[Any]:
        items: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items.extend(self.counted(self.visit(node.value)))
            else:
                items.append(self.visit(node))
        return items

    def _compute(self, operation: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        self.counted(*arguments, *keywords.values())
        try:
            made = operation(*arguments, **keywords)
        except Exception as error:
            error.add_note(f"while computing {self.text!r}")
            raise
        return self.counted(made)

    def counted(self, *values: Any) -> Any:
        """Return the last value; refuse what has too many items, or all steps together."""
        items = size(*values)
        self._items_so_far += items
        limit(items, MOST_ITEMS, "items")
        limit(self._items_so_far, _MOST_COUNTED, "items at all its steps")
        return values[-1] if values else None
