"""Words without quotes, ``use_bias=no``: what they mean to the YAML that they end up in.

LISA's jobman kept such a word as text and wrote it into the template with ``%``, where YAML read it
as False. Text that Python code gives keeps being text; a word that somebody typed without quotes,
for a place-holder without quotes, means now what it meant then.
"""

__all__ = ["TakenForWarning", "Word", "as_yaml_reads"]

import warnings
from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.jobman.state import expand

_PREFIX = "hyper_parameters."
_TEMPLATE = "yaml_template"


class TakenForWarning(UserWarning):
    """A word without quotes is taken for the value that YAML reads it as."""


class Word(str):
    """Text that stood without quotes where a value is read."""

    __slots__ = ()


def as_yaml_reads(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat state in which no value is a `Word`.

    A word among the hyper-parameters of a template, in which it stands without quotes, becomes
    what YAML reads it as; any other becomes text.

    Warns
    -----
    TakenForWarning
        For a word that became something else than text.
    """
    state = {key: str(value) if type(value) is Word else value for key, value in keys.items()}
    words = {key for key, value in keys.items() if type(value) is Word and key.startswith(_PREFIX)}
    if words and isinstance(state.get(_TEMPLATE), str):
        for key, value in _values(words, state).items():
            warnings.warn(
                f"{key}={state[key]} is taken for {value!r}, as YAML reads it; "
                f"""for text put quotes around it: {key}="'{state[key]}'\"""",
                TakenForWarning,
                stacklevel=4,
            )
            state[key] = value
    return state


def _values(words: set[str], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what YAML reads words as, where that is no text and they stand without quotes."""
    from pylearn2_jobman.rendering.flow import word_value
    from pylearn2_jobman.rendering.template import stands_alone

    read = {key: value for key in words if (value := word_value(state[key])) is not state[key]}
    if not read:
        return {}
    given = {k.removeprefix(_PREFIX): v for k, v in state.items() if k.startswith(_PREFIX)}
    try:
        alone = stands_alone(state[_TEMPLATE], expand(given, dict_type=dict))
    except JobmanError:  # the job's error, when it is run
        return {}
    return {
        key: value
        for key, value in sorted(read.items())
        if key.removeprefix(_PREFIX).partition(".")[0] in alone
    }
