"""A job's directory and its monitor records, if this machine sees them."""

__all__ = ["channels_of", "files_of", "pick_channel", "records_of"]

from collections.abc import Iterable, Mapping, Sequence

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.listing import JobFiles
from pylearn2_jobman.jobman.files.records import FILE, POSITIONS, parse_records
from pylearn2_jobman.main_channel import main_channel
from pylearn2_jobman.whole_file import decoded


def files_of(page: PageContext, job: Job) -> JobFiles | None:
    """Return a job's directory, if this machine sees one."""
    directory = job_directory(page.table, job, page.settings.exproot)
    return None if directory is None else JobFiles(directory)


def records_of(page: PageContext, job: Job) -> dict[str, list[float]]:
    """Return a job's monitor records, column by column; empty if there are none to be read."""
    files = files_of(page, job)
    if files is None:
        return {}
    try:
        with files.open(FILE) as file:  # a link might lead anywhere, a pipe never end
            path = files.path / FILE
            return parse_records(decoded(file.read(), path), path)
    except (OSError, UsageError):
        return {}


def channels_of(records: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the channels that any of several jobs' records have."""
    names = dict.fromkeys(name for columns in records for name in columns)
    return [name for name in names if name not in POSITIONS]


def pick_channel(channels: Sequence[str], wanted: str | None) -> str:
    """Return the channel that is wanted, if it is one of these, or else the main one."""
    if wanted is not None and wanted in channels:
        return wanted
    return main_channel(channels) or channels[0]
