"""Jobs that are equal in some keys, together: repetitions of an experiment with several seeds."""

__all__ = ["Group", "Grouping", "as_keys", "ranked_by"]

import math
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, get_args

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.keys import (
    EXPERIMENT,
    GROUP,
    ID,
    IDS,
    STATUS,
    choose_keys,
    is_parameter,
    varying_keys,
)
from pylearn2_jobman.jobman.query.reading import Reading
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.query.selection import RankBy, SortKey
from pylearn2_jobman.jobman.query.statistics import Statistics, as_number, describe
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.values import format_literal

# The columns of a group itself.
JOBS, FAILURES = "jobman.jobs", "jobman.failed"
_COUNTS = (JOBS, FAILURES, IDS)
_FIGURES = ("n", "mean", "std", "low", "high", "nan", "missing")


@dataclass(frozen=True)
class Group(Statistics):
    """Jobs that are equal in some keys, and the `Statistics` of a result of theirs.

    Every job is counted once: in ``n``, ``nan``, ``missing`` or ``failed``.

    Attributes
    ----------
    values
        What the jobs have in common, of the keys in which groups differ.
    ids
        The jobs.
    failed
        How many of them failed.
    best, best_id
        The best number, and the job that has it; None if none has one.
    median
        The median of the numbers.
    """

    values: dict[str, Any]
    ids: list[int]
    failed: int
    best: float | None
    best_id: int | None
    median: float | None


