"""`Search`: a search in a table, and `propose`, the experiment of the job that carries it on."""

__all__ = ["PROPOSE", "Search", "SearchableTable", "Standing", "propose"]

import math
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.errors import TableUnreachableError, UsageError, suggest
from pylearn2_jobman.jobman.bookkeeping import (
    EXPERIMENT,
    SEARCH_NAME,
    STATUS,
    flatten_running,
)
from pylearn2_jobman.jobman.query.front import Objective, front
from pylearn2_jobman.jobman.query.readable import ReadableTable
from pylearn2_jobman.jobman.query.where import having
from pylearn2_jobman.jobman.search.definition import Definition
from pylearn2_jobman.jobman.search.trials import Outcome, Trial, read_trials
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import FAILED, Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Inserted, Job

PROPOSE = "pylearn2_jobman.jobman.search.propose"
_OWN = {EXPERIMENT: PROPOSE}
_AWAY_SECONDS = 1.0


@dataclass(frozen=True)
class Standing:
    """How a search stands.

    Attributes
    ----------
    job
        The search's own job; None if no worker is to carry it on.
    trials
        Its trials by their numbers.
    wanted
        How many trials are proposed in all.
    """

    job: "Job | None"
    trials: list[Trial]
    wanted: int

    @property
    def ended(self) -> int:
        """How many trials have ended."""
        return sum(trial.outcome is not Outcome.OPEN for trial in self.trials)

    @property
    def is_over(self) -> bool:
        """Whether all trials were proposed and have ended, or the search has failed."""
        status = Status.DONE if self.job is None else self.job.status
        ended = status not in (Status.START, Status.RUNNING) and self.ended == len(self.trials)
        return ended or status in FAILED

    def __str__(self) -> str:
        names = {
            "running": sum(trial.status is Status.RUNNING for trial in self.trials),
            "waiting": sum(trial.status is Status.START for trial in self.trials),
            "stopped early": sum(trial.outcome is Outcome.PRUNED for trial in self.trials),
            "failed": sum(trial.outcome is Outcome.FAILED for trial in self.trials),
        }
        rest = "".join(f", {number} {name}" for name, number in names.items() if number)
        return f"{self.ended} of {self.wanted} trials ended{rest}"


class Search:
    """A search in a table; `JobTable.search` makes it.

    Parameters
    ----------
    table
        The table.
    definition
        What is searched, and how.
    """

    def __init__(self, table: "SearchableTable", definition: Definition) -> None:
        self.table = table
        self.definition = definition

    @property
    def name(self) -> str:
        """The search's name in the table."""
        return self.definition.name

    @classmethod
    def find(cls, table: "SearchableTable", name: str) -> "Search":
        """Return the search that a table has under a name.

        Raises
        ------
        UsageError
            If it has none; near names are suggested.
        """
        job = _own_job(table, name)
        if job is None:
            names = [job.state.jobman.search.name for job in table.jobs(where=having(_OWN))]
            raise UsageError(f"there is no search {name!r}{suggest(name, names)} in {table.url}")
        return cls(table, Definition.read(flatten(job.state)))

    def start(self) -> int:
        """Let workers carry the search on; return the id of its own job.

        A search that is in the table goes on with these settings: more trials, another sampler.

        Raises
        ------
        UsageError
            If the table has another search of this name.
        """
        state = {**self.definition.state(), EXPERIMENT: PROPOSE}
        # Just below its trials, and above everything that is less urgent than they.
        priority = math.nextafter(self.definition.priority, -math.inf)
        inserted = self.table.insert_many([state], priority=priority, check=False)
        if inserted.ids:
            return inserted.ids[0]
        job = _own_job(self.table, self.name)
        if job is None:
            raise UsageError(f"there is another job of the name {self.name!r} in {self.table.url}")
        known = Definition.read(flatten(job.state))
        if known.identity != self.definition.identity:
            raise UsageError(
                f"the search {self.name!r} in {self.table.url} is another one: it has other "
                "parameters, distributions, results or another experiment. Name this one otherwise"
            )
        if known != self.definition or job.status in (*FAILED, Status.CANCELED):
            gone = known.state().keys() - state.keys()
            # The status ends the claim of a proposer, whose trials are whole or not there.
            self.table.change(job.id, {**state, STATUS: Status.START}, remove=gone)
            self.table.set_priority([job.id], priority)
        return job.id

    def propose(self, number: int = 1) -> list[int]:
        """Propose so many trials at most, and put them into the table; return their ids."""
        return self._propose(self.trials(), number)

    def top_up(self, waiting: int) -> bool:
        """Propose until so many trials wait, and at least one; return whether more may follow."""
        trials = self.trials()
        there = sum(trial.status is Status.START for trial in trials if trial.number is not None)
        self._propose(trials, max(waiting - there, 1))
        return _next_number(trials) + max(waiting - there, 1) < self.definition.trials

    def trials(self) -> list[Trial]:
        """Return what is known: the other jobs of the table that fit, then the search's own."""
        return read_trials(self.table, self.definition)

    def standing(self) -> Standing:
        """Return how the search stands."""
        job = _own_job(self.table, self.name)  # first: its trials are no fewer than it says
        own = [trial for trial in self.trials() if trial.number is not None]
        return Standing(job, own, self.definition.trials)

    def best(self, number: int = 1) -> "list[Job]":
        """Return the best jobs; with several results the front, however many that are."""
        told = [trial for trial in self.trials() if trial.results]
        maximize = [one.maximize for one in self.definition.by]
        if len(maximize) > 1:
            places = front([trial.results for trial in told], maximize)
        else:
            sign = -1 if maximize[0] else 1
            places = sorted(range(len(told)), key=lambda place: sign * told[place].results[0])
            places = places[:number]
        ids = [told[place].job_id for place in places]
        found = {job.id: job for job in self.table.jobs(ids=ids)}
        return [found[job_id] for job_id in ids if job_id in found]

    def importance(self) -> dict[str, float]:
        """Return how much each key matters for a good first result: shares, the largest first.

        Raises
        ------
        UsageError
            If fewer than two trials have a result, or Optuna is not installed.
        """
        from pylearn2_jobman.jobman.search.study import StudyOfTrials

        return StudyOfTrials(self.definition, self.trials()).importance()

    def _propose(self, trials: Sequence[Trial], number: int) -> list[int]:
        first = _next_number(trials)
        numbers = range(first, min(first + number, self.definition.trials))
        if not numbers:
            return []
        from pylearn2_jobman.jobman.search.study import StudyOfTrials

        study = StudyOfTrials(self.definition, trials)
        states = [self.definition.trial(one, study.propose(one)) for one in numbers]
        # Whoever proposes at the same time proposes the same numbers: each is there once.
        inserted = self.table.insert_many(states, priority=self.definition.priority, check=False)
        return inserted.ids


