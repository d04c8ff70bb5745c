"""An experiment and its parameters, put into a table as a job: ``insert_job``, ``insert_dict``."""

__all__ = [
    "EXPERIMENT",
    "HASH",
    "PRIORITY",
    "STATUS",
    "InsertedJob",
    "check_experiment",
    "insert_dict",
    "insert_job",
    "job_state",
]

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import NameResolutionError, UsageError
from pylearn2_jobman.jobman.query.keys import EXPERIMENT, HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.state import flatten

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table.job_table import JobTable


class InsertedJob(dict[str, Any]):
    """A job as it went into the table: its flat state, and its number in the attribute ``id``."""

    def __init__(self, state: Mapping[str, Any], job_id: int) -> None:
        super().__init__(state)
        self.id = job_id


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
    from pylearn2_jobman.naming import names

    if "." not in name:
        raise NameResolutionError(
            f"{name!r} is not an experiment: it is named as module.function, for example "
            f"{name}.main or pylearn2_jobman.experiment.train_experiment"
        )
    if not callable(names.resolve(name)):
        raise UsageError(f"{name!r} is not a function that could be called as an experiment")


def job_state(experiment: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat state of a job that runs ``experiment`` with these parameters."""
    return flatten(parameters) | {EXPERIMENT: experiment}


def insert_job(
    experiment: Callable[..., Any],
    state: Mapping[str, Any],
    db: "JobTable",
    force_dup: bool = False,
    session: object = None,
    priority: float = 1.0,
) -> InsertedJob | None:
    """Insert a job that calls ``experiment`` with ``state``.

    Parameters
    ----------
    experiment
        A function ``f(state, channel)`` that can be imported by its name.
    state
        The parameters, nested or flat.
    db
        The table, from ``open_table`` or ``jobman.api0.open_db``.
    force_dup
        Insert it even if the table has an equal job.
    session
        Not used; scripts written for LISA's jobman may pass one.
    priority
        Jobs of higher priority run first.

    Returns
    -------
    InsertedJob or None
        The job, or None if the table had an equal one.
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
    return insert_dict(job_state(f"{module}.{function}", state), db, force_dup, session, priority)


def insert_dict(
    jobdict: Mapping[str, Any],
    db: "JobTable",
    force_dup: bool = False,
    session: object = None,
    priority: float = 1.0,
) -> InsertedJob | None:
    """Insert a job whose state names its experiment under ``jobman.experiment``.

    The arguments and the result are those of `insert_job`.
    """
    flat = flatten(jobdict)
    job_id = db.insert(flat, priority=priority, force=force_dup)
    if job_id is None:
        return None
    return InsertedJob(flatten(db.get(job_id).state), job_id)