class Grouping:
    """The groups of some jobs.

    Parameters
    ----------
    found
        The jobs, with their status and every key that is asked for later.
    common
        Key -> the jobs' values: the jobs that are equal in all of these, types included, are one
        group.
    counted
        The statuses of the jobs whose results count.
    """

    def __init__(
        self,
        found: QueryResult,
        common: Mapping[str, Sequence[Any]],
        counted: Collection[Status] = (Status.DONE,),
    ) -> None:
        self._found = found
        self._common = common
        self._groups = _equal_rows(common, len(found))
        self._apart, self._shown = list(common), list(common)
        statuses = found.columns[STATUS]
        self._counted = [status in counted for status in statuses]
        self._failed = [status in FAILED and status not in counted for status in statuses]
        self._described: dict[str, list[Statistics]] = {}

    @classmethod
    def over(
        cls,
        reading: Reading,
        pages: Iterable[list[int]],
        over: str | Iterable[str],
        keys: Iterable[str] | None,
        sort_keys: Iterable[SortKey] = (),
        counted: Collection[Status] = (Status.DONE,),
    ) -> Self:
        """Return the groups of jobs that were inserted equal but for some keys.

        Parameters
        ----------
        reading, pages
            The jobs.
        over
            The keys in which those of a group may differ; ``*`` stands for any characters.
        keys
            What `result` shows besides the keys in which groups differ; if None, all results.
        sort_keys
            What it is sorted by.
        counted
            The statuses of the jobs whose results count.

        Raises
        ------
        UsageError
            If no job has one of the keys.
        """
        known = sorted({key for key, _ in reading.key_types()})
        left_out = choose_keys(as_keys(over), known)
        common = [
            key for key in known if (is_parameter(key) or key == EXPERIMENT) and key not in left_out
        ]
        others = [key for key in known if not key.startswith("jobman.")]
        shown = others if keys is None else choose_keys(keys, known)
        sorting = (_result_of(one.key, known) for one in sort_keys if one.key not in _COUNTS)
        chosen = [*shown, *choose_keys(sorting, known)]
        wanted = [STATUS, *(key for key in chosen if key not in left_out), *common]
        found = reading.columns(pages, list(dict.fromkeys(wanted)))
        columns = {key: list(found.columns[key]) for key in common}
        # What its run has added to a job, as old experiments do, is no reason to set it apart.
        # Jobs with the same keys were inserted with the same keys: of each kind one is looked at.
        kinds: dict[tuple[bool, ...], list[int]] = {}
        present = ([value is not None for value in column] for column in columns.values())
        for row, kind in enumerate(zip(*present, strict=True)):
            kinds.setdefault(kind, []).append(row)
        inserted = reading.inserted([found.ids[rows[0]] for rows in kinds.values()])
        for rows in kinds.values():
            own = inserted.get(found.ids[rows[0]], frozenset(common))
            for key in common:
                if key not in own:
                    for row in rows:
                        columns[key][row] = None
        some = {
            key: values for key, values in columns.items() if any(v is not None for v in values)
        }
        grouping = cls(found, some, counted)
        grouping._apart = varying_keys({key: grouping._values(key) for key in some})
        grouping._shown = [key for key in shown if keys is not None or key not in some]
        return grouping

    def __len__(self) -> int:
        return len(self._groups)

    def groups(self, key: str, *, highest: bool = False, rank_by: RankBy = "mean") -> list[Group]:
        """Return the groups with the statistics of a result, the best group first.

        Those of whose numbers some are NaN or infinite come behind all others, and behind them
        those that have none, or, if ``rank_by`` is ``'bound'``, only one.
        """
        if key not in self._found.columns:
            raise UsageError(f"jobs are averaged over {key!r}: choose another result")
        column, described = self._found.columns[key], self._describe(key)
        groups = []
        for place in self._order([ranked_by(key, rank_by, highest=highest)]):
            rows = self._groups[place]
            numbers = {
                row: number
                for row in rows
                if self._counted[row] and (number := as_number(column[row])) is not None
                if math.isfinite(number)
            }
            best = (max if highest else min)(numbers, key=lambda row: numbers[row], default=None)
            groups.append(
                Group(
                    **vars(described[place]),
                    values={name: self._common[name][rows[0]] for name in self._apart},
                    ids=[self._found.ids[row] for row in rows],
                    failed=sum(self._failed[row] for row in rows),
                    best=None if best is None else numbers[best],
                    best_id=None if best is None else self._found.ids[best],
                    median=statistics.median(numbers.values()) if numbers else None,
                )
            )
        return groups

    def result(
        self,
        sort_keys: Sequence[SortKey] = (),
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> QueryResult:
        """Return a row a group: how many jobs it has, how many failed, its keys, and its jobs.

        A key that the jobs of a group have in common has its value. One of results has seven
        columns, the fields of `Statistics`: ``results.nll.n``, ``results.nll.mean``... What holds
        no number, or is averaged over, has none.

        Parameters
        ----------
        sort_keys
            A result stands for its mean.
        limit, offset
            At most so many groups, and how many to leave out at the beginning.
        """
        order = self._order(sort_keys)[offset:][:limit]
        columns = {JOBS: self._values(JOBS), FAILURES: self._values(FAILURES)}
        for key in dict.fromkeys([*self._shown, *self._apart]):
            if key in self._common:
                columns[key] = self._values(key)
            elif key != STATUS and any(
                as_number(value) is not None for value in self._found.columns.get(key, ())
            ):
                for figure in _FIGURES:
                    columns[f"{key}.{figure}"] = self._values(f"{key}.{figure}")
        columns[IDS] = self._values(IDS)
        shown = {key: [values[place] for place in order] for key, values in columns.items()}
        return QueryResult(range(offset + 1, offset + 1 + len(order)), shown, index=GROUP)

    def _order(self, sort_keys: Sequence[SortKey]) -> list[int]:
        """Return the groups' places as they are sorted; what has no value comes last, either way.

        Before it come the figures of which a run's NaN is left out.
        """
        order = list(range(len(self)))
        for sort_key in reversed(sort_keys):
            values = self._values(sort_key.key)
            order.sort(
                key=[_rank(value) for value in values].__getitem__, reverse=sort_key.descending
            )
            broken = [False] * len(order)
            if sort_key.key not in self._common and sort_key.key not in (ID, *_COUNTS):
                described = self._describe(_result_of(sort_key.key, self._found.columns))
                broken = [one.nan > 0 for one in described]
            last = [
                (value is None or value != value, bad)
                for value, bad in zip(values, broken, strict=True)
            ]
            order.sort(key=last.__getitem__)
        return order

    def _values(self, key: str) -> list[Any]:
        """Return what a column holds of every group; of a result, the mean."""
        if key in (ID, IDS):
            ids = [[self._found.ids[row] for row in rows] for rows in self._groups]
            return ids if key == IDS else [some[0] for some in ids]
        if key == JOBS:
            return [len(rows) for rows in self._groups]
        if key == FAILURES:
            return [sum(self._failed[row] for row in rows) for rows in self._groups]
        if key in self._common:
            return [self._common[key][rows[0]] for rows in self._groups]
        result = _result_of(key, self._found.columns)
        if result not in self._found.columns:
            raise UsageError(f"groups cannot be sorted by {key!r}: their jobs differ in it")
        figure = "mean" if key == result else key.rpartition(".")[2]
        return [getattr(one, figure) for one in self._describe(result)]

    def _describe(self, key: str) -> list[Statistics]:
        if key not in self._described:
            column = self._found.columns[key]
            self._described[key] = describe(
                [
                    column[row] if self._counted[row] else None
                    for row in rows
                    if not self._failed[row]
                ]
                for rows in self._groups
            )
        return self._described[key]


def as_keys(keys: str | Iterable[str]) -> list[str]:
    """Return keys as a list: a text names several with commas between."""
    return [key.strip() for key in keys.split(",")] if isinstance(keys, str) else list(keys)


def ranked_by(result: str, rank_by: str, *, highest: bool) -> SortKey:
    """Return what sorts groups so that the best one is first.

    Raises
    ------
    UsageError
        If that is neither ``'mean'`` nor ``'bound'``.
    """
    if rank_by not in get_args(RankBy):
        raise UsageError(f"groups are ranked by 'mean' or 'bound', not by {rank_by!r}")
    worse = "low" if highest else "high"
    return SortKey(f"{result}.{'mean' if rank_by == 'mean' else worse}", highest)


def _result_of(key: str, known: Collection[str]) -> str:
    """Return the result that a key is a figure of, or else the key itself."""
    result, _, figure = key.rpartition(".")
    return result if key not in known and figure in _FIGURES and result in known else key


def _equal_rows(columns: Mapping[str, Sequence[Any]], length: int) -> list[list[int]]:
    """Return the rows in groups of those that are equal, types included."""
    members: dict[Any, list[int]] = {}
    identities = [
        # Values need not be hashable, 1 is not 1.0, and NaN is NaN: their literals are compared.
        [value if type(value) is str else (format_literal(value),) for value in column]
        for column in columns.values()
    ]
    for row, identity in enumerate(zip(range(length), *identities, strict=True)):
        members.setdefault(identity[1:], []).append(row)
    return list(members.values())


def _rank(value: Any) -> tuple[int, float, str]:
    """Return what values of any types are sorted by: numbers, text, the rest."""
    number = as_number(value)
    if number is not None and number == number:
        return 0, number, ""
    if isinstance(value, str):
        return 1, 0.0, value
    return 2, 0.0, format_literal(value)
