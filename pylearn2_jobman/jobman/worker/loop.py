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
import re
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pylearn2_jobman.errors import (
    ClaimLostError,
    TableError,
    TableUnreachableError,
    UsageError,
    WorkerDiskError,
)
from pylearn2_jobman.jobman.bookkeeping import Bookkeeping
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.job import Wanted
from pylearn2_jobman.jobman.endings import How
from pylearn2_jobman.jobman.files.roots import ExperimentRoot
from pylearn2_jobman.jobman.files.workdir import WorkDirectory, remove_given_up
from pylearn2_jobman.jobman.query.keys import is_parameter, varying_keys
from pylearn2_jobman.jobman.search import PROPOSE
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import FAILED, Status
from pylearn2_jobman.jobman.table import single_host
from pylearn2_jobman.jobman.tracebacks import summary, tail
from pylearn2_jobman.jobman.worker.attempt import Attempt, Reporter
from pylearn2_jobman.jobman.worker.control import Control
from pylearn2_jobman.jobman.worker.heartbeat import ClaimMonitor, HeartbeatThread
from pylearn2_jobman.jobman.worker.processes import ForkServer
from pylearn2_jobman.jobman.worker.provenance import batch_ids
from pylearn2_jobman.jobman.worker.relay import Relay
from pylearn2_jobman.jobman.worker.retry import RetryPolicy, retrying
from pylearn2_jobman.jobman.worker.settings import WorkerSettings
from pylearn2_jobman.jobman.worker.threads import thread_variables

if TYPE_CHECKING:
    import signal

    from pylearn2_jobman.jobman.database.job import Claim
    from pylearn2_jobman.jobman.table import JobTable

T = TypeVar("T")

EXIT_OUT_OF_TIME = 75  # EX_TEMPFAIL of sysexits.h: try again later

