"""How a worker works: what the options of ``jobman sql`` say, checked."""

__all__ = ["WorkerSettings"]

import signal
from dataclasses import dataclass
from pathlib import Path

from pylearn2_jobman.errors import UsageError


@dataclass(frozen=True)
class WorkerSettings:
    """The options of a worker.

    Attributes
    ----------
    jobs
        How many jobs to run; None: until nothing is left.
    workers
        How many jobs to run at once.
    select
        Take only jobs that this comparison holds for (see ``JobTable.claim``).
    workdir
        The one working directory for every job, emptied after each; None: a fresh one for each.
    workdir_dir
        Where fresh working directories are made; None: the system's temporary directory.
    preload
        Modules to import once, before the first job.
    gpus
        CUDA device numbers; the n-th of the concurrent jobs sees the n-th of them, in turn.
    in_process
        Run the experiments in this process, to debug them.
    watch
        Wait for new jobs when nothing is left.
    finish_up_after_seconds, save_every_seconds
        See `pylearn2_jobman.jobman.channel.Channel`.
    time_limit_seconds
        Stop everything, as a signal would, after this time.
    min_time_seconds
        Begin no job when less time than this is left until a limit.
    ends_at
        When a batch system will end the worker, in seconds since 1970.
    stop_signal
        SIGUSR1 or SIGUSR2 if that is to stop the jobs and put them back; otherwise both let them
        finish.
    with_parent
        Stop, as a signal would, once the process that started the worker is gone.
    grace_seconds
        How long a job that was asked to stop may take.
    patience_seconds
        How long to try again while the database or the experiment root is away.
    lease_seconds
        A job without a heartbeat for so long is taken back from its worker.
    heartbeat_every_seconds
        How often to give the sign of life; None: a tenth of the lease.
    max_restarts
        How often that happens to a job before it counts as failed.
    """

    jobs: int | None = 1
    workers: int = 1
    select: str | None = None
    workdir: Path | None = None
    workdir_dir: Path | None = None
    preload: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    in_process: bool = False
    watch: bool = False
    finish_up_after_seconds: float | None = None
    save_every_seconds: float | None = None
    time_limit_seconds: float | None = None
    min_time_seconds: float = 0.0
    ends_at: float | None = None
    stop_signal: signal.Signals | None = None
    with_parent: bool = False
    grace_seconds: float = 60.0
    patience_seconds: float = 3600.0
    lease_seconds: float = 300.0
    heartbeat_every_seconds: float | None = None
    max_restarts: int = 3

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageError(f"there must be at least one worker, not {self.workers}")
        if self.in_process and self.workers > 1:
            raise UsageError("one process runs one job at a time: --in-process without -j")
        if self.workdir is not None and self.workers > 1:
            raise UsageError(
                "several jobs at once cannot share --workdir; give --workdir-dir, below which "
                "each gets its own"
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