class SearchableTable(ReadableTable, ABC):
    """What a `JobTable` has besides for searches; its docstring holds the contract."""

    def search(
        self,
        experiment: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        by: str | Sequence[str] = (),
        maximize: bool = False,
        name: str | None = None,
        **settings: Any,
    ) -> Search:
        """Return a search, new or of this table: `Search.start` lets workers carry it on.

        Parameters
        ----------
        experiment
            The dotted name of the experiment; None for a search that is in the table.
        parameters
            Nested or flat; those that vary are distributions
            (`pylearn2_jobman.jobman.parameters.distributions`).
        by
            The result that is wanted low, or several: ``'results.valid_nll'``; an ending ``:min``
            or ``:max`` says which way.
        maximize
            Whether results without such an ending are wanted high.
        name
            The search's name; if None, it follows from what it varies and wants.
        **settings
            ``trials``, ``sampler``, ``seed``, ``ahead``, ``priority`` and ``prune``; see
            `pylearn2_jobman.jobman.search.Definition`.

        Raises
        ------
        UsageError
            Saying what is wrong with it, or that the table has no search of this name.
        """
        if experiment is None:
            if name is None:
                raise UsageError("which search? name an experiment, or a search of this table")
            return Search.find(self, name)
        wanted = [by] if isinstance(by, str) else by
        objectives = [Objective.parse(one, maximize) for one in wanted]
        parameters = parameters or {}
        return Search(
            self, Definition.of(experiment, parameters, objectives, name=name, **settings)
        )

    @abstractmethod
    def insert_many(
        self, states: Iterable[Mapping[str, Any]], *, priority: float = 1.0, check: bool = True
    ) -> "Inserted":
        """Insert jobs."""

    @abstractmethod
    def change(
        self, job_id: int, values: Mapping[str, Any], *, remove: Collection[str] = ()
    ) -> None:
        """Set keys of a job, and remove others."""

    @abstractmethod
    def set_priority(self, ids: Iterable[int], priority: float) -> int:
        """Set the priority of jobs."""


def propose(state: Any, channel: Any) -> Any:
    """Propose trials of the search that a job describes: the experiment of `Search.start`'s job.

    As many as the worker has free slots, or as ``--ahead`` says, and at least one. Nothing is kept
    between two calls but the table's rows.

    Returns
    -------
    object
        ``channel.INCOMPLETE`` while trials are to follow: the job goes back to the queue, where it
        comes after all trials. ``channel.COMPLETE`` once all are proposed.
    """
    definition = Definition.read(flatten_running(state))
    try:
        with channel.table() as table:
            follow = Search(table, definition).top_up(max(channel.free_slots, definition.ahead))
    except TableUnreachableError as error:  # what was inserted is found the next time
        print(error, file=sys.stderr)
        time.sleep(_AWAY_SECONDS)  # the worker, which has its connection, may not have to wait
        return channel.INCOMPLETE
    return channel.INCOMPLETE if follow else channel.COMPLETE


def _own_job(table: ReadableTable, name: str) -> "Job | None":
    return next(table.jobs(where=having({**_OWN, SEARCH_NAME: name})), None)


def _next_number(trials: Sequence[Trial]) -> int:
    return max((trial.number for trial in trials if trial.number is not None), default=-1) + 1
