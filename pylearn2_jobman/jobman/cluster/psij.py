"""Workers as batch jobs through PSI/J, which speaks PBS, LSF, Slurm and others."""

__all__ = ["ENGINES", "launch"]

import datetime
from collections.abc import Mapping
from typing import Any

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.request import Request, Resources, Say, gravest

ENGINES = ("pbs", "pbs_classic", "lsf", "slurm", "local")


def launch(
    request: Request, engine: str, say: Say, attributes: Mapping[str, str] | None = None
) -> int:
    """Submit workers, and say what the batch system calls them; wait for them if it is `local`.

    Before the time limit the worker itself stops its jobs and puts them back.

    Parameters
    ----------
    request
        What is wanted.
    engine
        One of `ENGINES`.
    say
        Told the numbers.
    attributes
        What else the system understands, as PSI/J names it: ``{"pbs.l": "mem=4gb"}``.

    Raises
    ------
    UsageError
        If PSI/J is not installed, the time limit is missing or too short, the batch system's
        commands are not here, or it refuses, in its own words.
    """
    try:
        import psij
    except ImportError:
        raise UsageError("--psij needs PSI/J: pip install 'pylearn2_jobman[psij]'") from None
    seconds = request.resources.seconds
    if seconds is None and engine != "local":
        raise UsageError("--psij needs --time: without it PSI/J asks for ten minutes")
    request.check_time(seconds)
    specification = _specification(psij, request, attributes or {})
    executor = psij.JobExecutor.get_instance(engine)
    jobs: list[Any] = []
    for _ in range(request.workers):
        job = psij.Job(specification)
        try:
            executor.submit(job)
        except FileNotFoundError as error:
            raise UsageError(
                f"there is no {error.filename} on this machine: launch from one where {engine} "
                "takes jobs"
            ) from None
        except (psij.SubmitException, psij.InvalidJobException) as error:
            raise UsageError(
                f"{engine} refuses: {error} ({len(jobs)} of {request.counted} submitted)"
            ) from error
        jobs.append(job)
    say(f"Submitted {request.counted} to {engine}: {' '.join(str(j.native_id) for j in jobs)}")
    if engine == "local":
        return gravest(_exit_code(job.wait()) for job in jobs)
    say(f"  watch: jobman launch --status {request.command.shown_table}")
    return 0


def _specification(psij: Any, request: Request, attributes: Mapping[str, str]) -> Any:
    """Return what PSI/J calls a job's specification."""
    options = []
    if request.resources.seconds is not None:
        limit = request.resources.seconds - request.warning_seconds
        options += ["--time-limit", f"{limit:g}"]
    if request.min_time_seconds:
        options += ["--min-time", f"{request.min_time_seconds:g}"]
    program, *arguments = request.command.process(*options)
    return psij.JobSpec(
        executable=program,
        arguments=arguments,
        directory=request.command.directory,
        name=f"jobman-{request.command.table}",
        resources=_resources(psij, request.resources),
        attributes=psij.JobAttributes(
            queue_name=request.resources.queue,
            account=request.resources.project,
            custom_attributes=dict(attributes) or None,
            **_duration(request.resources.seconds),
        ),
    )


def _resources(psij: Any, resources: Resources) -> Any:
    memory = resources.memory_mib
    return psij.ResourceSpecV1(
        process_count=1,
        cpu_cores_per_process=resources.cores or 1,
        gpu_cores_per_process=resources.gpus or 0,
        memory=None if memory is None else memory * 2**20,
    )


def _duration(seconds: float | None) -> dict[str, datetime.timedelta]:
    return {} if seconds is None else {"duration": datetime.timedelta(seconds=seconds)}


def _exit_code(status: Any) -> int:
    """Return the exit code of a job that has ended; one that never ran counts as failed."""
    return 1 if status is None or status.exit_code is None else int(status.exit_code)
