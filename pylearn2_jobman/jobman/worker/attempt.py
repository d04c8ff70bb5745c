"""One attempt at one job: its files, its process, and the way of its result into the table."""

__all__ = ["Attempt", "Reporter"]

import contextlib
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pylearn2_jobman.errors import (
    ClaimLostError,
    NotStorableError,
    TableError,
    UsageError,
)
from pylearn2_jobman.jobman.files.roots import ExperimentRoot, snapshot
from pylearn2_jobman.jobman.parameters.conf import format_conf, read_conf, write_conf
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.worker.child import JobRequest
from pylearn2_jobman.jobman.worker.control import Control
from pylearn2_jobman.jobman.worker.execution import Outcome, execute
from pylearn2_jobman.jobman.worker.heartbeat import ClaimMonitor
from pylearn2_jobman.jobman.worker.retry import RetryPolicy, retrying
from pylearn2_jobman.jobman.worker.settings import WorkerSettings
from pylearn2_jobman.jobman.worker.supervision import run_in_child

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.database.job import Claim
    from pylearn2_jobman.jobman.table import JobTable

_INTERRUPTED_PRIORITY = 2.0
_MOST_STALLS = 3
_RESTARTS = "jobman.sql.restarts"


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
    """One attempt at a claimed job.

    Attributes
    ----------
    workdir
        The working directory.
    taken_over
        Whether an earlier attempt left it: what is in it is newer than the root's copy.
    slot
        Which of the concurrent jobs this is, from 0.
    """

    table: "JobTable"
    claim: "Claim"
    monitor: ClaimMonitor
    root: ExperimentRoot
    workdir: Path
    taken_over: bool
    slot: int
    settings: WorkerSettings
    control: Control
    reporter: Reporter

    def __post_init__(self) -> None:
        self.flat = flatten(self.claim.state) | {"jobman.id": self.claim.job_id}
        self.restarts: dict[str, int] = {}
        self.save_failed = False
        self.job = f"{self.table.database}/{self.table.name}/{self.claim.job_id}"
        self.retry_policy = RetryPolicy(
            self.settings.retry_for_seconds, self.control.kill, self.reporter.notice
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
        self._begin()
        outcome = self._left_result()
        death: str | None = None
        files: dict[str, tuple[int, int]] = {}
        before = dict(self.flat)
        if outcome is None:
            try:
                # A job that never stored anything has no files; what a root may hold under its
                # number is of an older table.
                if not self.taken_over and "jobman.start_time" in before:
                    self._retrying(
                        "fetching its files", lambda: self.root.fetch(self.job, self.workdir)
                    )
            except OSError as error:
                death = f"its files could not be fetched: {error}"
            else:
                files = snapshot(self.workdir)
                run = self._in_process if self.settings.in_process else self._in_child
                outcome, death = run()
        status, flat = self._settle(outcome, death)
        if status is Status.START and outcome is not None and not self.control.stop.is_set():
            status = self._count_stalls(before, flat, snapshot(self.workdir) != files)
        return self._store_end(status, flat, outcome)

    def _begin(self) -> None:
        """Note in the table where the job runs, for whoever has to look for it there."""
        saved = self._saved() if self.taken_over else None
        if saved is not None:  # may be newer than the table
            self.flat = _own(saved) | _jobman(self.flat)
        self.flat["jobman.sql.host_workdir"] = str(self.workdir)
        self.flat["jobman.sql.attempts"] = int(self.flat.get("jobman.sql.attempts", 0)) + 1
        try:
            self.table.write_back(self.claim, self.flat)
        except ClaimLostError:
            self.monitor.lost = True
        except (NotStorableError, OSError) as error:
            self.reporter.notice(f"job {self.claim.job_id}: not noted in the table: {error}")

    def _left_result(self) -> Outcome | None:
        """Return the result that a worker left which was killed before it could store it."""
        saved = self._saved() if self.taken_over else None
        if saved is None or saved.get("jobman.status") != Status.DONE:
            return None
        return Outcome(Status.DONE, saved | _jobman(self.flat, "jobman.sql."))

    def _saved(self) -> dict[str, Any] | None:
        """Return the state that the working directory holds, if there is a whole one."""
        with contextlib.suppress(UsageError):
            return read_conf(self.workdir / "current.conf")
        return None

    # --- running -----------------------------------------------------------------------------

    def _in_process(self) -> tuple[Outcome | None, str | None]:
        before = Path.cwd()
        os.chdir(self.workdir)
        try:
            outcome = execute(
                self.flat,
                self.workdir,
                store=self._save,
                request=self._request,
                message=self._message,
                finish_up_after_seconds=self.settings.finish_up_after_seconds,
                save_every_seconds=self.settings.save_every_seconds,
            )
        finally:
            os.chdir(before)
        return outcome, None

    def _in_child(self) -> tuple[Outcome | None, str | None]:
        """Run the experiment in a process; return its outcome, or why there is none."""
        environment = {}
        if self.settings.gpus:
            gpu = self.settings.gpus[self.slot % len(self.settings.gpus)]
            environment["CUDA_VISIBLE_DEVICES"] = gpu
        return run_in_child(
            JobRequest(
                state=self.flat,
                workdir=self.workdir,
                environment=environment,
                finish_up_after_seconds=self.settings.finish_up_after_seconds,
                save_every_seconds=self.settings.save_every_seconds,
            ),
            save=self._save,
            message=self._message,
            request=self._request,
            kill=self.control.kill.is_set,
            grace_seconds=self.settings.grace_seconds,
        )

    def _message(self, text: str) -> None:
        self.reporter.message(self.claim.job_id, text)

    def _request(self) -> str | None:
        """Return the request to the experiment: ``'stop'``, or None."""
        if self.settings.in_process:
            self.control.poll()
        if self.monitor.lost:
            self._win_back()
        if self.control.stop.is_set() or self.monitor.cancelled or self.monitor.lost:
            return "stop"
        return None

    def _save(self, flat: dict[str, Any]) -> None:
        """Store what the experiment saved, if that works; the end stores everything again."""
        self.flat = _jobman(self.flat) | flat
        try:
            self.table.write_back(self.claim, self.flat)
            self.root.push(self.workdir, self.job)
        except ClaimLostError:
            self.monitor.lost = True
        except (NotStorableError, TableError, OSError) as error:
            if not self.save_failed:
                self.reporter.notice(
                    f"job {self.claim.job_id}: what it saved is only in {self.workdir} yet: {error}"
                )
            self.save_failed = True
        else:
            self.save_failed = False

    # --- storing -----------------------------------------------------------------------------

    def _settle(self, outcome: Outcome | None, death: str | None) -> tuple[Status, dict[str, Any]]:
        """Return the job's next status and its state with everything noted in it."""
        # A signal to all processes ends the experiment too, perhaps before the worker looked.
        self.control.poll()
        if outcome is not None:
            # Whatever an experiment does to state.jobman, the scheduler's own keys stay.
            kept = _jobman(self.flat)
            kept.pop("jobman.error", None)
            status, flat = outcome.status, kept | outcome.state
        else:
            status, flat = Status.ERR_RUN, self._saved() or dict(self.flat)
            flat |= _jobman(self.flat)
            flat["jobman.end_time"] = time.time()
            flat["jobman.error"] = death
        if self.monitor.cancelled:
            status = Status.CANCELED
        elif self.control.stop.is_set() and (outcome is None or status is Status.START):
            status = Status.START
            flat.pop("jobman.error", None)
            flat["jobman.sql.interrupted"] = self.control.reason
            flat["jobman.sql.priority"] = max(_priority(flat), _INTERRUPTED_PRIORITY)
        flat["jobman.status"] = int(status)
        return status, flat

    def _count_stalls(
        self, before: dict[str, Any], flat: dict[str, Any], wrote_files: bool
    ) -> Status:
        """Return the status of an INCOMPLETE job: one that makes no progress fails in the end."""
        flat.pop("jobman.sql.stalls", None)
        if wrote_files or format_conf(_own(before)) != format_conf(_own(flat)):
            return Status.START
        stalls = int(before.get("jobman.sql.stalls", 0)) + 1
        flat["jobman.sql.stalls"] = stalls
        if stalls < _MOST_STALLS:
            return Status.START
        flat["jobman.status"] = int(Status.ERR_RUN)
        flat["jobman.error"] = (
            f"the experiment returned INCOMPLETE {stalls} times in a row without having changed "
            "its state or written a file"
        )
        return Status.ERR_RUN

    def _store_end(
        self, status: Status, flat: dict[str, Any], outcome: Outcome | None
    ) -> tuple[Status | None, str | None]:
        """Write the result to the working directory, the table, the root; then call it done."""
        flat |= self.restarts
        if outcome is None or outcome.state != flat:  # else the child has written just this
            with contextlib.suppress(OSError):
                self.workdir.mkdir(parents=True, exist_ok=True)
                write_conf(self.workdir / "current.conf", flat)
        status = self._leave_out_what_the_table_cannot_hold(status, flat)
        running = flat | {"jobman.status": int(Status.RUNNING)}
        try:
            self._retrying("writing its result", lambda: self.table.write_back(self.claim, running))
            try:
                self._retrying("storing its files", lambda: self.root.push(self.workdir, self.job))
            except OSError as error:
                status = Status.ERR_SYNC
                flat["jobman.status"] = int(status)
                flat["jobman.error"] = (
                    f"its files could not be stored in {self.root.describe(self.job)}: {error}; "
                    f"they are in {self.workdir}"
                )
            self._retrying(
                "writing its status",
                lambda: self.table.write_back(
                    self.claim, flat, status=status, priority=_priority(flat)
                ),
            )
        except ClaimLostError:
            if self._win_back():
                return self._store_end(status, flat, outcome)
            self.reporter.notice(
                f"job {self.claim.job_id} has been given to another worker meanwhile; what this "
                f"one did is kept in {self.workdir}"
            )
            return None, None
        except TableError:
            self.reporter.notice(
                f"job {self.claim.job_id}: the result could not be written to the table; it is "
                f"kept in {self.workdir}"
            )
            raise
        if status is Status.ERR_SYNC:
            self.reporter.notice(f"job {self.claim.job_id}: {flat['jobman.error']}")
        return status, flat.get("jobman.error")

    def _leave_out_what_the_table_cannot_hold(self, status: Status, flat: dict[str, Any]) -> Status:
        """Remove keys that only a file can hold; a job that has some counts as failed."""
        try:
            self.table.check(flat)
        except NotStorableError as error:
            problem = str(error)
        else:
            return status
        kept: dict[str, Any] = {}
        for key in sorted(flat, key=lambda key: (not key.startswith("jobman."), key)):
            with contextlib.suppress(NotStorableError):
                self.table.check(kept | {key: flat[key]})
                kept[key] = flat[key]
        flat.clear()
        flat.update(kept)
        flat["jobman.status"] = int(Status.ERR_RUN)
        flat["jobman.error"] = f"{problem} (current.conf in its directory has it)"
        return Status.ERR_RUN

    def _win_back(self) -> bool:
        """Claim the job again if its lease ended, as in a long outage, and nobody runs it yet."""
        with contextlib.suppress(TableError):
            job = self.table.get(self.claim.job_id)
            restarts = int(flatten(job.state).get(_RESTARTS, 0))
            if restarts <= int(self.flat.get(_RESTARTS, 0)):
                return False  # someone wants it to be run again
            again = self.table.claim_job(job.id, [Status.START])
            if again is not None:
                self.restarts = {_RESTARTS: restarts}
                self.claim = self.monitor.claim = again
                self.monitor.lost = False
                return True
        return False

    def _retrying(self, task: str, operation: Any) -> None:
        retrying(f"job {self.claim.job_id}: {task}", operation, OSError, self.retry_policy)


def _priority(flat: dict[str, Any]) -> float:
    """Return a job's priority; what an experiment may have made of it is not trusted."""
    priority = flat.get("jobman.sql.priority")
    if isinstance(priority, int | float) and math.isfinite(priority):
        return float(priority)
    return 1.0


def _own(flat: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a state that are the experiment's."""
    return {key: value for key, value in flat.items() if not key.startswith("jobman.")}


def _jobman(flat: dict[str, Any], prefix: str = "jobman.") -> dict[str, Any]:
    """Return the keys of a state that are the scheduler's."""
    return {key: value for key, value in flat.items() if key.startswith(prefix)}
