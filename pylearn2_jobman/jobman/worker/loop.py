"""`Worker`: takes jobs from a table, one after another or several at once, until nothing is left.

Every concurrent job has a thread here that waits for its process, and a connection to the table of
its own; the main thread looks after signals, time limits and the display. The experiment itself
runs in a child process (see `pylearn2_jobman.jobman.worker.attempt`).
"""

__all__ = ["EXIT_OUT_OF_TIME", "Tally", "Worker"]

import contextlib
import math
import os
import platform
import shutil
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pylearn2_jobman.errors import TableError, UsageError
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.files import workdir as workdirs
from pylearn2_jobman.jobman.files.roots import ExperimentRoot
from pylearn2_jobman.jobman.query.keys import is_parameter, varying_keys
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.table import single_host
from pylearn2_jobman.jobman.worker import processes
from pylearn2_jobman.jobman.worker.attempt import Attempt, Reporter
from pylearn2_jobman.jobman.worker.control import Control
from pylearn2_jobman.jobman.worker.heartbeat import HeartbeatThread
from pylearn2_jobman.jobman.worker.provenance import batch_ids
from pylearn2_jobman.jobman.worker.retry import RetryPolicy, retrying
from pylearn2_jobman.jobman.worker.settings import WorkerSettings

if TYPE_CHECKING:
    import signal

    from pylearn2_jobman.jobman.database.job import Claim
    from pylearn2_jobman.jobman.table import JobTable

EXIT_OUT_OF_TIME = 75  # EX_TEMPFAIL of sysexits.h: try again later

_POLL_SECONDS = 0.1
_COUNTS_SECONDS = 1.0
_WAIT_SECONDS = 5.0
_SAMPLE = 500  # jobs that are looked at to see which hyper-parameters vary
_TAKE_BACK_SECONDS = 30.0


class Display(Reporter, Protocol):
    """A reporter that also shows how the table stands."""

    wants_counts: bool
    """Whether it shows the counts: to ask for them costs the table something."""

    def counts(self, counts: dict[Status, int]) -> None:
        """Show how many jobs of the table have each status now."""


@dataclass
class Tally:
    """The outcome of a worker.

    Attributes
    ----------
    ended
        How many jobs ended with each status.
    signal
        The signal that stopped it, if one did.
    out_of_time
        Whether it left waiting jobs because too little time was left for one.
    """

    ended: Counter[Status] = field(default_factory=Counter)
    signal: "signal.Signals | None" = None
    out_of_time: bool = False

    @property
    def failed(self) -> int:
        """How many jobs ended with an error."""
        return sum(self.ended[status] for status in FAILED)

    @property
    def exit_code(self) -> int:
        """The worker's exit code: why it left, then whether all went well."""
        if self.signal is not None:
            return 128 + self.signal
        if self.out_of_time:
            return EXIT_OUT_OF_TIME
        return 1 if self.failed else 0


