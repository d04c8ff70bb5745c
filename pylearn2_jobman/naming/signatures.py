"""What callables take, and what is wrong with calling one by certain names.

A constructor that lists its own parameters and passes ``**kwargs`` up takes what the next one takes
as well. Its source text says what it passes; where that is not plain to see, nothing is assumed.
"""

__all__ = ["FullSignature", "argument_problem", "shown", "signature"]

import ast
import functools
import inspect
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from pylearn2_jobman.errors import suggest

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@functools.lru_cache(maxsize=1024)
def signature(target: Callable[..., Any]) -> inspect.Signature | None:
    """Return what a callable takes; None for one that does not tell.

    A class takes what its constructor passes up to those of its bases, too.
    """
    try:
        return _of_class(target) or inspect.signature(target)
    except (ValueError, TypeError):  # some callables written in C do not tell
        return None


class FullSignature:
    """The ``__signature__`` of a class and its subclasses: all that they take, for ``help()``.

    A class that has it leaves all arguments to ``__init__``, also where it has a ``__new__``.
    """

    def __get__(self, instance: object, owner: type) -> inspect.Signature | None:
        if instance is not None:
            raise AttributeError("__signature__")
        return _of_class(owner)


def argument_problem(target: Callable[..., Any], name: str, given: list[str]) -> str | None:
    """Return what is wrong with calling ``target`` with these keywords, or None."""
    try:
        taken = signature(target)
    except TypeError:  # not hashable
        return None
    if taken is None:
        return None
    parameters = taken.parameters.values()
    takes = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    unknown = [] if takes_any else [key for key in given if key not in takes]
    missing = [
        p.name
        for p in parameters
        if p.name in takes and p.default is p.empty and p.name not in given
    ]
    if not unknown and not missing:
        return None
    problems = [f"takes no argument {key!r}{suggest(str(key), takes)}" for key in unknown]
    problems += [f"needs the argument {key!r}" for key in missing]
    listed = ", ".join(shown(p) for p in parameters) or "nothing"
    problem = f"{name} {' and '.join(problems)}"
    return f"{problem}{'' if problem.endswith('?') else '.'} It takes: {listed}"


def shown(parameter: inspect.Parameter) -> str:
    """Return a parameter with its default, without its type."""
    return str(parameter.replace(annotation=inspect.Parameter.empty))


def _of_class(target: Any) -> inspect.Signature | None:
    """Return what a class takes that an ``__init__`` in Python decides about; None for others."""
    if not isinstance(target, type) or type(target).__call__ is not type.__call__:
        return None
    init = inspect.getattr_static(target, "__init__")
    if not isinstance(init, FunctionType) or not _leaves_all_to_init(target):
        return None
    return _of_constructor(target.__mro__)


def _leaves_all_to_init(target: type) -> bool:
    """Return whether the ``__new__`` of a class is that of `object`, or its class says so."""
    owner = next(each for each in target.__mro__ if "__new__" in vars(each))
    return owner is object or isinstance(vars(owner).get("__signature__"), FullSignature)


def _of_constructor(classes: Sequence[type]) -> inspect.Signature:
    """Return what the first ``__init__`` of these classes takes, with what it passes up."""
    place = next(i for i, each in enumerate(classes) if "__init__" in vars(each))
    classes = classes[place:]
    if classes[0] is object:
        return inspect.Signature()
    init = vars(classes[0])["__init__"]
    own = list(inspect.signature(init).parameters.values())[1:]
    joined = []
    for call in _calls_upwards(init, own):
        reached = _reached(call, classes)
        if reached is None:
            return inspect.Signature(own)
        above, args = reached
        joined.append(_joined(own, args, call.keywords, _of_constructor(above)))
    return _any_of(joined) if joined else inspect.Signature(own)


