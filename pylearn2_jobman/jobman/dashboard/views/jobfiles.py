"""What the page shows of a job's directory, or of its live row: records and their channels."""

__all__ = ["channels_of", "pick_channel", "records_of", "view_of"]

from collections.abc import Iterable, Mapping, Sequence

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.files.job_view import JobView
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.main_channel import main_channel
from pylearn2_jobman.record_file import POSITIONS


def view_of(page: PageContext, job: Job, live: Live | None = None) -> JobView:
    """Return what can be seen of a job from here."""
    return JobView.of(page.table, job, page.settings.exproot, live)


def records_of(page: PageContext, job: Job, live: Live | None = None) -> dict[str, list[float]]:
    """Return a job's monitor records, column by column; empty if there are none to be read."""
    view = view_of(page, job, live)
    try:
        return view.records()
    except (OSError, UsageError):
        return view.live.records()


def channels_of(records: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the channels that any of several jobs' records have."""
    names = dict.fromkeys(name for columns in records for name in columns)
    return [name for name in names if name not in POSITIONS]


def pick_channel(channels: Sequence[str], wanted: str | None) -> str:
    """Return the channel that is wanted, if it is one of these, or else the main one."""
    if wanted is not None and wanted in channels:
        return wanted
    return main_channel(channels) or channels[0]
