"""Which jobs are read, and in which order: as a program names them, and as SQL."""

__all__ = ["RankBy", "Ranking", "RowFilter", "Selection", "SortKey", "Statuses", "parse_statuses"]

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from sqlalchemy.sql.expression import ColumnElement

from pylearn2_jobman.jobman.status import Status

Statuses = Status | str | int | Collection[Status | str | int]
"""One status, or several: ``Status.DONE``, ``'DONE'`` or ``2``."""


class Selection(TypedDict, total=False):
    """The keywords of `JobTable.jobs`, ``columns`` and ``dataframe``."""

    ids: Iterable[int] | None
    status: Statuses | None
    where: str | None
    order_by: str | None
    descending: bool
    limit: int | None
    offset: int


RankBy = Literal["mean", "bound"]
"""What decides which group of jobs is the best: the mean, or the worse end of its interval."""


class Ranking(TypedDict, total=False):
    """The keywords of `JobTable.best`."""

    n: int
    highest: bool
    where: str | None
    status: Statuses
    rank_by: RankBy


@dataclass(frozen=True)
class RowFilter:
    """The conditions on a row of the trial table that select jobs, and what is bound in them."""

    tests: list[ColumnElement[bool]]
    bound: dict[str, Any]


@dataclass(frozen=True)
class SortKey:
    """A key to sort by. Jobs without it come last, either way."""

    key: str
    descending: bool = False


def parse_statuses(given: Statuses) -> list[Status]:
    """Return the statuses that a user names."""
    return [Status.parse(one) for one in ([given] if isinstance(given, str | int) else given)]
