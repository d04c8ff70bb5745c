"""One attempt at one job: its files, its process, and the way of its result into the table."""

__all__ = ["Attempt", "Reporter"]

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pylearn2_jobman.errors import (
    ClaimLostError,
    NotStorableError,
    TableError,
    UsageError,
)
from pylearn2_jobman.jobman.bookkeeping import (
    END_TIME,
    EXPERIMENT,
    ID,
    LIVE,
    PRUNED,
    SEARCH_NAME,
    START_TIME,
    STATUS,
    Bookkeeping,
    as_text,
    experiment_keys,
    is_reserved,
    merge,
)
from pylearn2_jobman.jobman.channel import NoWorker
from pylearn2_jobman.jobman.endings import Ending, Fate, How, settle
from pylearn2_jobman.jobman.files.roots import ExperimentRoot, snapshot
from pylearn2_jobman.jobman.files.workdir import WorkDirectory
from pylearn2_jobman.jobman.formatting import duration
from pylearn2_jobman.jobman.limits import JobLimits, is_like
from pylearn2_jobman.jobman.parameters.conf import format_conf, read_conf
from pylearn2_jobman.jobman.query.where import having
from pylearn2_jobman.jobman.search import PROPOSE
from pylearn2_jobman.jobman.search.pruning import Pruning
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.worker.child import JobRequest
from pylearn2_jobman.jobman.worker.control import Control
from pylearn2_jobman.jobman.worker.descriptors import kept_streams
from pylearn2_jobman.jobman.worker.execution import Outcome, execute, record, recorded
from pylearn2_jobman.jobman.worker.heartbeat import ClaimMonitor
from pylearn2_jobman.jobman.worker.live_row import LiveRow
from pylearn2_jobman.jobman.worker.relay import Relay
from pylearn2_jobman.jobman.worker.retry import RetryPolicy, retrying
from pylearn2_jobman.jobman.worker.settings import WorkerSettings
from pylearn2_jobman.jobman.worker.supervision import Death, run_in_child
from pylearn2_jobman.signals import kept_handlers

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table import JobTable
    from pylearn2_jobman.jobman.worker.processes import ForkServer


_MOST_OTHERS = 500  # of the last jobs: more would say the same


class Reporter(Protocol):
    """Where the progress of jobs is reported; called from several threads."""

    def started(self, job_id: int, parameters: dict[str, Any]) -> None:
        """Show that a job begins; ``parameters`` are its hyper-parameters that vary."""

    def message(self, job_id: int, text: str) -> None:
        """Show a message of the experiment about its progress."""

    def ended(self, job_id: int, status: Status | None, seconds: float, error: str | None) -> None:
        """Show that a job ended; status None: another worker has it now."""

    def notice(self, text: str) -> None:
        """Show something that a person should know."""


