"""A session: changes of jobs, collected until they are committed."""

__all__ = ["Session"]

from collections.abc import Mapping
from typing import Any, Self

from pylearn2_jobman.jobman.legacy.jobs import JobDict
from pylearn2_jobman.jobman.legacy.views import View, ViewRows
from pylearn2_jobman.jobman.table import JobTable


class Session:
    """Changes of jobs that `commit` stores, each job's in one transaction.

    What is read through a session is what the table holds; insertions are stored at once, as the
    original's were.
    """

    def __init__(self, table: JobTable) -> None:
        self._table = table
        self._pending: dict[int, tuple[JobDict, dict[str, Any] | None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def change(self, job: JobDict, values: Mapping[str, Any]) -> None:
        """Set keys of a job at the next `commit`; the job shows them from now on."""
        self._table.check(values)
        _, before = self._pending.get(job.id, (job, {}))
        if before is not None:  # else it will be deleted
            self._pending[job.id] = job, {**before, **values}
        job.show(values)

    def delete(self, job: JobDict) -> None:
        """Delete a job at the next `commit`."""
        self._pending[job.id] = job, None

    def commit(self) -> None:
        """Store what was changed; after an error, what was not stored yet can be tried again."""
        while self._pending:
            job_id, (_, values) = next(iter(self._pending.items()))
            if values is None:
                self._table.delete([job_id])
            else:
                self._table.change(job_id, values)
            del self._pending[job_id]

    def rollback(self) -> None:
        """Forget what was not committed."""
        pending, self._pending = self._pending, {}
        for job, _ in pending.values():
            job.refresh()

    def close(self) -> None:
        """Forget what was not committed."""
        self._pending.clear()

    def query(self, view: type[View]) -> ViewRows:
        """Return the rows of a view that ``createView`` returned."""
        return ViewRows(self._table, view)

    def refresh(self, job: JobDict) -> None:
        """Read a job anew."""
        job.refresh()

    def add(self, job: object) -> None:
        """Do nothing: a job belongs to its table."""

    def flush(self) -> None:
        """Do nothing: changes are stored by `commit`."""
