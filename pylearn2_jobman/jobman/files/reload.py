"""From the files of jobs back into the table: ``jobman sqlreload`` and ``jobman sync``."""

__all__ = ["reload_job", "sync_workdir"]

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files import workdir as workdirs
from pylearn2_jobman.jobman.files.roots import ExperimentRoot
from pylearn2_jobman.jobman.files.tree import remove
from pylearn2_jobman.jobman.parameters.conf import read_conf
from pylearn2_jobman.jobman.query.keys import NOTE, TAGS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable


def reload_job(table: "JobTable", directory: Path, job_id: int, lease_seconds: float) -> str:
    """Put the state that a job's directory holds back into the table.

    A job that the table does not have is inserted under its old number. One that was running when
    its files were written, and is not running now, waits to be run again.

    Parameters
    ----------
    table
        The table.
    directory
        Where ``current.conf`` and ``orig.conf`` are.
    job_id
        Whose they are.
    lease_seconds
        A running job with a heartbeat younger than this is left alone.

    Returns
    -------
    str
        What was done.

    Raises
    ------
    UsageError
        If a file is damaged, is another job's, or the job is running now.
    """
    for name in ("current.conf", "orig.conf"):
        if (directory / name).is_symlink():
            raise UsageError(f"{directory / name} is a link, which is not followed")
    flat = read_conf(directory / "current.conf")
    if flat.get("jobman.id", job_id) != job_id:
        raise UsageError(
            f"{directory / 'current.conf'} is of job {flat['jobman.id']}, not of job {job_id}"
        )
    if "jobman.experiment" not in flat:
        raise UsageError(f"{directory / 'current.conf'} names no jobman.experiment; it is damaged")
    present = next(table.jobs(ids=[job_id]), None)
    if present is None:
        original = directory / "orig.conf"
        table.place(job_id, read_conf(original) if original.exists() else flat, Status.ERR_SYNC)
    else:
        _check_same(flatten(present.state), flat, directory, job_id)
        if present.status is Status.RUNNING and job_id not in table.expired(lease_seconds):
            raise UsageError(f"job {job_id} is running now; nothing was changed")
    claim = table.claim_job(job_id, tuple(Status))
    if claim is None:
        raise UsageError(f"job {job_id} has just been deleted from {table.url}")
    status = Status.parse(flat.get("jobman.status", Status.START))
    if status is Status.RUNNING:
        status = Status.START
    flat["jobman.status"] = int(status)
    priority = flat.get("jobman.sql.priority")
    # What a person has said of the job since then, no file knows.
    flat |= {key: value for key, value in flatten(claim.state).items() if key in (TAGS, NOTE)}
    table.write_back(claim, flat, status=status, priority=priority)
    return f"job {job_id} is {status.name} now" + (" (it was not in the table)" * (present is None))


def sync_workdir(
    table: "JobTable", root: ExperimentRoot, path: Path, lease_seconds: float
) -> str | None:
    """Store what a working directory holds that its worker could not store, and remove it.

    Returns
    -------
    str or None
        What was done or why not; None if the directory is not one of this table's jobs.

    Raises
    ------
    UsageError
        As `reload_job`.
    OSError
        If the files cannot be stored in the root.
    """
    job = workdirs.belongs_to(path)
    prefix = f"{table.database}/{table.name}/"
    if job is None or not job.startswith(prefix) or not job.removeprefix(prefix).isdecimal():
        return None
    job_id = int(job.removeprefix(prefix))
    if workdirs.in_use(path):
        return f"{path}: job {job_id} is running in it"
    present = next(table.jobs(ids=[job_id]), None)
    if present is not None:
        host_workdir = flatten(present.state).get("jobman.sql.host_workdir")
        running = present.status is Status.RUNNING
        if running and job_id not in table.expired(lease_seconds):
            return f"{path}: job {job_id} is running now" + (
                "" if host_workdir == str(path) else ", elsewhere; this directory is left alone"
            )
        if host_workdir != str(path) and (path / "current.conf").exists():
            return f"{path}: job {job_id} has been run elsewhere since; left alone"
        if running or present.status is Status.START:
            return f"{path}: the next worker on this machine resumes job {job_id} in it"
    if not (path / "current.conf").exists():
        remove(path)
        return f"{path}: job {job_id} had not begun in it; removed"
    root.push(path, job)
    done = reload_job(table, path, job_id, lease_seconds)
    remove(path)
    return f"{path}: stored; {done}"


def _check_same(
    table_state: dict[str, Any], file_state: dict[str, Any], directory: Path, job_id: int
) -> None:
    key = "jobman.experiment"
    if table_state.get(key) != file_state[key]:
        raise UsageError(
            f"{directory} is of another job: there job {job_id} runs {file_state[key]}, in the "
            f"table {table_state.get(key)}"
        )
