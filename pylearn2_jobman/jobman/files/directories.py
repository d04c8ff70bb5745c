"""The directories of jobs: where a job's files are now, and the states that they hold."""

__all__ = ["conf_states", "find_conf_files", "job_directory"]

import contextlib
import logging
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.roots import path_below
from pylearn2_jobman.jobman.files.workdir import belongs_to
from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.state import DD, flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.query.readable import ReadableTable

_logger = logging.getLogger(__name__)


def job_directory(table: "ReadableTable", job: "Job", exproot: Path | str | None) -> Path | None:
    """Return where a job's files are: of a running one on this machine, its working directory.

    Parameters
    ----------
    table
        The table of the job.
    job
        The job.
    exproot
        The experiment root, in a directory of this machine; None if it is not known.

    Returns
    -------
    Path or None
        None if there are none on this machine.
    """
    name = f"{table.database}/{table.name}/{job.id}"
    if job.status is Status.RUNNING:
        flat = flatten(job.state)
        workdir = flat.get("jobman.sql.host_workdir")
        here = flat.get("jobman.sql.host_name") == platform.node()
        if here and isinstance(workdir, str) and belongs_to(Path(workdir)) == name:
            return Path(workdir)
    if exproot is None:
        return None
    root = Path(exproot)
    with contextlib.suppress(PermissionError):  # another user's
        directory = path_below(root, name)
        way = [directory, *directory.parents][: len(directory.relative_to(root).parts)]
        # Whoever can write to a shared root could put a link to anything there.
        if directory.is_dir() and not any(map(Path.is_symlink, way)):
            return directory
    return None


def find_conf_files(
    cwd: Path | str, fname: str = "current.conf", recurse: bool = True
) -> Iterator[tuple[int | None, DD]]:
    """Yield the number and the flat state of every job whose directory lies below one.

    ``for jobid, state in find_conf_files('experiments/jobs.db/mlp')`` is how notebooks read jobs
    without a database. A damaged file is logged and skipped. (The original did not search below the
    first level, though it said so.)

    Parameters
    ----------
    cwd
        Where to begin: a table's directory under an experiment root, or further up.
    fname
        The file that holds a job's state: ``orig.conf`` as it was at the start.
    recurse
        Whether to look into the directories below those right below ``cwd``.

    Yields
    ------
    int or None
        The directory's name as a number, None if it is not one.
    DD
        The state, with dotted keys.

    Raises
    ------
    UsageError
        If there is no such directory.
    """
    for directory, state in conf_states(Path(cwd), fname, recurse):
        yield int(directory.name) if directory.name.isdecimal() else None, state


def conf_states(
    cwd: Path, fname: str = "current.conf", recurse: bool = True
) -> Iterator[tuple[Path, DD]]:
    """Yield the directory and the flat state of every job; see `find_conf_files`."""
    if not cwd.is_dir():
        raise UsageError(f"there is no directory {str(cwd)!r}")
    found = []
    for path, below, names in os.walk(cwd):
        depth = len(Path(path).relative_to(cwd).parts)
        if depth and fname in names:
            found.append(Path(path))
        if depth and not recurse:
            below.clear()
    for directory in sorted(found, key=_by_number):
        try:
            yield directory, DD(read_conf(directory / fname))
        except UsageError as error:
            _logger.warning("skipped: %s", error)


def _by_number(directory: Path) -> tuple[str, int, str]:
    number = int(directory.name) if directory.name.isdecimal() else -1
    return str(directory.parent), number, directory.name
