"""A request to an engine: the worker, how many of it, and the resources of each."""

__all__ = ["WARNING_SECONDS", "Request", "Resources", "Say", "gravest"]

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.command import WorkerCommand
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.table import single_host

WARNING_SECONDS = 120
Say = Callable[[str], None]
"""Shows a message to the user."""


@dataclass(frozen=True)
class Resources:
    """The resources that a batch system gives each worker; None: its default.

    Attributes
    ----------
    queue, project
        The queue (Slurm's partition) and the account.
    seconds
        The time limit.
    cores, gpus
        How many.
    memory_mib
        How much, in MiB.
    """

    queue: str | None = None
    project: str | None = None
    seconds: float | None = None
    cores: int | None = None
    gpus: int | None = None
    memory_mib: int | None = None


@dataclass(frozen=True)
class Request:
    """Workers to be started by an engine.

    Attributes
    ----------
    command
        The worker.
    workers
        How many.
    resources
        Of each.
    min_time_seconds
        Begin no job when less time than this is left.
    warning_seconds
        How long before the time limit the jobs are stopped, so that they can be continued.
    """

    command: WorkerCommand
    workers: int
    resources: Resources = field(default_factory=Resources)
    min_time_seconds: float = 0.0
    warning_seconds: int = WARNING_SECONDS

    @property
    def counted(self) -> str:
        """How many, for a person: ``1 worker``, ``200 workers``."""
        return f"{self.workers} {plural(self.workers, 'worker')}"

    def check_table(self, *, one_host: bool) -> None:
        """Raise, before anything waits in a queue, if the workers could not use the table.

        Raises
        ------
        UsageError
            If there is no such table, or it is an SQLite file that several hosts would share.
        TableUnreachableError
            If the database does not answer.
        """
        from pylearn2_jobman.jobman.table import open_table

        if not one_host:
            single_host.refuse_network_file(Address.parse(self.command.url))
        open_table(self.command.url, create=False).close()

    def check_time(self, seconds: float | None) -> None:
        """Raise if a time limit leaves no time for a job."""
        if seconds is not None and seconds <= self.warning_seconds + self.min_time_seconds:
            needs = f", and a job takes {self.min_time_seconds:g} s (--min-time)"
            raise UsageError(
                f"a time limit of {seconds:g} s leaves no time for a job: they are stopped "
                f"{self.warning_seconds} s before it (--warning)"
                + (needs if self.min_time_seconds else "")
            )


def gravest(codes: Iterable[int]) -> int:
    """Return the exit code for a number of workers that left with these."""
    return max((128 - code if code < 0 else code for code in codes), default=0)
