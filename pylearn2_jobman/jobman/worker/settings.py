"""How a worker works: the options of ``jobman sql``, checked."""

__all__ = ["WorkerSettings"]

import signal
from dataclasses import dataclass
from pathlib import Path

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.search.pruning import Pruning


@dataclass(frozen=True)
class WorkerSettings:
    """The options of ``jobman sql``, whose help explains them, and their defaults.

    Attributes
    ----------
    select
        See ``JobTable.claim``.
    threads
        See `pylearn2_jobman.jobman.worker.threads.thread_variables`.
    gpus
        CUDA device numbers; the n-th of the concurrent jobs sees the n-th of them, in turn.
    finish_up_after_seconds, save_every_seconds
        See `pylearn2_jobman.jobman.channel.Channel`.
    job_time_limit_seconds
        How long one attempt at a job may take; the job's own ``jobman.time_limit`` may be shorter.
    on_time_limit
        What becomes of a job that reaches it: ``'fail'``, or ``'requeue'``, to go on later,
        ``max_restarts`` times at most.
    retry, retries
        Errors like which patterns are tried again, and how often.
    stop_after
        How many jobs in a row have to fail with the same error to end the worker.
    stop_signal
        SIGUSR1 or SIGUSR2 if that is to stop the jobs and put them back; otherwise both let them
        finish.
    prune
        Which jobs are stopped early; a search's trials go by what the search says.
    ends_at
        When a batch system will end the worker, in seconds since 1970; not an option.
    """

    jobs: int = 1
    workers: int = 1
    select: str | None = None
    wait_for_jobs: bool = False
    workdir: Path | None = None
    workdir_dir: Path | None = None
    threads: int | None = None
    preload: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    finish_up_after_seconds: float | None = None
    save_every_seconds: float | None = 600
    time_limit_seconds: float | None = None
    min_time_seconds: float = 0
    stop_signal: signal.Signals | None = None
    with_parent: bool = False
    grace_seconds: float = 60
    retry_for_seconds: float = 3600
    lease_seconds: float = 300
    heartbeat_every_seconds: float | None = None
    max_restarts: int = 3
    job_time_limit_seconds: float | None = None
    on_time_limit: str = "fail"
    retry: tuple[str, ...] = ()
    retries: int = 3
    stop_after: int | None = None
    prune: Pruning | None = None
    in_process: bool = False
    ends_at: float | None = None

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageError(f"there must be at least one worker, not {self.workers}")
        if self.in_process and self.workers > 1:
            raise UsageError("one process runs one job at a time: --in-process without -j")
        if self.in_process and self.threads is not None:
            raise UsageError("--threads is for processes of the jobs' own: not with --in-process")
        if self.workdir is not None and self.workers > 1:
            raise UsageError(
                "several jobs at once cannot share --workdir; give --workdir-dir, below which "
                "each gets its own"
            )
        if self.job_time_limit_seconds is not None and not self.job_time_limit_seconds > 0:
            raise UsageError(
                f"--job-time-limit is a time above 0, not {self.job_time_limit_seconds:g} s"
            )
        if self.lease_seconds <= 0:
            raise UsageError(f"--lease is a time in seconds above 0, not {self.lease_seconds}")
        if not 0 < self.heartbeat_seconds <= self.lease_seconds / 2:
            raise UsageError(
                f"--heartbeat is a time above 0 and at most half the lease, so that one may be "
                f"lost: not {self.heartbeat_seconds:g} s with --lease {self.lease_seconds:g}"
            )

    @property
    def heartbeat_seconds(self) -> float:
        """How often to write the heartbeat: several may be lost before the lease runs out."""
        if self.heartbeat_every_seconds is not None:
            return self.heartbeat_every_seconds
        return self.lease_seconds / 10