def _calls_upwards(init: Any, own: list[inspect.Parameter]) -> list[ast.Call]:
    """Return the calls of another ``__init__`` that ``**kwargs`` go to, if that is all they do.

    One of several is made without a condition. The same holds for ``*args``, where these go there
    too.
    """
    variadic = {p.kind: p.name for p in own}
    if inspect.Parameter.VAR_KEYWORD not in variadic:
        return []
    try:
        source = inspect.getsource(init)
        tree = ast.parse(f"class _:\n{source}" if source[0].isspace() else source)
    except (OSError, SyntaxError, TypeError):
        return []
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)
    listed = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    if function is None or function.name != "__init__" or not listed >= {p.name for p in own}:
        return []  # the file has changed since
    names = {variadic[inspect.Parameter.VAR_KEYWORD]}
    calls: dict[ast.stmt, ast.Call] = {}
    gone_up: set[ast.expr] = set()
    for statement in ast.walk(function):
        match statement:
            case ast.Expr(ast.Call(ast.Attribute(attr="__init__"), args, keywords) as call):
                starred = [arg.value for arg in args if isinstance(arg, ast.Starred)]
                if passed := [keyword.value for keyword in keywords if keyword.arg is None]:
                    calls[statement] = call
                    gone_up.update(passed, starred)
                    names |= {variadic.get(inspect.Parameter.VAR_POSITIONAL, "") for _ in starred}
    uses = {node for node in ast.walk(function) if getattr(node, "id", "") in names}
    return list(calls.values()) if uses == gone_up and calls.keys() & {*function.body} else []


def _reached(
    call: ast.Call, classes: Sequence[type]
) -> tuple[Sequence[type], list[ast.expr]] | None:
    """Return where a call in the first of some classes looks for ``__init__``, and its arguments.

    None if that cannot be told.
    """
    names = [each.__name__ for each in classes]
    match call.func:
        case ast.Attribute(ast.Call(ast.Name("super"), [])):
            return classes[1:], call.args
        case ast.Attribute(ast.Call(ast.Name("super"), [ast.Name(name), _])) if name in names:
            return classes[names.index(name) + 1 :], call.args
        case ast.Attribute(ast.Name(name) | ast.Attribute(attr=name)) if name in names[1:]:
            return classes[names.index(name, 1) :], call.args[1:]
    return None


def _any_of(signatures: Sequence[inspect.Signature]) -> inspect.Signature:
    """Return what is taken where it depends on the values which of some signatures holds."""
    taken: dict[str, inspect.Parameter] = {}
    for each in signatures:
        taken = {**each.parameters, **taken}
    for name, parameter in taken.items():
        optional = any(
            name not in each.parameters or each.parameters[name].default is not parameter.empty
            for each in signatures
        )
        if optional and parameter.default is parameter.empty:
            taken[name] = parameter.replace(default=None)
    return inspect.Signature(sorted(taken.values(), key=lambda p: p.kind))


def _joined(
    own: list[inspect.Parameter],
    args: list[ast.expr],
    keywords: list[ast.keyword],
    above: inspect.Signature,
) -> inspect.Signature:
    """Return what a constructor takes that calls another one, which takes ``above``, with these."""
    inherited = list(above.parameters.values())
    fixed = [arg for arg in args if not isinstance(arg, ast.Starred)]
    filled = {p.name for p in [p for p in inherited if p.kind in _POSITIONAL][: len(fixed)]}
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    filled |= {keyword.arg or "" for keyword in keywords}
    filled |= {p.name for p in own if p.kind not in variadic}
    inherited = [p for p in inherited if p.name not in filled]
    own = [p for p in own if p.kind is not p.VAR_KEYWORD]
    by_place = len(args) > len(fixed)  # *args go up as well
    if by_place:
        own = [p for p in own if p.kind is not p.VAR_POSITIONAL]
    optional = any(p.default is not p.empty for p in own)
    if not by_place or (optional and any(p.default is p.empty for p in inherited)):
        inherited = [
            p.replace(kind=p.KEYWORD_ONLY) if p.kind in _POSITIONAL else p
            for p in inherited
            if p.kind is not p.VAR_POSITIONAL
        ]
    return inspect.Signature(sorted([*own, *inherited], key=lambda p: p.kind))
