"""A job's state: `DD`, a dictionary with attributes, and its flat form with dotted keys."""

__all__ = ["DD", "expand", "flatten"]

from collections.abc import Mapping
from typing import Any, Self

from pylearn2_jobman.errors import MissingKeyError, NotStorableError, UsageError
from pylearn2_jobman.values import DEEPEST, plain

_SCALARS = frozenset({bool, int, float, str, type(None)})
_LARGE_BITS = 64  # larger integers are looked at: some are too large


class DD(dict[str, Any]):
    """A dictionary whose items are attributes too: ``state.lr`` is ``state['lr']``.

    A key that is missing is both a KeyError and an AttributeError, whichever way it is asked for.
    """

    def __missing__(self, name: Any) -> Any:
        raise MissingKeyError(f"this state has no key {name!r}")

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __delitem__(self, name: str) -> None:
        if name not in self:
            self.__missing__(name)
        super().__delitem__(name)

    def __repr__(self) -> str:
        return f"DD{super().__repr__()}"

    def copy(self) -> Self:
        """Return a shallow copy."""
        return type(self)(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def flatten(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a nested state as one dictionary of dotted keys and plain values.

    ``{'a': {'b': 1}}`` becomes ``{'a.b': 1}``. A dictionary with a key that is not a string, and an
    empty one, is a value of its own. An object with a method ``state()`` is flattened as what that
    returns, with its class as ``__builder__``.

    Raises
    ------
    NotStorableError
        If a value is not plain (see `pylearn2_jobman.values.plain`), or the state itself has a key
        that is not a string.
    UsageError
        If two spellings disagree: ``{'a.b': 1, 'a': {'b': 2}}``.
    """
    if not isinstance(state, Mapping):
        raise NotStorableError(
            f"a state is a dictionary, not {type(state).__name__} ({state!r:.80})"
        )
    flat: dict[str, Any] = {}

    def add(parent: str, node: Mapping[Any, Any], depth: int = 0) -> None:
        if depth > DEEPEST:  # a state that holds itself, most likely
            raise NotStorableError(f"{parent[:100]!r}... is nested more than {DEEPEST} deep")
        for key, value in list(node.items()):  # a thread may be adding to it
            if not isinstance(key, str):
                raise NotStorableError(f"a state's keys are strings, not {key!r}")
            dotted = parent + key
            kind = type(value)
            small = kind is not int or value.bit_length() < _LARGE_BITS
            if kind in _SCALARS and small and dotted not in flat:  # most values by far
                flat[dotted] = value
                continue
            if callable(getattr(kind, "state", None)):
                value = {"__builder__": f"{kind.__module__}.{kind.__qualname__}", **value.state()}
            if isinstance(value, Mapping) and value and all(isinstance(k, str) for k in value):
                add(f"{dotted}.", value, depth + 1)
            else:
                value = plain(value, dotted)
                if dotted in flat and repr(flat[dotted]) != repr(value):
                    raise _twice(dotted)
                flat[dotted] = value

    add("", state)
    return flat


def expand(flat: Mapping[str, Any], dict_type: type[dict[str, Any]] = DD) -> Any:
    """Return the nested form of a flat state: the inverse of `flatten`.

    Parameters
    ----------
    flat
        Dotted keys and values.
    dict_type
        The type of every dictionary made.

    Raises
    ------
    UsageError
        If a key is both a value and a prefix of another (``a`` and ``a.b``), or a dictionary
        that is a value before it holds another value for it.
    """
    nested = dict_type()
    parents: dict[str, dict[str, Any]] = {"": nested}
    for key, value in flat.items():
        if not isinstance(key, str):
            raise UsageError(f"a state's keys are strings, not {key!r}")
        prefix, _, last = key.rpartition(".")
        if prefix not in parents:
            parents[prefix] = _descend(nested, key, dict_type)
        node = parents[prefix]
        if type(value) in _SCALARS and last not in node:  # most values by far
            node[last] = value
            continue
        present = node.get(last)
        if isinstance(value, Mapping) and not isinstance(value, dict_type):
            value = dict(value)
        if last in node and repr(present) == repr(value):
            continue
        if last in node and not (isinstance(present, dict) and isinstance(value, Mapping)):
            longer = next((k for k in flat if k.startswith(f"{key}.")), None)
            raise _collision(key, longer) if longer else _twice(key)
        if last in node:
            node[last].update(value)
        else:
            node[last] = value
    return nested


def _descend(nested: dict[str, Any], key: str, dict_type: type[dict[str, Any]]) -> dict[str, Any]:
    """Return the dictionary that a dotted key's last part belongs in, made if need be."""
    path = key.split(".")[:-1]
    node = nested
    for depth, part in enumerate(path):
        child = node.setdefault(part, dict_type())
        if not isinstance(child, dict):
            raise _collision(".".join(path[: depth + 1]), key)
        node = child
    return node


def _collision(value_key: str, longer_key: str) -> UsageError:
    return UsageError(f"the key {value_key!r} is both a value and a prefix of {longer_key!r}")


def _twice(key: str) -> UsageError:
    return UsageError(f"the key {key!r} is given twice")
