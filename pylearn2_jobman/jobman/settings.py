"""How a worker works: what the options of ``jobman sql`` say, checked."""

__all__ = ["WorkerSettings"]

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
    grace_seconds
        How long a job that was asked to stop may take.
    patience_seconds
        How long to try again while the database or the experiment root is away.
    lease_seconds
        A job without a heartbeat for so long is taken back from its worker.
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
    grace_seconds: float = 60.0
    patience_seconds: float = 3600.0
    lease_seconds: float = 300.0
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

    @property
    def heartbeat_seconds(self) -> float:
        """How often to write the heartbeat: several may be lost before the lease runs out."""
        return self.lease_seconds / 10