_POLL_SECONDS = 0.1
_COUNTS_SECONDS = 1.0
_WAIT_SECONDS = 5.0
_AGAIN_SECONDS = 0.5  # at least: another client may have locked a job, or be proposing some
_SAMPLE = 500  # jobs that are looked at to see which hyper-parameters vary
_TAKE_BACK_SECONDS = 30.0
_JUMP_SECONDS = 1.0  # more than a clock is slewed by, or read late, between two looks
_NUMBERS = re.compile(
    r"0x[0-9a-f]+|\d+"
)  # in which errors that are the same differ: sizes, ids, addresses


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
    same_error
        The error with which so many jobs in a row failed that it left; None if it did not.
    """

    ended: Counter[Status] = field(default_factory=Counter)
    signal: "signal.Signals | None" = None
    out_of_time: bool = False
    same_error: str | None = None

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
        self._server: ForkServer | None = None
        self._lock = threading.Lock()
        self._begun = 0
        self._busy = 0
        self._proposed = 0
        self._varying: set[str] = set()
        self._took_back_at = -math.inf
        self._away_at = -math.inf
        self._too_late = False
        self._clock_offset = time.time() - time.monotonic()
        self._failed_alike: tuple[str, int] = ("", 0)
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
        self._check_time()
        # A misspelt table would be made, and have no jobs; only who waits for jobs may come first.
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.control.signals())
            table = stack.enter_context(self._open(create=self.settings.wait_for_jobs))
            if self.settings.select and not self.settings.wait_for_jobs:
                table.jobs(where=self.settings.select)  # a key that no job has is an error
            self.root.prepare()
            self._prepare_workdirs()
            if not self.settings.in_process:
                variables = thread_variables(self.settings.threads, os.environ)
                self._server = stack.enter_context(
                    ForkServer(self.settings.preload, os.environ | variables)
                )
            with contextlib.suppress(Exception):  # for the display alone
                columns = table.columns(limit=_SAMPLE).columns
                self._varying = set(varying_keys(columns, is_parameter))
            heartbeats = HeartbeatThread(table, self.settings.heartbeat_seconds)
            heartbeats.start()
            try:
                if self.settings.in_process:
                    self._work(0, table, heartbeats)
                else:
                    self._work_in_threads(table, heartbeats)
            finally:
                heartbeats.stop()
            remove_given_up(self.settings.workdir_dir or Path(tempfile.gettempdir()))
            with contextlib.suppress(Exception):
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
                with contextlib.suppress(Exception):  # a display is worth no job
                    self.display.counts(table.counts())
            time.sleep(_POLL_SECONDS)
        self.control.poll()

    def _slot(self, slot: int, heartbeats: HeartbeatThread) -> None:
        """Work with a table of one's own; what goes wrong here ends the whole worker."""
        try:
            with self._open() as table:
                self._work(slot, table, heartbeats)
        except BaseException as error:
            self._failure = self._failure or error
            self.control.abandon(f"the worker could not continue: {error}")

    def _work(self, slot: int, table: "JobTable", heartbeats: HeartbeatThread) -> None:
        """Run one job after another."""
        relay = Relay(heartbeats, lambda: self._following(heartbeats), self._not_begun)
        try:
            while not self.control.ending:
                monitor = relay.next()
                if monitor is None:
                    if not self._may_begin():
                        return
                    self._take_back(table, heartbeats)
                    claim = self._claim(table)
                    if claim is None:
                        self._not_begun()
                        if not self._wait_for_jobs(table):
                            return
                        continue
                    monitor = heartbeats.add(claim)
                try:
                    self._run_job(slot, table, monitor, relay)
                finally:
                    heartbeats.discard(monitor)
        finally:
            if (monitor := relay.next()) is not None:  # the worker is to end meanwhile
                heartbeats.discard(monitor)
                self._release(table, monitor.claim)

    def _following(self, heartbeats: HeartbeatThread) -> Wanted | None:
        """Return which job to claim as one ends; None if something else comes first."""
        if self._takes_back_now(heartbeats) or not self._may_begin():
            return None
        return self._wanted()

    def _not_begun(self) -> None:
        with self._lock:
            self._begun -= 1

    def _release(self, table: "JobTable", claim: "Claim") -> None:
        """Let another worker have a job, if the table can be reached."""
        with contextlib.suppress(TableError):
            table.write_back(claim, claim.state, status=Status.START)

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

    def _wanted(self) -> Wanted:
        info: dict[str, Any] = {
            "jobman.sql.host_name": platform.node(),
            "jobman.sql.host_pid": os.getpid(),
            "jobman.sql.start_time": time.time(),
            **batch_ids(),
        }
        return Wanted(self.settings.select, info)

    def _claim(self, table: "JobTable") -> "Claim | None":
        wanted = self._wanted()

        def claim() -> "Claim | None":
            try:
                return table.claim(where=wanted.where, info=wanted.info)
            except TableUnreachableError:
                self._away_at = time.monotonic()
                raise

        return self._retrying("looking for a job", claim)

    def _retrying(self, task: str, operation: Callable[[], T]) -> T:
        """Try again while the table is away, until the worker is to stop."""
        policy = RetryPolicy(
            self.settings.retry_for_seconds,
            self.control.stop,
            self.display.notice,
            self.control.poll,
        )
        return retrying(task, operation, TableUnreachableError, policy)

    def _open(self, *, create: bool = True) -> "JobTable":
        from pylearn2_jobman.jobman.table import open_table

        return self._retrying("opening the table", lambda: open_table(self.url, create=create))

    def _run_job(self, slot: int, table: "JobTable", monitor: ClaimMonitor, relay: Relay) -> None:
        """Run a claimed job; whatever goes wrong with it here ends that job alone."""
        claim = monitor.claim
        began = time.monotonic()
        workdir: WorkDirectory | None = None
        error: str | None
        proposes = claim.state.get("jobman", {}).get("experiment") == PROPOSE
        with self._lock:
            self._busy += not proposes
            free_slots = self.settings.workers - self._busy
            if self.settings.jobs > 0:
                free_slots = min(free_slots, self.settings.jobs - self._begun + 1)
        try:
            flat = flatten(claim.state)
            shown = {key: value for key, value in flat.items() if key in self._varying}
            if not proposes:
                self.display.started(claim.job_id, shown)
            workdir = self._workdir(table, claim, flat)
            attempt = Attempt(
                table=table,
                monitor=monitor,
                root=self.root,
                workdir=workdir,
                slot=slot,
                server=self._server,
                settings=self.settings,
                control=self.control,
                reporter=self.display,
                relay=relay,
                table_url=self.address.anywhere,
                free_slots=free_slots,
            )
            status, error = attempt.run()
        except (TableUnreachableError, WorkerDiskError):
            raise
        except Exception as mistake:
            status, error = self._end_by_mistake(table, monitor.claim, workdir, mistake)
        except BaseException:  # the worker is to end at once: another may have the job
            self._release(table, monitor.claim)
            raise
        finally:
            if workdir is not None:
                if workdir.given_up:
                    self._remove(workdir)
                workdir.close()
        with self._lock:
            self._busy -= not proposes
            self._begun -= proposes  # it makes jobs, and is none to count
            self._proposed += proposes
        if proposes and status not in FAILED:
            return
        self._count(status, error, workdir)
        self.display.ended(claim.job_id, status, time.monotonic() - began, error)

    def _count(
        self, status: Status | None, error: str | None, workdir: WorkDirectory | None
    ) -> None:
        """Note how a job ended, and begin no other if too many in a row failed alike."""
        with self._lock:
            if status is not None:
                self.tally.ended[status] += 1
            if status is Status.DONE:
                self._failed_alike = ("", 0)
            if status not in FAILED or error is None:
                return
            line = summary(error if workdir is None else error.replace(str(workdir.path), "DIR"))
            kind = _NUMBERS.sub("#", line)
            before, times = self._failed_alike
            self._failed_alike = (kind, times + 1 if kind == before else 1)
            if self._failed_alike[1] == self.settings.stop_after:
                self.tally.same_error = line
                self.control.drain.set()

    def _workdir(self, table: "JobTable", claim: "Claim", flat: dict[str, Any]) -> WorkDirectory:
        """Return the directory that the job's last attempt left here, or a new one.

        Raises
        ------
        WorkerDiskError
            If none can be made: no job could be run. This one waits again.
        """
        job = f"{table.database}/{table.name}/{claim.job_id}"
        left = WorkDirectory.take_over(Bookkeeping.read(flat).workdir, job)
        if left is not None:
            return left
        fixed, parent = self.settings.workdir, self.settings.workdir_dir
        try:
            if fixed is not None:
                return WorkDirectory.use(fixed, job)
            return WorkDirectory.make(parent, job)
        except OSError as error:
            self._release(table, claim)
            where = fixed or parent or tempfile.gettempdir()
            raise WorkerDiskError(f"no working directory can be made in {where}: {error}") from None

    def _end_by_mistake(
        self,
        table: "JobTable",
        claim: "Claim",
        workdir: WorkDirectory | None,
        mistake: Exception,
    ) -> tuple[Status | None, str]:
        """End a job that this worker could not handle; its directory is kept.

        Values are checked where they come in, so that this is a mistake of the program, or of the
        database: what was seen goes into ``jobman.error``.
        """
        place = "" if workdir is None else f" What the job did is kept in {workdir.path}."
        error = (
            "the worker could not handle this job. That is a mistake of jobman: please report it."
            f"{place}\n{tail(''.join(traceback.format_exception(mistake)))}"
        )
        self.display.notice(f"job {claim.job_id}: {error}")
        if workdir is not None:
            with contextlib.suppress(OSError):
                workdir.own()
        try:
            table.fail(claim, How.FAULT.status, error)
        except ClaimLostError:
            return None, error
        return Status.ERR_RUN, error

    def _takes_back_now(self, heartbeats: HeartbeatThread) -> bool:
        now = time.monotonic()
        offset = time.time() - now
        if abs(offset - self._clock_offset) > _JUMP_SECONDS:
            self._clock_offset, self._away_at = offset, now
        due = min(_TAKE_BACK_SECONDS, self.settings.lease_seconds / 2)
        away_at = max(self._away_at, heartbeats.away_at)
        return now >= max(self._took_back_at + due, away_at + 2 * self.settings.heartbeat_seconds)

    def _take_back(self, table: "JobTable", heartbeats: HeartbeatThread) -> None:
        """Give the jobs of dead workers back to the table, now and then.

        Not just after the table was away, or, as SQLite's clock is this machine's, it was set: then
        every worker's heartbeat is old, and the living ones need a moment to say so.
        """
        with self._lock:
            if not self._takes_back_now(heartbeats):
                return
            self._took_back_at = time.monotonic()
        with contextlib.suppress(TableUnreachableError):  # claiming, which comes next, waits for it
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

    def _wait_for_jobs(self, table: "JobTable") -> bool:
        """Wait until it is worth looking for a job again; return False if nothing is to come."""

        def soonest() -> float | None:
            return table.next_in(self.settings.select)

        # First: what a search has proposed by its end waits then.
        is_searching = self._retrying("looking for a job", lambda: self._is_searching(table))
        pause = self._retrying("looking for a job", soonest)
        if pause is None and not is_searching and not self.settings.wait_for_jobs:
            return False
        proposed = self._proposed
        pause = _WAIT_SECONDS if pause is None else min(pause, _WAIT_SECONDS)
        until = time.monotonic() + (_AGAIN_SECONDS if is_searching else max(pause, _AGAIN_SECONDS))
        while time.monotonic() < until and not self.control.ending:
            if self.settings.in_process:
                self.control.poll()
            time.sleep(_POLL_SECONDS)
            if proposed != self._proposed:
                break
        return True

    def _is_searching(self, table: "JobTable") -> bool:
        """Return whether a search that this worker may carry on has trials to propose."""
        unfinished = f"jobman.experiment = {PROPOSE}"
        if self.settings.select:
            unfinished += f" and ({self.settings.select})"
        return table.count(status=(Status.START, Status.RUNNING), where=unfinished) > 0

    def _prepare_workdirs(self) -> None:
        workdir, parent = self.settings.workdir, self.settings.workdir_dir
        try:
            if parent is not None:
                parent.mkdir(parents=True, exist_ok=True)
            if workdir is not None:
                workdir.mkdir(mode=0o700, parents=True, exist_ok=True)
                if any(workdir.iterdir()):
                    raise UsageError(
                        f"the working directory {str(workdir)!r} is not empty; it would be emptied "
                        "after every job"
                    )
        except OSError as error:
            raise UsageError(
                f"the working directory {str(workdir or parent)!r} cannot be made: {error.strerror}"
            ) from None

    def _remove(self, workdir: WorkDirectory) -> None:
        """Remove a working directory whose files are stored."""
        try:
            workdir.remove()
        except OSError as error:  # something still writes there; the job is done all the same
            self.display.notice(
                f"the working directory {workdir.path} could not be removed: {error}"
            )
