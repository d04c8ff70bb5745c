"""The model that a job has left: which of its files that is, wherever these are kept."""

__all__ = ["find_model", "load_model", "model_file"]

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.fence.allow import allow_list
from pylearn2_jobman.jobman.bookkeeping import Bookkeeping
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.roots import LocalRoot, open_root
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.model_file import origin, read_model

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.query.readable import ReadableTable


def load_model(table: "ReadableTable", job_id: int, exproot: Path | str | None = None) -> Any:
    """Return the model of a job; see `pylearn2_jobman.jobman.table.JobTable.load_model`."""
    with model_file(table, job_id, exproot) as (path, _):
        return read_model(path)


@contextmanager
def model_file(
    table: "ReadableTable", job_id: int, exproot: Path | str | None = None
) -> Iterator[tuple[Path, str]]:
    """Give the file with the model of a job, and where it is, for people.

    One on another machine is copied here meanwhile.

    Parameters
    ----------
    table
        The table of the job.
    job_id
        Its number.
    exproot
        The experiment root, a directory or ``ssh://host:path``; None: where the job's worker says
        that it put the files. With ``JOBMAN_ALLOW`` that word is not taken.

    Raises
    ------
    UsageError
        If the files are not there, or none of them is a model.
    UnknownJobError
        If there is no such job.
    """
    job = table.get(job_id)
    root = open_root(_recorded_root(job) if exproot is None else str(exproot))
    name = f"{table.database}/{table.name}/{job_id}"
    with tempfile.TemporaryDirectory() as copy:
        if isinstance(root, LocalRoot):
            directory = job_directory(table, job, root.path)
        else:
            directory = Path(copy)
            try:
                root.fetch(name, directory)
            except OSError as error:
                raise UsageError(
                    f"the files of job {job_id} cannot be fetched from {root.describe(name)}: "
                    f"{error}"
                ) from None
        if directory is None:
            raise UsageError(
                f"the files of job {job_id} are not at {root.describe(name)}: give the experiment "
                "root where they are"
            )
        path = find_model(directory)
        if path is None:
            raise UsageError(
                f"job {job_id} has left no model in {root.describe(name)}: a save_path, with "
                "save_freq, of its Train, an adapter's, or that of a "
                "pylearn2.train_extensions.best_params.MonitorBasedSaveBest says to save one"
            )
        is_here = isinstance(root, LocalRoot)
        yield path, str(path if is_here else f"{root.describe(name)}/{path.relative_to(directory)}")


def find_model(directory: Path) -> Path | None:
    """Return the file in a job's directory that holds its model; None if there is none.

    Of several, that of the last phase; of these, one that was saved for being the best; of these,
    the latest. Where no file says what made it, as before there were such files, it is the only
    pickle.

    Raises
    ------
    UsageError
        If there are several pickles, and none says what made it.
    """
    said, pickles = [], []
    for path in _files(directory):
        what = origin(path)
        if what is not None and what.predicts:
            age = path.stat().st_mtime_ns
            said.append(((what.phase, what.best is not None, age, str(path)), path))
        elif what is None and path.suffix == ".pkl":
            pickles.append(path)
    if said:
        return max(said)[1]
    if len(pickles) > 1:
        names = ", ".join(sorted(str(path.relative_to(directory)) for path in pickles))
        raise UsageError(
            f"there are several pickles in {directory}, and none says what made it ({names}): load "
            "the one that is meant with pylearn2.utils.serial.load"
        )
    return pickles[0] if pickles else None


def _files(directory: Path) -> Iterator[Path]:
    """Yield the regular files below a directory; no links, which anybody may have put there."""
    for above, _, names in os.walk(directory):
        for name in names:
            path = Path(above, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _recorded_root(job: "Job") -> str:
    """Return the experiment root that the job's row names."""
    if allow_list() is not None:
        raise UsageError(
            "with JOBMAN_ALLOW, a row's word on where its files are is not taken: give the "
            "experiment root"
        )
    files = Bookkeeping.read(flatten(job.state)).files
    root, *name = (files or "").rsplit("/", 3)
    if len(name) != 3 or not root:
        raise UsageError(f"job {job.id} does not say where its files are: give the experiment root")
    return root
