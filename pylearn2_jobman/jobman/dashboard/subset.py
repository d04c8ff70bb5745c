"""The jobs that a view shows: those selected in the table of jobs, or else all that match."""

__all__ = ["Subset"]

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.formatting import job_label
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.groups import Group
from pylearn2_jobman.jobman.query.keys import ID, IDS, short_names
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_MOST_CURVES = 20
_DEFAULT_CURVES = 5
_MOST_RUNS = 50  # whose records make one curve
_MOST_IN_LABEL = 4  # hyper-parameters
_COUNTING = (Status.DONE, Status.RUNNING)  # running ones report results as they go


@dataclass(frozen=True)
class Subset:
    """The jobs that a view shows.

    Attributes
    ----------
    page
        The page.
    ids
        The jobs that are selected.
    where
        If none is: the condition that the others meet; None: every job.
    over
        The keys over which the jobs are averaged.
    """

    page: PageContext
    ids: list[int]
    where: str | None
    over: Sequence[str] = ()

    @classmethod
    def of(
        cls, page: PageContext, rows: Any, where: str | None, over: list[str] | None = None
    ) -> "Subset":
        """Return the jobs of the rows that are selected, or, without any, those of a condition."""
        ids = [int(row[ID]) for row in rows or [] if isinstance(row, dict) and ID in row]
        return cls(page, ids, where, over or [])

    @property
    def arguments(self) -> dict[str, Any]:
        """The jobs, as arguments of `JobTable`'s methods."""
        return {"ids": self.ids} if self.ids else {"where": self.where}

    def groups(
        self, result: str, *, highest: bool, by: list[str] | None = None
    ) -> tuple[list[Group], str]:
        """Return groups of the jobs, the best one first, and in words which these are.

        Parameters
        ----------
        result, highest
            What is the best.
        by
            The keys that make the groups, where jobs are not averaged over any.
        """
        which: dict[str, Any] = {"over": self.over} if self.over else {"by": by}
        groups = self.page.table.groups(
            result, highest=highest, status=_COUNTING, **which, **self.arguments
        )
        found, total = len(groups), sum(len(group.ids) for group in groups)
        of = f"{found:,} {plural(found, 'group')} of {total:,} {plural(total, 'job')}"
        apart = ", ".join(short_names(self.over))
        return groups, of + f" that differ in nothing but {apart}" * bool(apart) + "."

    def curves(
        self, result: str | None, *, highest: bool
    ) -> tuple[list[tuple[str, list[Job]]], str]:
        """Return for each curve to draw its label and its jobs, and in words which these are."""
        if not self.over or result is None:
            jobs, of = self.jobs(result, highest=highest)
            return [(self.label(job), [job]) for job in jobs], of
        groups, of = self.groups(result, highest=highest)
        most = _MOST_CURVES if self.ids else _DEFAULT_CURVES
        if len(groups) > most:
            of = f"The {most} best of {of}"
        curves = []
        for group in groups[:most]:
            if len(group.ids) > _MOST_RUNS:
                of += f" Of {len(group.ids):,} jobs of a group {_MOST_RUNS} are drawn."
            jobs = list(self.page.table.jobs(ids=group.ids[:_MOST_RUNS]))
            curves.append((job_label(group.values), jobs))
        return [(label, jobs) for label, jobs in curves if jobs], of

    def jobs(self, result: str | None, *, highest: bool) -> tuple[list[Job], str]:
        """Return the jobs whose curves to draw, and in words which these are."""
        table = self.page.table
        if self.ids:
            jobs = list(table.jobs(ids=self.ids[:_MOST_CURVES]))
            if len(self.ids) > _MOST_CURVES:
                return jobs, f"The first {_MOST_CURVES} of {len(self.ids)} selected jobs."
            return jobs, f"{len(jobs)} selected {plural(len(jobs), 'job')}."
        if result is None:
            jobs = list(table.jobs(where=self.where, limit=_DEFAULT_CURVES))
            return jobs, f"The first {len(jobs)} jobs. Select others in the table."
        jobs = table.best(
            result,
            n=_DEFAULT_CURVES,
            highest=highest,
            where=self.where,
            status=_COUNTING,
        )
        name = result.rpartition(".")[2]
        return jobs, f"The {len(jobs)} best by {name}. Select jobs in the table to compare them."

    def values(
        self,
        keys: Sequence[str | None],
        *,
        most: int | None,
        best_by: tuple[str, bool] | None = None,
    ) -> tuple[QueryResult, str]:
        """Return keys of the jobs, and in words which jobs these are.

        Parameters
        ----------
        keys
            The keys; None among them stand for none.
        most
            At most so many jobs.
        best_by
            A result, and whether the highest is the best: the best jobs come first.
        """
        wanted = list(dict.fromkeys([*filter(None, keys), *self._label_keys()]))
        result, highest = best_by or (None, False)
        found = self.page.table.columns(
            keys=wanted, over=self.over or None, **self.arguments, order_by=result,
            descending=highest, limit=most,
        )  # fmt: skip
        if self.over:
            found = self._means(found, filter(None, keys))
            return found, f"{len(found):,} {plural(len(found), 'group')} of jobs, their means."
        if most is not None and len(found) == most:
            return found, f"The {'best' if best_by else 'first'} {most:,} of the jobs."
        if self.ids:
            return found, f"{len(found):,} selected {plural(len(found), 'job')}."
        return found, f"{len(found):,} jobs that match. Select some in the table to see them alone."

    def sample(
        self, keys: Sequence[str | None], most: int, result: str, *, highest: bool
    ) -> tuple[QueryResult, str]:
        """Return keys of the jobs, of many the best and an even sample of the others; see `values`.

        Parameters
        ----------
        keys
            The keys; None among them stand for none.
        most
            At most so many jobs: a tenth are the best.
        result, highest
            What is the best.
        """
        found, of = self.values(keys, most=None, best_by=(result, highest))
        values = found.columns[result]
        known = [
            row
            for row, value in enumerate(values)
            if isinstance(value, int | float) and math.isfinite(value)
        ]
        if len(known) <= most:
            return found, of
        best, others = known[: most // 10], known[most // 10 :]
        step = len(others) / (most - len(best))
        chosen = best + [others[int(place * step)] for place in range(most - len(best))]
        columns = {key: [column[row] for row in chosen] for key, column in found.columns.items()}
        text = (
            f"{most:,} of {len(known):,} jobs with a result: the best, and a sample of the others."
        )
        return QueryResult([found.ids[row] for row in chosen], columns), text

    def _means(self, groups: QueryResult, keys: Iterable[str]) -> QueryResult:
        """Return groups as if they were jobs: each under the first one's number, with the means."""
        columns = {key.removesuffix(".mean"): values for key, values in groups.columns.items()}
        for key in keys:
            if key not in columns:
                raise UsageError(f"the jobs of a group differ in {key!r}: choose another key")
        return QueryResult([ids[0] for ids in columns[IDS]], columns)

    def labels(self, found: QueryResult) -> list[str]:
        """Return the hyper-parameters of each job in short."""
        keys = [key for key in self._label_keys() if key in found.columns]
        columns = [found.columns[key] for key in keys]
        more = [f"and {len(ids) - 1} more " for ids in found.columns.get(IDS, ())]
        return [
            (more[row] if more else "")
            + job_label({key: column[row] for key, column in zip(keys, columns, strict=True)})
            for row in range(len(found))
        ]

    def label(self, job: Job) -> str:
        """Return the hyper-parameters of a job in short."""
        flat = flatten(job.state)
        return job_label({key: flat.get(key) for key in self._label_keys()})

    def _label_keys(self) -> list[str]:
        return self.page.profile().varying[:_MOST_IN_LABEL]
