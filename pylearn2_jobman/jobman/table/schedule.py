"""An experiment and its parameters, as they go into a table as a job."""

__all__ = ["EXPERIMENT", "check_experiment", "experiment_name", "job_state"]

from collections.abc import Callable, Mapping
from typing import Any

from pylearn2_jobman.errors import NameResolutionError, UsageError
from pylearn2_jobman.jobman.limits import JobLimits
from pylearn2_jobman.jobman.query.keys import EXPERIMENT
from pylearn2_jobman.jobman.state import flatten


def check_experiment(name: str) -> None:
    """Make sure that an experiment can be imported and called.

    Raises
    ------
    NameResolutionError
        If it cannot be found; the message says which part of the name failed.
    UsageError
        If it is not a function.
    Exception
        What importing its module raised.
    """
    from pylearn2_jobman.fence.listed import Use
    from pylearn2_jobman.naming import names

    if "." not in name:
        raise NameResolutionError(
            f"{name!r} is not an experiment: it is named as module.function, for example "
            f"{name}.main or pylearn2_jobman.experiment.train_experiment"
        )
    if not callable(names.resolve(name, Use.RUN)):
        raise UsageError(f"{name!r} is not a function that could be called as an experiment")


def job_state(experiment: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat state of a job that runs ``experiment`` with these parameters.

    Raises
    ------
    UsageError
        If they set limits of the job that are not understood.
    """
    flat = flatten(parameters) | {EXPERIMENT: experiment}
    JobLimits.read(flat)
    return flat


def experiment_name(experiment: Callable[..., Any]) -> str:
    """Return the name by which a worker can import an experiment.

    Raises
    ------
    UsageError
        If there is none: it has no name, or is defined in the script that runs.
    """
    module = getattr(experiment, "__module__", None)
    function = getattr(experiment, "__qualname__", "")
    if module is None or "<" in function:
        raise UsageError(
            f"a worker cannot import {experiment!r}: an experiment is a function with a name, "
            "at the top level of a module"
        )
    if module == "__main__":
        raise UsageError(
            f"{function!r} is defined in the script that runs, which a worker cannot import: "
            "move it into a module of its own"
        )
    return f"{module}.{function}"
