"""`JobView`: what can be seen of one job from here: its files, its records, its output."""

__all__ = ["JobView"]

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pylearn2_jobman.jobman.bookkeeping import Bookkeeping
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.listing import JobFiles
from pylearn2_jobman.jobman.files.records import parse_records
from pylearn2_jobman.jobman.files.remote import RemoteFiles
from pylearn2_jobman.jobman.files.roots import SshRoot, open_root
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.record_file import FILE
from pylearn2_jobman.whole_file import decoded

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Job
    from pylearn2_jobman.jobman.query.readable import ReadableTable


@dataclass(frozen=True)
class JobView:
    """One job, by its directory where that can be read, otherwise by its live row.

    Attributes
    ----------
    files
        Its directory; None if this machine sees none.
    live
        Its live row.
    """

    job: "Job"
    files: JobFiles | None
    live: Live

    @classmethod
    def of(
        cls,
        table: "ReadableTable",
        job: "Job",
        exproot: Path | str | None,
        live: Live | None = None,
    ) -> "JobView":
        """Return the view of a job of a table.

        Parameters
        ----------
        table, job
            The job.
        exproot
            The experiment root: a directory, or ``ssh://host:path``; None if it is not known.
        live
            Its live row, if that has been read.
        """
        if live is None:
            live = table.live(ids=[job.id]).get(job.id, Live())
        is_remote = str(exproot).startswith("ssh://")
        root = open_root(str(exproot)) if is_remote else None
        directory = job_directory(table, job, None if is_remote else exproot)
        files = None if directory is None else JobFiles(directory)
        if files is None and isinstance(root, SshRoot) and job.claimed is not None:
            files = RemoteFiles.of(root, f"{table.database}/{table.name}/{job.id}")
        return cls(job, files, live)

    @property
    def is_behind(self) -> bool:
        """Whether the job runs elsewhere: its directory is as it was when it was stored last."""
        workdir = Bookkeeping.read(flatten(self.job.state)).workdir
        here = self.files is not None and self.files.path == workdir
        return self.job.status is Status.RUNNING and not here

    def records(self) -> dict[str, list[float]]:
        """Return its monitor records: those of its file, or the thinned ones that are further.

        Raises
        ------
        UsageError
            If the file does not hold records, naming the line.
        OSError
            If it cannot be read.
        """
        found: dict[str, list[float]] = {}
        shown = self.live.records()
        if self.files is not None:
            try:
                with self.files.open(FILE) as file:  # a link might lead anywhere, a pipe never end
                    path = Path(self.files.address) / FILE
                    found = parse_records(decoded(file.read(), path), path)
            except FileNotFoundError:
                pass
        over = self.live.over
        if not shown or (found and not self.is_behind):
            return found
        return shown if shown[over][-1] > _last(found.get(over, [])) else found

    def output(self) -> dict[str, str]:
        """Return the ends of what it has printed, by name; empty where nothing is known."""
        if self.files is not None and not (self.is_behind and self.live.output):
            return {name: self.files.tail(name) for name in ("stdout", "stderr")}
        return {"output": self.live.output} if self.live.output else {}


def _last(column: list[float]) -> float:
    return next((value for value in reversed(column) if not math.isnan(value)), -math.inf)
