"""Objects from states: what ``key::module.Class`` and its parameters describe, built."""

__all__ = ["defaults_merge", "make", "realize"]

from collections.abc import Mapping, MutableMapping
from typing import Any

from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.naming.names import resolve

_BUILDER = "__builder__"


def make(state: Mapping[str, Any]) -> Any:
    """Return what a state, nested or flat, describes: see `realize`.

    With ``model::mylab.MLP model.nhid=50``, ``make(state.model)`` is ``mylab.MLP(nhid=50)``.
    """
    return realize(expand(flatten(state)))


def realize(state: Any) -> Any:
    """Return a nested state with its objects built.

    A dictionary with ``__builder__``, a dotted name, becomes what that makes of the other items,
    which are built first; other dictionaries and values stay what they are.

    Raises
    ------
    NameResolutionError
        If the name leads to nothing, or is not allowed.
    """
    if not isinstance(state, Mapping):
        return state
    items = {}
    for key, value in state.items():
        try:
            items[key] = realize(value)
        except Exception as error:
            error.add_note(f"while building the key {key!r}")
            raise
    if _BUILDER not in items:
        return DD(items)
    return resolve(items.pop(_BUILDER), Use.BUILD)(**items)


def defaults_merge(state: MutableMapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Give a nested state the values of another where it has none, in place."""
    for key, value in defaults.items():
        if isinstance(value, Mapping):
            defaults_merge(state.setdefault(key, DD()), value)
        else:
            state.setdefault(key, value)
