"""What ``jobman.tools`` has beyond states, for scripts of LISA's time."""

__all__ = ["format_d", "format_help", "rebuild_DB_from_FS"]

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.legacy.handle import DbHandle
    from pylearn2_jobman.jobman.table import JobTable


def format_d(d: Mapping[str, Any], sep: str = "\n", space: bool = True) -> str:
    """Return a state as ``key = value`` (or ``key=value``), a key a line."""
    equals = " = " if space else "="
    return sep.join(f"{key}{equals}{value!r}" for key, value in flatten(d).items())


def format_help(topic: Any) -> str:
    """Return a text, or the docstring of an object, without its indentation."""
    if not isinstance(topic, str | None):
        topic = topic.help() if hasattr(topic, "help") else topic.__doc__
    return inspect.cleandoc(topic or "") or "No help."


def rebuild_DB_from_FS(
    db: "DbHandle | JobTable", cwd: str | Path = "./", keep_id: bool = True, verbose: bool = False
) -> None:
    """Put the jobs of an experiment directory back into a table, by their ``current.conf``.

    Parameters
    ----------
    db
        The table.
    cwd
        The directory whose folders are those of jobs.
    keep_id
        Whether a job gets the number by which its folder is named.
    verbose
        Whether to print what is inserted.

    Raises
    ------
    UsageError
        If the table has a job of such a number.
    """
    from pylearn2_jobman.jobman.files.directories import find_conf_files
    from pylearn2_jobman.jobman.legacy.handle import DbHandle
    from pylearn2_jobman.jobman.query.keys import STATUS

    handle = DbHandle.of(db)
    total = 0
    for number, state in find_conf_files(cwd):
        flat = flatten(state)
        if keep_id and number is not None:
            status = Status.parse(flat.get(STATUS, Status.START))
            handle.table.place(number, flat, status)
        else:
            job = handle.insert_once(flat)
            if job is None:
                continue
            number = job.id
        total += 1
        if verbose:
            print(f"** inserted job {number} **")
    if verbose:
        print(f"==== Inserted {total} jobs ====")
