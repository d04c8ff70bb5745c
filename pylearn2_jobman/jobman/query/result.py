"""The result of a query: jobs and their values, column by column."""

__all__ = ["Answer", "QueryResult"]

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.jobman.query.keys import ID, varying_keys

if TYPE_CHECKING:
    import pandas


class QueryResult:
    """A table with a row a job, or a group of jobs, and a column a key.

    Attributes
    ----------
    ids
        The jobs, in the order of the rows.
    columns
        Key -> the jobs' values in that order; None where a job has no such key.
        ``jobman.status`` holds a `Status`, the times are in UTC.
    index
        What ``ids`` are: ``jobman.id``, or ``jobman.group``, where the best group is number 1.
    """

    def __init__(
        self, ids: Sequence[int], columns: Mapping[str, Sequence[Any]], *, index: str = ID
    ) -> None:
        self.ids = list(ids)
        self.columns = dict(columns)
        self.index = index

    @property
    def keys(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self.columns)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows: the values of a job in the order of `keys`."""
        if not self.columns:
            return iter([()] * len(self.ids))
        return zip(*self.columns.values(), strict=True)

    def __repr__(self) -> str:
        rows = "jobs" if self.index == ID else "groups"
        return f"<QueryResult: {len(self.ids)} {rows}, {len(self.columns)} keys>"

    def varying(self) -> list[str]:
        """Return the keys in whose values the jobs differ, as `varying_keys` does."""
        return varying_keys(self.columns)

    def dataframe(self) -> "pandas.DataFrame":
        """Return it as `JobTable.dataframe` does."""
        from pylearn2_jobman.jobman.query.frame import dataframe

        return dataframe(self.ids, self.columns, self.index)


Answer = QueryResult  # its name when it was documented first
