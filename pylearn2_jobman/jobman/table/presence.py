"""Which workers there are: by the heartbeats, hosts and process numbers of the running jobs."""

__all__ = ["Presence", "present"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table.job_table import JobTable

_UNKNOWN = "(unknown)"


@dataclass
class Presence:
    """A worker that holds jobs.

    Attributes
    ----------
    host
        The machine, as it calls itself.
    pid
        Its process there; None if the job does not say.
    batch
        What the batch system calls it: ``slurm 12_3 on n2``; empty without one.
    jobs
        The ids of the jobs that it runs.
    silent_seconds
        The age of its last sign of life; None if it never gave one, as LISA's workers do not.
    """

    host: str
    pid: int | None
    batch: str
    jobs: list[int] = field(default_factory=list)
    silent_seconds: float | None = None

    def is_alive(self, lease_seconds: float) -> bool:
        """Return whether it has given a sign of life within the lease."""
        return self.silent_seconds is not None and self.silent_seconds <= lease_seconds


def present(table: "JobTable") -> list[Presence]:
    """Return the workers that hold the running jobs, in order of host and process."""
    workers: dict[tuple[str, int | None], Presence] = {}
    now = table.now()
    for job in table.jobs(status=Status.RUNNING):
        flat = flatten(job.state)
        host = str(flat.get("jobman.sql.host_name", _UNKNOWN))
        pid = flat.get("jobman.sql.host_pid")
        key = (host, pid if isinstance(pid, int) else None)
        worker = workers.setdefault(key, Presence(*key, _batch(flat)))
        worker.jobs.append(job.id)
        if job.heartbeat is not None:
            age = max((now - job.heartbeat).total_seconds(), 0.0)
            known = worker.silent_seconds
            worker.silent_seconds = age if known is None else min(known, age)
    return sorted(workers.values(), key=lambda worker: (worker.host, worker.pid or 0))


def _batch(flat: Mapping[str, Any]) -> str:
    """Return the batch system's own name for the worker that a job's state notes."""
    if "jobman.sql.slurm_job_id" in flat:
        number = flat["jobman.sql.slurm_job_id"]
        if "jobman.sql.slurm_array_task_id" in flat:
            array = flat.get("jobman.sql.slurm_array_job_id", number)
            number = f"{array}_{flat['jobman.sql.slurm_array_task_id']}"
        node = flat.get("jobman.sql.slurmd_nodename")
        return f"slurm {number}" + (f" on {node}" if node else "")
    for key, system in (("jobman.sql.pbs_jobid", "pbs"), ("jobman.sql.lsb_jobid", "lsf")):
        if key in flat:
            return f"{system} {flat[key]}"
    return ""
