"""A job's directory and its monitor records, if this machine sees them."""

__all__ = ["files_of", "records_of"]

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.jobfiles import JobFiles
from pylearn2_jobman.jobman.dashboard.page import Page
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.records import FILE, parse_records


def files_of(page: Page, job: Job) -> JobFiles | None:
    """Return a job's directory, if this machine sees one."""
    directory = job_directory(page.table, job, page.settings.exproot)
    return None if directory is None else JobFiles(directory)


def records_of(page: Page, job: Job) -> dict[str, list[float]]:
    """Return a job's monitor records, column by column; empty if there are none to be read."""
    files = files_of(page, job)
    if files is None:
        return {}
    try:
        with files.open(FILE) as file:  # a link might lead anywhere, a pipe never end
            return parse_records(file.read().decode(), files.path / FILE)
    except (OSError, UnicodeDecodeError, UsageError):
        return {}
