"""What experiments say of their jobs before these are put into a table."""

__all__ = ["check_jobs"]

import contextlib
import importlib.util
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from pylearn2_jobman.errors import (
    JobmanError,
    NameResolutionError,
    NotCheckedWarning,
    UnusedKeyWarning,
    UsageError,
)
from pylearn2_jobman.jobman.bookkeeping import EXPERIMENT
from pylearn2_jobman.jobman.state import expand, flatten

_MOST_SHOWN = 20
# Warnings are recorded for the whole process; a module that is imported may insert jobs itself.
_recording = threading.RLock()


def check_jobs(states: Iterable[Mapping[str, Any]], *, unused_allowed: bool = False) -> None:
    """Let the experiments of jobs say what is wrong with these.

    An experiment is asked if it is a function with an attribute ``check``, itself a function of a
    state, and can be imported here. It raises an error for a job that cannot be run, warns of what
    is only doubtful, and warns `UnusedKeyWarning` of a key that it does not use.

    Parameters
    ----------
    states
        Nested or flat, their experiment under ``jobman.experiment``.
    unused_allowed
        Whether a key that is not used is a warning; it is an error otherwise.

    Raises
    ------
    JobmanError
        With all that is wrong with all jobs. Of one kind, if all of it is, otherwise a UsageError.
    Exception
        Any other error of a check is left as it is, with a note saying of which job it is.
    """
    checks: dict[str, Callable[[Any], Any] | None] = {"": None}
    problems = _Found()
    notes: dict[tuple[str, type[Warning]], None] = {}
    count = 0
    with _recording, _script_by_its_name(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for count, state in enumerate(states, start=1):
            name = _experiment(state)
            if name not in checks:
                checks[name] = _check_of(name)
            if (check := checks[name]) is None:
                continue
            try:
                check(expand(flatten(state)))
            except JobmanError as error:
                problems.add(str(error), type(error), count)
            except Exception as error:
                error.add_note(f"while checking job {count} of those to be added")
                raise
            for warning in caught:
                text, category = str(warning.message), warning.category
                if issubclass(category, UnusedKeyWarning) and not unused_allowed:
                    problems.add(text, UsageError, count)
                elif issubclass(category, UserWarning):  # others are about what is imported
                    notes[text, category] = None
            caught.clear()
    for text, category in notes:
        warnings.warn(text, category, stacklevel=3)
    problems.raise_all(count)


@contextlib.contextmanager
def _script_by_its_name() -> Iterator[None]:
    """Let the name of the script that runs find this, so that it is not run once more."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    name = Path(file).stem if file else ""
    spec = None
    if name.isidentifier() and name not in sys.modules:
        spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None or Path(spec.origin) != Path(file or "").absolute():
        yield
        return
    sys.modules[name] = main
    try:
        yield
    finally:
        del sys.modules[name]


class _Found:
    """The problems of jobs: each once, with the numbers of the jobs that have it."""

    def __init__(self) -> None:
        self._jobs: dict[str, list[int]] = {}
        self._kinds: set[type[JobmanError]] = set()

    def add(self, text: str, kind: type[JobmanError], number: int) -> None:
        self._jobs.setdefault(text, []).append(number)
        self._kinds.add(kind)

    def raise_all(self, count: int) -> None:
        """Raise them as one error, if there are any, of so many jobs in all."""
        if not self._jobs:
            return
        lines = []
        for text, numbers in list(self._jobs.items())[:_MOST_SHOWN]:
            more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
            lines.append(text if len(numbers) == count else f"job {numbers[0]}{more}: {text}")
        if (left := len(self._jobs) - len(lines)) > 0:
            lines.append(f"... and {left} more")
        kind = self._kinds.pop() if len(self._kinds) == 1 else UsageError
        raise kind("\n".join(lines))


def _experiment(state: Any) -> str:
    """Return the experiment that a state names; empty, if none."""
    if not isinstance(state, Mapping):  # which insertion tells of
        return ""
    jobman = state.get("jobman")
    name = state.get(EXPERIMENT) or (jobman.get("experiment") if isinstance(jobman, Mapping) else 0)
    return name if isinstance(name, str) else ""


def _check_of(name: str) -> Callable[[Any], Any] | None:
    """Return the check that an experiment offers; None if there is none, or none here."""
    from pylearn2_jobman.fence.listed import Use
    from pylearn2_jobman.naming import names

    try:
        experiment = names.resolve(name, Use.RUN)
    except NameResolutionError:  # it may be where the workers are
        return None
    except (Exception, SystemExit) as error:
        text = f"not checked: {name} cannot be imported here: {type(error).__name__}: {error}"
        warnings.warn(text, NotCheckedWarning, stacklevel=3)
        return None
    check = getattr(experiment, "check", None)
    return check if isinstance(experiment, FunctionType) and callable(check) else None
