"""The jobs that a view shows: those selected in the table of jobs, or else all that match."""

__all__ = ["Subset"]

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pylearn2_jobman.jobman.dashboard.context import PageContext
from pylearn2_jobman.jobman.dashboard.formatting import job_label
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.query.keys import ID
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

_MOST_CURVES = 20
_DEFAULT_CURVES = 5
_MOST_IN_LABEL = 4  # hyper-parameters


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
    """

    page: PageContext
    ids: list[int]
    where: str | None

    @classmethod
    def of(cls, page: PageContext, rows: Any, where: str | None) -> "Subset":
        """Return the jobs of the rows that are selected, or, without any, those of a condition."""
        ids = [int(row[ID]) for row in rows or [] if isinstance(row, dict) and ID in row]
        return cls(page, ids, where)

    @property
    def arguments(self) -> dict[str, Any]:
        """The jobs, as arguments of `JobTable`'s methods."""
        return {"ids": self.ids} if self.ids else {"where": self.where}

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
            status=(Status.DONE, Status.RUNNING),
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
            keys=wanted, **self.arguments, order_by=result, descending=highest, limit=most
        )
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

    def labels(self, found: QueryResult) -> list[str]:
        """Return the hyper-parameters of each job in short."""
        keys = [key for key in self._label_keys() if key in found.columns]
        columns = [found.columns[key] for key in keys]
        return [
            job_label({key: column[row] for key, column in zip(keys, columns, strict=True)})
            for row in range(len(found))
        ]

    def label(self, job: Job) -> str:
        """Return the hyper-parameters of a job in short."""
        flat = flatten(job.state)
        return job_label({key: flat.get(key) for key in self._label_keys()})

    def _label_keys(self) -> list[str]:
        return self.page.profile().varying[:_MOST_IN_LABEL]
