"""Whether `train_experiment` could train a job, told where the job is scheduled.

The same is looked at as when the training begins, and by the same code: the template is rendered,
names and arguments are resolved, the extractor is imported. Nothing is built, opened or trained.
"""

__all__ = ["check_training", "rendered"]

import difflib
import os
import re
import warnings
from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.errors import (
    ConfigError,
    JobmanError,
    NotCheckedWarning,
    TemplateError,
    UnusedKeyWarning,
)
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.jobman.state import expand, flatten
from pylearn2_jobman.naming import absence, names
from pylearn2_jobman.pylearn2.config.phases import check_phases
from pylearn2_jobman.rendering.template import place_holders, render, warn_of_unused

_READ = ("yaml_template", "hyper_parameters", "extract_results")
_OTHERS = ("jobman", "results")
# A number that is a value: one in a name, an anchor or a key may decide what is meant.
_NUMBER = re.compile(r"(?<![\w.&*!/:+-])[-+]?\d[\d.eE+-]*(?![\w.]|\s*:)")
_NOTE = f": it reads {', '.join(_READ)}; a note of one's own goes below jobman, jobman.note"
_MOST_SHOWN = 5
_MOST_KEPT = 100

# What could not be checked of documents with nothing wrong in them, by the hash of their kind.
_checked: dict[int, dict[str, list[str]]] = {}


def rendered(state: Any) -> str:
    """Return the YAML text of a state: its template with its hyper-parameters."""
    return render(state.yaml_template, _hyper_parameters(state))


def _hyper_parameters(state: Any) -> dict[str, Any]:
    values: dict[str, Any] = expand(flatten(getattr(state, "hyper_parameters", {})), dict_type=dict)
    return values


def check_training(state: Any) -> None:
    """Find what is wrong with a state that `train_experiment` is to get.

    Of documents that differ in numbers alone, the names and arguments are looked at once.

    Parameters
    ----------
    state
        As `train_experiment` gets it.

    Raises
    ------
    ConfigError, TemplateError, NameResolutionError
        With all problems, each with its place.

    Warns
    -----
    UnusedKeyWarning
        If a key of the state, or a hyper-parameter, is not used.
    NotCheckedWarning
        If something is named that is in a package which is not installed here, or a variable that
        is not set here.
    """
    _warn_of_unused_keys(state)
    errors: list[JobmanError] = []
    unchecked: dict[str, list[str]] = {}
    if isinstance(extractor := state.get("extract_results"), str):
        _check_extractor(extractor, errors, unchecked)
    elif extractor is not None:
        errors.append(ConfigError(f"extract_results is a dotted name, not {extractor!r:.80}"))
    try:
        if "yaml_template" not in state:
            raise TemplateError("there is no yaml_template: the state holds the YAML text there")
        _merge(unchecked, _check_document(rendered(state)))
    except TemplateError as error:
        errors.append(error)
        if isinstance(template := state.get("yaml_template"), str):
            warn_of_unused(template, _hyper_parameters(state))
    except JobmanError as error:
        errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else ConfigError("\n".join(map(str, errors)))
    for reason, what in unchecked.items():
        shown = ", ".join(what[:_MOST_SHOWN])
        more = f" and {len(what) - _MOST_SHOWN} more" if len(what) > _MOST_SHOWN else ""
        warnings.warn(f"not checked: {shown}{more}: {reason}", NotCheckedWarning, stacklevel=2)


def _warn_of_unused_keys(state: Mapping[str, Any]) -> None:
    template = state.get("yaml_template")
    homes = {name: name for name in _READ}
    if isinstance(template, str):
        homes |= {name: f"hyper_parameters.{name}" for name in place_holders(template)}
    for key in flatten({k: v for k, v in state.items() if k not in (*_READ, *_OTHERS)}):
        root, dot, rest = key.partition(".")
        if root in _OTHERS:  # jobman.id stands there twice
            continue
        near = difflib.get_close_matches(root, homes, n=1)
        meant = f"; did you mean {homes[near[0]] + dot + rest!r}?" if near else _NOTE
        warnings.warn(f"the experiment uses no key {key!r}{meant}", UnusedKeyWarning, stacklevel=3)


def _check_extractor(name: str, errors: list[JobmanError], unchecked: dict[str, list[str]]) -> None:
    try:
        if not callable(names.resolve(name, Use.RUN)):
            errors.append(ConfigError(f"extract_results: {name} is not a function"))
    except (Exception, SystemExit) as error:
        if reason := absence.why_absent(error):
            _merge(unchecked, {reason: [name]})
        elif isinstance(error, JobmanError):
            errors.append(type(error)(f"extract_results: {error}"))
        else:
            errors.append(ConfigError(f"extract_results: {absence.import_failure(name, error)}"))


def _check_document(text: str) -> dict[str, list[str]]:
    # What names and variables stand for depends on the environment, JOBMAN_ALLOW in it.
    kind = hash((_NUMBER.sub("0", text), frozenset(os.environ.items())))
    found = _checked.get(kind)
    if found is None:
        found = check_phases(text, "yaml_template, rendered")
        if len(_checked) >= _MOST_KEPT:
            _checked.clear()
        _checked[kind] = found
    return found


def _merge(into: dict[str, list[str]], found: Mapping[str, list[str]]) -> None:
    for reason, what in found.items():
        into.setdefault(reason, []).extend(what)
