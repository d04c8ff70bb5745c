"""Jobs found by equal values of keys, and by keys that they lack."""

__all__ = ["Query"]

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from pylearn2_jobman.errors import UnknownKeyError
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.legacy.jobs import JobDict
from pylearn2_jobman.jobman.query.keys import HASH, ID, PRIORITY, STATUS
from pylearn2_jobman.jobman.query.where import having
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable
from pylearn2_jobman.values import plain


class Query:
    """Some jobs of a table, by their ids; each filter returns a query of fewer.

    Parameters
    ----------
    table
        The table.
    equal
        The keys and the values that they have to have.
    missing
        The keys that jobs must not have.
    """

    def __init__(
        self,
        table: JobTable,
        equal: Sequence[tuple[str, Any]] = (),
        missing: Sequence[str] = (),
    ) -> None:
        self._table = table
        self._equal = tuple(equal)
        self._missing = tuple(missing)

    def filter_eq(self, kw: str, arg: Any) -> "Query":
        """Return those whose key has this value. As in the original, 1 and 1.0 are two values."""
        equal = (*self._equal, (kw, plain(arg, kw)))
        return Query(self._table, equal, self._missing)

    def filter_eq_dct(self, dct: Mapping[str, Any]) -> "Query":
        """Return those that have all of these values."""
        query = self
        for key, value in dct.items():
            query = query.filter_eq(key, value)
        return query

    def filter_missing(self, kw: str) -> "Query":
        """Return those without this key."""
        return Query(self._table, self._equal, (*self._missing, kw))

    def __iter__(self) -> Iterator[JobDict]:
        if not all(_possible(key, value) for key, value in self._equal):
            return
        for job in self._jobs():
            found = JobDict(self._table, job)
            values = {ID: job.id, **found}
            if all(key in values and _same(values[key], value) for key, value in self._equal):
                yield found

    def _jobs(self) -> Iterator[Job]:
        """Return the jobs that may be meant. A key that none has is no error here."""
        terms = [having({key: value}) for key, value in self._equal]
        missing = set(self._missing)
        while True:
            nulls = [f"{key!r} is null" for key in missing]
            try:
                return self._table.jobs(where=" and ".join([*terms, *nulls]) or None)
            except UnknownKeyError as error:
                if error.key not in missing:
                    return iter(())
                missing.remove(error.key)

    def all(self) -> list[JobDict]:
        """Return them."""
        return list(self)

    def first(self) -> JobDict | None:
        """Return the first one, or None."""
        return next(iter(self), None)

    def get(self, id: int | str) -> JobDict | None:
        """Return the job of this number, or None."""
        return self.filter_eq(ID, int(id)).first()

    @property
    def _query(self) -> "Query":
        """Itself: the original's was SQLAlchemy's, from which scripts had ``get(id)``."""
        return self

    def count(self) -> int:
        """Return how many there are."""
        if self._equal or self._missing:
            return sum(1 for _ in self)
        return self._table.count()

    @overload
    def __getitem__(self, item: int) -> JobDict: ...
    @overload
    def __getitem__(self, item: slice) -> list[JobDict]: ...
    def __getitem__(self, item: int | slice) -> JobDict | list[JobDict]:
        return self.all()[item]

    def all_ordered_by(self, key: str | Sequence[str], desc: bool = False) -> list[JobDict]:
        """Return them sorted by the values of a key, or of several.

        Raises
        ------
        KeyError
            If one of them lacks the key.
        """
        keys = [key] if isinstance(key, str) else list(key)
        return sorted(self, key=lambda job: [_rank(job[one]) for one in keys], reverse=desc)


def _possible(key: str, value: Any) -> bool:
    """Return whether a job's key may have a value: what is a column too is a number."""
    if key == STATUS:
        return value in tuple(Status)
    return key not in (ID, PRIORITY, HASH) or isinstance(value, int | float)


def _same(stored: Any, wanted: Any) -> bool:
    """Return whether a job has a value; True is stored as 1, or as itself."""
    if isinstance(wanted, int):
        return isinstance(stored, int) and stored == wanted
    return repr(stored) == repr(wanted)


def _rank(value: Any) -> tuple[int, str, Any]:
    """Return what values of any types are sorted by: None, numbers, the rest by its type."""
    if value is None:
        return 0, "", 0
    if isinstance(value, int | float):
        return 1, "", value
    sortable = value if isinstance(value, str) else repr(value)
    return 2, type(value).__name__, sortable
