"""How scripts of LISA's time put jobs into a table: the functions of ``jobman.sql``."""

__all__ = [
    "add_experiments_to_db",
    "book_dct_postgres_serial",
    "duplicate_job",
    "hash_state",
    "hash_state_old",
    "insert_dict",
    "insert_job",
]

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.hashing import legacy_hash, old_legacy_hash, original_name
from pylearn2_jobman.jobman.legacy.handle import DbHandle
from pylearn2_jobman.jobman.legacy.jobs import JobDict
from pylearn2_jobman.jobman.query.keys import EXPERIMENT, HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable
from pylearn2_jobman.jobman.table.schedule import experiment_name, job_state
from pylearn2_jobman.values import plain


def hash_state(state: Mapping[str, Any]) -> int:
    """Return the original's hash of a flat state, by which `insert_dict` knows a job again."""
    return legacy_hash({key: plain(value, key) for key, value in state.items()})


def hash_state_old(state: Mapping[str, Any]) -> int:
    """Return the hash that the original's first versions gave a flat state."""
    return old_legacy_hash({key: plain(value, key) for key, value in state.items()})


def insert_job(
    experiment_fn: Callable[..., Any],
    state: Mapping[str, Any],
    db: DbHandle | JobTable,
    force_dup: bool = False,
    session: object = None,
    priority: float = 1.0,
) -> JobDict | None:
    """Insert a job that calls ``experiment_fn`` with ``state``, if that finds nothing wrong in it.

    Parameters
    ----------
    experiment_fn
        A function ``f(state, channel)`` that can be imported by its name.
    state
        The parameters, nested or flat.
    db
        The table, from ``jobman.api0.open_db`` or ``open_table``.
    force_dup
        Insert it even if the table has an equal job.
    session
        Not needed: the job is stored at once.
    priority
        Jobs of higher priority run first.

    Returns
    -------
    JobDict or None
        The job, or None if the table had an equal one.

    Raises
    ------
    UsageError
        If no worker could import the function, or the state names another experiment.
    JobmanError
        If the experiment says what is wrong with the state (`check_jobs`). A hyper-parameter that
        no place-holder uses is a warning here: the original took it.
    """
    name = experiment_name(experiment_fn)
    flat = flatten(state)
    named = flat.get(EXPERIMENT, name)
    if not isinstance(named, str) or original_name(named) != original_name(name):
        raise UsageError(f"the state's {EXPERIMENT} is {named!r}, and the experiment is {name!r}")
    return insert_dict(job_state(name, flat), db, force_dup, session, priority)


def insert_dict(
    jobdict: Mapping[str, Any],
    db: DbHandle | JobTable,
    force_dup: bool = False,
    session: object = None,
    priority: float = 1.0,
    hashalgo: Callable[[Mapping[str, Any]], int] | None = None,
) -> JobDict | None:
    """Insert a job whose state names its experiment under ``jobman.experiment``.

    Its status and priority are those that the state has, if it has some. The other arguments and
    the result are those of `insert_job`.

    Parameters
    ----------
    hashalgo
        By which hash an equal job is known. With `hash_state`, and if it is None, the values are
        compared as well.
    """
    handle = DbHandle.of(db)
    if hashalgo is None or hashalgo is hash_state:
        return handle.insert_once(jobdict, priority=priority, force=force_dup, check=True)
    code = hashalgo(jobdict)
    if not force_dup and handle.query().filter_eq(HASH, code).first() is not None:
        return None
    jobdict = {HASH: code, **flatten(jobdict)}
    return handle.insert_once(jobdict, priority=priority, force=True, check=True)


def add_experiments_to_db(
    jobs: Iterable[Mapping[str, Any]],
    db: DbHandle | JobTable,
    verbose: int = 0,
    force_dup: bool = False,
    type_check: type | None = None,
    session: object = None,
) -> list[tuple[bool, dict[str, Any]]]:
    """Insert jobs, those that the table has already left out.

    Parameters
    ----------
    jobs
        States, each with its experiment under ``jobman.experiment``.
    db
        The table.
    verbose
        Whether to print what is added and what is skipped.
    force_dup
        Insert a job even if the table has an equal one.
    type_check
        A class whose attributes are the types that the keys of these names must have.
    session
        Not needed.

    Returns
    -------
    list of (bool, dict)
        Of each job, whether it was inserted, and its state.

    Raises
    ------
    TypeError
        If a value has not the type that ``type_check`` says.
    """
    handle = DbHandle.of(db)
    outcomes = []
    for given in jobs:
        job = dict(given)
        if type_check is not None:
            for key, value in job.items():
                if type(value) is not (wanted := getattr(type_check, key)):
                    raise TypeError(f"{key!r} is {value!r}, which is no {wanted.__name__}")
        state = {**flatten(given), STATUS: Status.START, PRIORITY: 1.0}
        inserted = handle.insert_once(state, force=force_dup, check=True)
        if inserted is not None:
            job |= {STATUS: int(Status.START), PRIORITY: 1.0}
        if verbose:
            print("SKIPPING" if inserted is None else "ADDING  ", job)
        outcomes.append((inserted is not None, job))
    return outcomes


def duplicate_job(
    db: DbHandle | JobTable,
    job_id: int,
    priority: float = 1.0,
    delete_keys: Iterable[str] = (),
    *args: tuple[str, Mapping[str, Any]],
    **kwargs: Any,
) -> JobDict:
    """Insert a job with the state of another one, to be run.

    Parameters
    ----------
    db
        The table.
    job_id
        The other one.
    priority
        The new job's priority.
    delete_keys
        Keys that the new job is to be without.
    *args
        Pairs of a key and a dictionary: what is to be set below that key.
    **kwargs
        Keys that are to be set.

    Raises
    ------
    UsageError
        If there is no such job.
    """
    handle = DbHandle.of(db)
    job = handle.get(job_id)
    if job is None:
        raise UsageError(f"there is no job {job_id} in {handle.table.url} to duplicate")
    left_out = {HASH, STATUS, PRIORITY, *delete_keys}
    state = {key: value for key, value in job.items() if key not in left_out}
    state |= flatten(kwargs)
    for path, values in args:
        state |= flatten({path: values})
    copy = handle.insert_once(state, priority=priority, force=True)
    assert copy is not None
    return copy


def book_dct_postgres_serial(
    db: DbHandle | JobTable, retry_max_sleep: float = 10.0, verbose: int = 1
) -> JobDict | None:
    """Take the waiting job of the highest priority: it is RUNNING, and the caller's to end.

    For programs that run jobs themselves. Of several that ask at once each gets another job; what
    they get is never taken back, as nothing tells whether they are alive.

    Returns
    -------
    JobDict or None
        None if no job waits.
    """
    handle = DbHandle.of(db)
    table = handle.table
    while True:
        waiting = table.jobs(status=Status.START, order_by=PRIORITY, descending=True, limit=1)
        job = next(waiting, None)
        if job is None:
            return None
        if table.set_status([job.id], Status.RUNNING, among=[Status.START]):
            booked = handle.get(job.id)
            if verbose:
                print("book_unstarted_dct retrieved, ", booked)
            return booked
