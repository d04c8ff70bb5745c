"""A job as scripts of LISA's time see it: a dictionary whose keys are stored when they are set."""

__all__ = ["Changes", "JobDict"]

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Protocol

from pylearn2_jobman.errors import MissingKeyError
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.query.keys import HASH, PRIORITY, STATUS
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable


class Changes(Protocol):
    """What collects changes of jobs: a session."""

    def change(self, job: "JobDict", values: Mapping[str, Any]) -> None:
        """Set keys of a job, later."""

    def delete(self, job: "JobDict") -> None:
        """Delete a job, later."""

    def commit(self) -> None:
        """Store what was collected."""


class JobDict(MutableMapping[str, Any]):
    """A job's flat state, as it was when it was read; what is set here is stored at once.

    ``job['jobman.status']`` and ``job.status`` change together, in the table as well; so do the
    priority and the hash. The keys of a job that a worker runs cannot be changed: see
    `JobTable.change`.

    Attributes
    ----------
    id
        Its number.
    """

    def __init__(self, table: JobTable, job: Job) -> None:
        self._table = table
        self._take(job)

    def _take(self, job: Job) -> None:
        self.id = job.id
        self._flat = {**flatten(job.state), STATUS: int(job.status), PRIORITY: job.priority}
        if job.hash is not None:
            self._flat[HASH] = job.hash

    @property
    def status(self) -> int:
        """Its status, equal to one of ``sql.START``, ``sql.DONE`` and so on."""
        return int(self._flat[STATUS])

    @property
    def priority(self) -> float:
        """Its priority."""
        return float(self._flat[PRIORITY])

    @property
    def hash(self) -> int | None:
        """The original's hash of it; None if the original's command line inserted it."""
        return self._flat.get(HASH)

    def __getitem__(self, key: str) -> Any:
        if key not in self._flat:
            raise MissingKeyError(f"job {self.id} has no key {key!r}")
        return self._flat[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat)

    def __len__(self) -> int:
        return len(self._flat)

    def __setitem__(self, key: str, value: Any, session: Changes | None = None) -> None:
        if session is None:
            self.update({key: value})
        else:
            session.change(self, {key: value})

    _set_in_session = __setitem__

    def __delitem__(self, key: str) -> None:
        self[key]  # raises, if there is none
        self._table.change(self.id, {}, remove=[key])
        del self._flat[key]

    def __str__(self) -> str:
        return f"Dict{self._flat}"

    def __repr__(self) -> str:
        return f"<job {self.id}: {self._flat}>"

    iteritems = MutableMapping.items

    def update(self, values: Mapping[str, Any] = {}, **more: Any) -> None:  # type: ignore[override]
        """Set keys: all of them are stored, or none."""
        self._table.change(self.id, {**values, **more})
        self.show({**values, **more})

    def update_simple(self, values: Mapping[str, Any], session: Changes, **more: Any) -> None:
        """Set keys, to be stored when the session is committed."""
        session.change(self, {**values, **more})

    def update_in_session(
        self,
        values: Mapping[str, Any],
        session: Changes,
        _recommit_times: int = 5,
        _recommit_waitsecs: float = 10,
        **more: Any,
    ) -> None:
        """Set keys and commit the session. What may be tried again, the table tries itself."""
        session.change(self, {**values, **more})
        session.commit()

    def show(self, values: Mapping[str, Any]) -> None:
        """Take over values that were, or will be, stored."""
        flat = flatten(values)
        if STATUS in flat:
            flat[STATUS] = int(Status.parse(flat[STATUS]))
        self._flat.update(flat)

    def refresh(self, session: object = None) -> None:
        """Read the job anew.

        Raises
        ------
        UnknownJobError
            If it was deleted.
        """
        self._take(self._table.get(self.id))

    def delete(self, session: Changes | None = None) -> None:
        """Delete the job: at once, or when the session is committed."""
        if session is None:
            self._table.delete([self.id])
        else:
            session.delete(self)