class Worker:
    """Takes jobs from a table and runs them.

    Parameters
    ----------
    url
        The address of the table.
    root
        Where the files of the jobs are kept.
    settings
        How to work.
    display
        Where it reports.
    """

    def __init__(
        self, url: str, root: ExperimentRoot, settings: WorkerSettings, display: Display
    ) -> None:
        self.url = url
        self.address = Address.parse(url)
        self.root = root
        self.settings = settings
        self.display = display
        self.control = Control(
            settings.grace_seconds,
            settings.time_limit_seconds,
            stop_signal=settings.stop_signal,
            ends_at=settings.ends_at,
            with_parent=settings.with_parent,
        )
        self.tally = Tally()
        self._lock = threading.Lock()
        self._begun = 0
        self._varying: set[str] = set()
        self._took_back_at = -math.inf
        self._away_at = -math.inf
        self._too_late = False
        self._failure: BaseException | None = None

    def run(self) -> Tally:
        """Work until there is nothing left to do.

        Raises
        ------
        UsageError
            If the root, a working directory or a module to preload cannot be used, no job could
            ever be begun, or workers on several hosts share an SQLite file.
        TableUnreachableError
            If the table is away for longer than ``--retry-for``.
        """
        from pylearn2_jobman.jobman.table import open_table

        self._check_time()
        self.root.prepare()
        self._prepare_workdirs()
        if not self.settings.in_process:
            processes.limit_threads(self.settings.workers)
            processes.start_server(self.settings.preload)
        with open_table(self.url) as table, self.control.signals():
            self._varying = set(varying_keys(table.columns(limit=_SAMPLE).columns, is_parameter))
            heartbeats = HeartbeatThread(table, self.settings.heartbeat_seconds)
            heartbeats.start()
            try:
                if self.settings.in_process:
                    self._work(0, table, heartbeats)
                else:
                    self._work_in_threads(table, heartbeats)
            finally:
                heartbeats.stop()
            with contextlib.suppress(OSError):
                counts = table.counts()
                self.display.counts(counts)
                self.tally.out_of_time = self._too_late and counts[Status.START] > 0
        self.tally.signal = self.control.signal
        if self._failure is not None:
            raise self._failure
        return self.tally

    def _work_in_threads(self, table: "JobTable", heartbeats: HeartbeatThread) -> None:
        threads = [
            threading.Thread(target=self._slot, args=(slot, heartbeats), name=f"jobman-{slot}")
            for slot in range(self.settings.workers)
        ]
        for thread in threads:
            thread.start()
        counted_at = 0.0
        while any(thread.is_alive() for thread in threads):
            self.control.poll()
            now = time.monotonic()
            if self.display.wants_counts and now >= counted_at + _COUNTS_SECONDS:
                counted_at = now
                with contextlib.suppress(OSError):  # the display can wait for the table
                    self.display.counts(table.counts())
            time.sleep(_POLL_SECONDS)
        self.control.poll()

    def _slot(self, slot: int, heartbeats: HeartbeatThread) -> None:
        """Work with a table of one's own; an error here ends the whole worker."""
        from pylearn2_jobman.jobman.table import open_table

        try:
            with open_table(self.url) as table:
                self._work(slot, table, heartbeats)
        except BaseException as error:
            self._failure = self._failure or error
            self.control.abandon(f"the worker could not continue: {error}")

    def _work(self, slot: int, table: "JobTable", heartbeats: HeartbeatThread) -> None:
        """Run one job after another."""
        while self._may_begin():
            self._take_back(table, heartbeats)
            claim = self._claim(table)
            if claim is None:
                with self._lock:
                    self._begun -= 1
                if not self.settings.wait_for_jobs:
                    return
                self._wait_for_jobs()
                continue
            self._run_job(slot, table, claim, heartbeats)

    def _may_begin(self) -> bool:
        """Take a ticket for one more job, if there may be one."""
        if self.settings.in_process:
            self.control.poll()
        with self._lock:
            if self.control.ending:
                return False
            if 0 < self.settings.jobs <= self._begun:
                return False
            if self.control.seconds_left() < self.settings.min_time_seconds:
                self._too_late = True
                return False
            self._begun += 1
            return True

    def _claim(self, table: "JobTable") -> "Claim | None":
        info: dict[str, Any] = {
            "jobman.sql.host_name": platform.node(),
            "jobman.sql.host_pid": os.getpid(),
            "jobman.sql.start_time": time.time(),
            **batch_ids(),
        }
        policy = RetryPolicy(
            self.settings.retry_for_seconds, self.control.stop, self.display.notice
        )

        def claim() -> "Claim | None":
            try:
                return table.claim(where=self.settings.select, info=info)
            except OSError:
                self._away_at = time.monotonic()
                raise

        return retrying("looking for a job", claim, OSError, policy)

    def _run_job(
        self, slot: int, table: "JobTable", claim: "Claim", heartbeats: HeartbeatThread
    ) -> None:
        flat = flatten(claim.state)
        shown = {key: value for key, value in flat.items() if key in self._varying}
        self.display.started(claim.job_id, shown)
        began = time.monotonic()
        with heartbeats.beating(claim) as monitor:
            job = f"{table.database}/{table.name}/{claim.job_id}"
            left = workdirs.take_over(flat.get("jobman.sql.host_workdir"), job)
            workdir = left or self._new_workdir(job)
            attempt = Attempt(
                table=table,
                claim=claim,
                monitor=monitor,
                root=self.root,
                workdir=workdir,
                taken_over=left is not None,
                slot=slot,
                settings=self.settings,
                control=self.control,
                reporter=self.display,
            )
            try:
                status, error = attempt.run()
            except TableError:
                raise
            except BaseException:  # a mistake in the worker, not in the job: another may have it
                with contextlib.suppress(TableError):
                    table.write_back(claim, claim.state, status=Status.START)
                raise
        if status is not None:
            with self._lock:
                self.tally.ended[status] += 1
            if status is not Status.ERR_SYNC:
                self._remove(workdir)
        self.display.ended(claim.job_id, status, time.monotonic() - began, error)

    def _take_back(self, table: "JobTable", heartbeats: HeartbeatThread) -> None:
        """Give the jobs of dead workers back to the table, now and then.

        Not just after the table was away: then every worker's heartbeat is old, and the living ones
        need a moment to say so.
        """
        beat = self.settings.heartbeat_seconds
        with self._lock:
            now = time.monotonic()
            due = min(_TAKE_BACK_SECONDS, self.settings.lease_seconds / 2)
            away_at = max(self._away_at, heartbeats.away_at)
            if now < max(self._took_back_at + due, away_at + 2 * beat):
                return
            self._took_back_at = now
        with contextlib.suppress(OSError):  # claiming, which comes next, waits for the table
            single_host.refuse_other_hosts(
                table, self.address, platform.node(), self.settings.lease_seconds
            )
            for taken in table.take_back(self.settings.lease_seconds, self.settings.max_restarts):
                self.display.notice(
                    f"job {taken.job_id} is {taken.status.name} again: {taken.reason}"
                )

    def _check_time(self) -> None:
        left = self.control.seconds_left()
        if left < self.settings.min_time_seconds:
            raise UsageError(
                f"no job could ever be begun: --min-time is {self.settings.min_time_seconds:g} s, "
                f"and {max(left, 0):.0f} s are left until the time limit"
            )

    def _wait_for_jobs(self) -> None:
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until and not self.control.ending:
            if self.settings.in_process:
                self.control.poll()
            time.sleep(_POLL_SECONDS)

    def _prepare_workdirs(self) -> None:
        workdir, parent = self.settings.workdir, self.settings.workdir_dir
        try:
            if parent is not None:
                parent.mkdir(parents=True, exist_ok=True)
            if workdir is not None:
                workdir.mkdir(parents=True, exist_ok=True)
                if any(workdir.iterdir()):
                    raise UsageError(
                        f"the working directory {str(workdir)!r} is not empty; it would be emptied "
                        "after every job"
                    )
        except OSError as error:
            raise UsageError(
                f"the working directory {str(workdir or parent)!r} cannot be made: {error.strerror}"
            ) from None

    def _new_workdir(self, job: str) -> Path:
        fixed = self.settings.workdir
        if fixed is None:
            return workdirs.make(self.settings.workdir_dir, job)
        fixed.mkdir(parents=True, exist_ok=True)
        workdirs.write_owner(fixed, job)
        return fixed.absolute()

    def _remove(self, workdir: Path) -> None:
        """Remove a working directory whose files are stored."""
        try:
            shutil.rmtree(workdir)
        except FileNotFoundError:
            pass
        except OSError as error:  # something still writes there; the job is done all the same
            self.display.notice(f"the working directory {workdir} could not be removed: {error}")