@dataclass
class Attempt:
    """One attempt at a claimed job; for its experiment, the worker (a `WorkerLink`).

    Attributes
    ----------
    monitor
        Of the claim, which it holds.
    workdir
        The working directory, held by this worker.
    slot
        Which of the concurrent jobs this is, from 0.
    server
        Where its process comes from; None: it runs in this one.
    relay
        Gets the job that is claimed as this one ends.
    table_url
        The address of the table, with its password, for an experiment that proposes trials.
    free_slots
        How many of the concurrent jobs have nothing else to do, this one included.
    """

    table: "JobTable"
    monitor: ClaimMonitor
    root: ExperimentRoot
    workdir: WorkDirectory
    slot: int
    server: "ForkServer | None"
    settings: WorkerSettings
    control: Control
    reporter: Reporter
    relay: Relay
    table_url: str
    free_slots: int = 1

    def __post_init__(self) -> None:
        claim = self.monitor.claim
        self.job_id = claim.job_id
        self.flat = flatten(claim.state) | {ID: claim.job_id}
        self.row = Bookkeeping.read(self.flat)
        self.job = f"{self.table.database}/{self.table.name}/{claim.job_id}"
        self.proposes = self.flat.get(EXPERIMENT) == PROPOSE
        self.pruning = Pruning.of_job(self.flat, self.settings.prune)
        self.live = LiveRow(
            self.workdir.path,
            lambda text: self.reporter.message(self.job_id, text),
            [] if self.pruning is None else [self.pruning.channel],
        )
        self.limits = JobLimits()
        self.began = time.monotonic()
        self.late = False
        self.rung: int | None = None
        self.pruned: str | None = None
        self.save_failed = False
        self.retry_policy = RetryPolicy(
            self.settings.retry_for_seconds,
            self.control.kill,
            self.reporter.notice,
            self.control.poll,
        )

    def run(self) -> tuple[Status | None, str | None]:
        """Run the job and store its result.

        Returns
        -------
        Status or None
            The job's status now; None if another worker has it.
        str or None
            The error, if there was one.

        Raises
        ------
        TableError
            If the result could not be written; the working directory is kept.
        """
        first = START_TIME not in self.flat
        self._begin()
        left = self._left_result()
        if left is not None:
            return self._store(self._ending(How.COMPLETE), left)
        try:
            # A job that never stored anything has no files; what a root may hold under its number
            # is of an older table.
            if not self.workdir.taken_over and not first:
                self._retrying(
                    "fetching its files", lambda: self.root.fetch(self.job, self.workdir.path)
                )
        except OSError as error:
            problem = f"its files could not be fetched: {error}"
            return self._store(self._ending(How.NOT_FETCHED, problem), self.flat)
        try:
            self.limits = JobLimits.read(self.flat)
        except UsageError as error:
            return self._store(self._ending(How.NOT_BEGUN, str(error)), self.flat)
        before, files = experiment_keys(self.flat), self._snapshot()
        self.began = time.monotonic()
        outcome, death = (
            (self._in_process(), None) if self.server is None else self._in_child(self.server)
        )
        if outcome is None:
            death = death or Death(How.DIED, "its process ended")
            state = merge(self._saved() or self.flat, self.flat) | {END_TIME: time.time()}
            return self._store(self._ending(death.how, death.text), state)
        if death is not None:
            self.reporter.notice(f"job {self.job_id}: {death.text}")
        changed = (
            outcome.how is not How.INCOMPLETE
            or format_conf(before) != format_conf(experiment_keys(outcome.state))
            or files != self._snapshot()
        )
        how, state = outcome.how, outcome.state
        has_finished = how is How.INCOMPLETE and not self.control.stop.is_set()  # else it goes on
        if self.pruned is not None and (how is How.COMPLETE or has_finished):
            how = How.COMPLETE
            state |= {f"{PRUNED}.epoch": self.rung, f"{PRUNED}.reason": self.pruned}
        return self._store(self._ending(how, outcome.error, changed), state)

    def _begin(self) -> None:
        """Note in the table where the job runs, for whoever has to look for it there."""
        saved = self._saved() if self.workdir.taken_over else None
        if saved is not None:  # may be newer than the table
            self.flat = merge(saved, self.flat)
        self.row = replace(
            self.row,
            attempts=self.row.attempts + 1,
            workdir=self.workdir.path,
            files=as_text(self.root.describe(self.job)),
        )
        self.flat = self.row.into(
            {key: value for key, value in self.flat.items() if not key.startswith(f"{PRUNED}.")}
        )
        claim = self.monitor.claim
        try:
            with nullcontext() if LIVE in claim.stored else self.live.writing() as live:
                self.table.write_back(claim, self.flat, live=live)
            self.monitor.live = self.live.writing
        except ClaimLostError:
            self.monitor.lost = True
        except (NotStorableError, TableError) as error:
            self.reporter.notice(f"job {self.job_id}: not noted in the table: {error}")

    def _left_result(self) -> dict[str, Any] | None:
        """Return the result that a worker left which was killed before it could store it."""
        saved = self._saved() if self.workdir.taken_over else None
        if saved is None or saved.get(STATUS) != Status.DONE:
            return None
        return self.row.into(saved)

    def _saved(self) -> dict[str, Any] | None:
        """Return the state that the working directory holds, if there is a whole one."""
        with contextlib.suppress(UsageError):
            return read_conf(self.workdir.path / "current.conf")
        return None

    def _snapshot(self) -> dict[str, tuple[int, int]]:
        with contextlib.suppress(OSError):
            return snapshot(self.workdir.path)
        return {}

    def _ending(self, how: How, error: str | None = None, changed: bool = True) -> Ending:
        # A signal to all processes ends the experiment too, perhaps before the worker looked.
        self.control.poll()
        if self.late and how in (How.INCOMPLETE, How.DIED, How.KILLED):
            how, limit = How.TIMED_OUT, self._limit_seconds()
            then = error or "it stopped when it was asked to"
            error = f"the time limit of {duration(limit)} was reached; {then}"
        patterns, retries = self.settings.retry, self.settings.retries
        if self.limits.retries is not None:
            patterns, retries = ("*",), self.limits.retries
        return Ending(
            how,
            error,
            changed,
            cancelled=self.monitor.cancelled,
            stopping=self.control.reason if self.control.stop.is_set() else None,
            seconds=time.monotonic() - self.began,
            retries=retries if is_like(error or "", patterns) else 0,
            requeue=self.settings.on_time_limit == "requeue",
            proposes=self.proposes,
        )

    def _limit_seconds(self) -> float:
        limits = (self.settings.job_time_limit_seconds, self.limits.time_limit_seconds)
        return min((limit for limit in limits if limit is not None), default=math.inf)

    # --- running -----------------------------------------------------------------------------

    def _in_process(self) -> Outcome:
        before, process = Path.cwd(), os.getpid()
        os.chdir(self.workdir.path)
        try:
            with kept_streams(), kept_handlers():
                return execute(
                    self.flat,
                    self.workdir.path,
                    _Here(self),
                    finish_up_after_seconds=self.settings.finish_up_after_seconds,
                    save_every_seconds=self.settings.save_every_seconds,
                    remote=self.root.describe(self.job),
                    table=self.table_url if self.proposes else None,
                    free_slots=self.free_slots,
                )
        except BaseException as error:
            if os.getpid() != process:  # the experiment forked it: there is one worker
                code = error.code if isinstance(error, SystemExit) else 1
                sys.stdout.flush()
                os._exit(code if isinstance(code, int) else int(code is not None))
            raise
        finally:
            os.chdir(before)

    def _in_child(self, server: "ForkServer") -> tuple[Outcome | None, Death | None]:
        """Run the experiment in a process; return its outcome, and what went wrong with that."""
        environment = {}
        if self.settings.gpus:
            gpu = self.settings.gpus[self.slot % len(self.settings.gpus)]
            environment["CUDA_VISIBLE_DEVICES"] = gpu
        began_before = self.flat.get(START_TIME)
        outcome, death = run_in_child(
            server,
            JobRequest(
                state=self.flat,
                workdir=self.workdir.path,
                environment=environment,
                finish_up_after_seconds=self.settings.finish_up_after_seconds,
                save_every_seconds=self.settings.save_every_seconds,
                remote=self.root.describe(self.job),
                table=self.table_url if self.proposes else None,
                free_slots=self.free_slots,
            ),
            self,
            tend=self.tend,
            kill=self.control.kill.is_set,
            grace_seconds=self.settings.grace_seconds,
        )
        if outcome is None:  # an experiment that closes all descriptors leaves only the file
            outcome = recorded(self.workdir.path, began_before)
            death = None if outcome is not None else death
        return outcome, death

    def report(self, text: str) -> None:
        """Show a message of the experiment about its progress."""
        self.live.say(text)
        self.reporter.message(self.job_id, text)

    def request(self) -> str | None:
        """Return what the experiment should be asked to do."""
        if self.control.stop.is_set() or self.monitor.cancelled or self.monitor.lost:
            return "stop"
        self.late = self.late or time.monotonic() >= self.began + self._limit_seconds()
        if self.late:
            return "stop"
        self._look_at_rungs()  # of a job that goes on: what has ended is whole
        return None if self.pruned is None else "finish-up"

    def save(self, flat: dict[str, Any]) -> None:
        """Store what the experiment saved, if that works; the end stores everything again."""
        self.flat = self.row.into(flat)
        try:
            with self.live.writing() as live:
                self.table.write_back(self.monitor.claim, self.flat, live=live)
            self.root.push(self.workdir.path, self.job)
        except ClaimLostError:
            self.monitor.lost = True
        except (NotStorableError, TableError, OSError) as error:
            if not self.save_failed:
                self.reporter.notice(
                    f"job {self.job_id}: what it saved is only in {self.workdir.path} yet: {error}"
                )
            self.save_failed = True
        else:
            self.save_failed = False

    def tend(self, process: int) -> None:
        """Look how far the job is, and claim it again if its lease ended and nobody runs it yet."""
        self.live.look(process)
        if self.monitor.lost:
            self._win_back()

    def _look_at_rungs(self) -> None:
        """Let the job finish up if it has passed a rung, and is hopeless there."""
        if self.pruning is None or self.pruned is not None:
            return
        curve = self.live.curve(self.pruning.channel)
        rung = self.pruning.rung(curve[-1][0]) if curve else None
        if rung is None or rung == self.rung:
            return
        self.rung = rung
        name = self.flat.get(SEARCH_NAME)
        alike = {EXPERIMENT: self.flat.get(EXPERIMENT)} if name is None else {SEARCH_NAME: name}
        with contextlib.suppress(TableError):  # at the next rung, then
            with self.live.writing() as live:
                self.table.heartbeat(self.monitor.claim, live)
            rows = self.table.live(
                status=(Status.RUNNING, Status.DONE), where=having(alike), order_by=ID,
                descending=True, limit=_MOST_OTHERS,
            )  # fmt: skip
            curves = [
                row.curves.get(self.pruning.channel, ())
                for job_id, row in rows.items()
                if job_id != self.job_id
            ]
            self.pruned = self.pruning.judge(rung, curve, curves)

    def _win_back(self) -> bool:
        with contextlib.suppress(TableError):
            restarts = Bookkeeping.read(flatten(self.table.get(self.job_id).state)).restarts
            if restarts <= self.row.restarts:
                return False  # someone wants it to be run again
            again = self.table.claim_job(self.job_id, [Status.START])
            if again is not None:
                self.row = replace(self.row, restarts=restarts)
                self.monitor.replace(again)
                return True
        return False

    # --- storing -----------------------------------------------------------------------------

    def _store(self, ending: Ending, state: dict[str, Any]) -> tuple[Status | None, str | None]:
        """Write the result to the working directory, the table, the root; then call it done."""
        status, row, pause_seconds = self._settle(ending, self.row)
        flat = row.into(state) | {STATUS: int(status)}
        self._record(flat)
        try:
            self.table.check(flat)
        except NotStorableError as error:
            problem = ending.error or f"{error} (current.conf in its directory has it)"
            return self._store(self._ending(How.WRONG, problem), self._what_the_table_holds(flat))
        try:
            self._write_back("its result", flat | {STATUS: int(Status.RUNNING)})
            try:
                self._retrying(
                    "storing its files", lambda: self.root.push(self.workdir.path, self.job)
                )
            except OSError as error:
                problem = (
                    f"its files could not be stored in {self.root.describe(self.job)}: {error}; "
                    f"they are in {self.workdir.path}"
                )
                self.reporter.notice(f"job {self.job_id}: {problem}")
                with contextlib.suppress(OSError):  # else it would be removed
                    self.workdir.own()
                ending = replace(ending, how=How.NOT_STORED, error=problem)
                status, row, pause_seconds = self._settle(ending, row)
                flat = row.into(flat) | {STATUS: int(status)}
            else:
                # Before the job can be claimed: nobody takes over what is about to be removed.
                self.workdir.give_up()
            self._write_back(
                "its status",
                flat,
                status=status,
                priority=row.priority,
                then_claim=self.relay.wanted(),
                pause_seconds=pause_seconds or None,
            )
        except ClaimLostError:
            with contextlib.suppress(OSError):
                self.workdir.own()
            if self._win_back():
                return self._store(ending, state)
            self.reporter.notice(
                f"job {self.job_id} has been given to another worker meanwhile; what this one did "
                f"is kept in {self.workdir.path}"
            )
            return None, None
        except TableError:
            with contextlib.suppress(OSError):
                self.workdir.own()
            self.reporter.notice(
                f"job {self.job_id}: the result could not be written to the table; it is kept in "
                f"{self.workdir.path}"
            )
            raise
        if row.reasons != self.row.reasons:
            when = f", in {duration(pause_seconds)}" if pause_seconds else ""
            self.reporter.notice(f"job {self.job_id} is run again{when}: {row.reasons[-1]}")
        return status, row.error

    def _settle(self, ending: Ending, row: Bookkeeping) -> Fate:
        return settle(ending, row, self.settings.max_restarts)

    def _record(self, flat: dict[str, Any]) -> None:
        """Write ``current.conf``, unless the job's process has written just this."""
        if self._saved() != flat and (problem := record(self.workdir.path, flat)) is not None:
            self.reporter.notice(f"job {self.job_id}: {problem}")

    def _what_the_table_holds(self, flat: dict[str, Any]) -> dict[str, Any]:
        """Return a state without the keys that only a file can hold."""
        kept: dict[str, Any] = {}
        for key in sorted(flat, key=lambda key: (not is_reserved(key), key)):
            with contextlib.suppress(NotStorableError):
                self.table.check(kept | {key: flat[key]})
                kept[key] = flat[key]
        return kept

    def _write_back(self, part: str, flat: dict[str, Any], **changes: Any) -> None:
        def write_back() -> None:
            with self.live.writing() as live:
                claim = self.table.write_back(self.monitor.claim, flat, live=live, **changes)
            self.relay.take(claim)

        self._retrying(f"writing {part}", write_back)

    def _retrying(self, what: str, operation: Callable[[], None]) -> None:
        retrying(f"job {self.job_id}: {what}", operation, OSError, self.retry_policy)


class _Here(NoWorker):
    """The worker of an experiment in the worker's own process: it works when it is asked."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self.save, self.report = attempt.save, attempt.report  # type: ignore[method-assign]

    def request(self) -> str | None:
        """Look after signals and the claim, then return what the experiment should do."""
        self._attempt.control.poll()
        self._attempt.tend(os.getpid())
        return self._attempt.request()
