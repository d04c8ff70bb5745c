"""Workers as batch jobs through PSI/J, which speaks PBS, LSF, Slurm and others."""

__all__ = ["PsiJ"]

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.engine import BATCH_OPTIONS, Engine
from pylearn2_jobman.jobman.cluster.request import Request, Resources, Say, gravest


@dataclass(frozen=True)
class PsiJ(Engine):
    """Workers as jobs of a batch system that PSI/J speaks to.

    Attributes
    ----------
    system
        The batch system, as PSI/J calls it.
    attribute
        ``NAME=VALUE`` that the system understands, as PSI/J names them: ``pbs.l=mem=4gb``.
    """

    system: str
    attribute: Sequence[str] = ()

    place: ClassVar = "PSI/J"
    choice: ClassVar = {
        "type": click.Choice(["pbs", "pbs_classic", "lsf", "slurm", "local"]),
        "help": "As jobs of a batch system, by PSI/J.",
    }
    options: ClassVar = {
        **BATCH_OPTIONS,
        "--attribute": {
            "multiple": True, "default": (), "metavar": "NAME=VALUE",
            "help": "a custom attribute, such as pbs.l=mem=4gb; repeatable.",
        },
    }  # fmt: skip

    def __post_init__(self) -> None:
        for attribute in self.attribute:
            if "=" not in attribute:
                raise UsageError(f"--attribute is NAME=VALUE, not {attribute!r}")

    @property
    def is_one_host(self) -> bool:
        """Whether all workers will be on this machine."""
        return self.system == "local"

    def launch(self, request: Request, say: Say) -> int:
        """Submit workers, and report their numbers; wait for them if the system is ``local``.

        Before the time limit the worker itself stops its jobs and puts them back.
        """
        try:
            import psij
        except ImportError:
            raise UsageError("--psij needs PSI/J: pip install 'pylearn2_jobman[psij]'") from None
        seconds = request.resources.seconds
        if seconds is None and not self.is_one_host:
            raise UsageError("--psij needs --time: without it PSI/J asks for ten minutes")
        request.check_time(seconds)
        attributes = dict(attribute.split("=", 1) for attribute in self.attribute)
        specification = _specification(psij, request, attributes)
        executor = psij.JobExecutor.get_instance(self.system)
        jobs: list[Any] = []
        for _ in range(request.workers):
            job = psij.Job(specification)
            try:
                executor.submit(job)
            except FileNotFoundError as error:
                raise UsageError(
                    f"there is no {error.filename} on this machine: launch from one where "
                    f"{self.system} takes jobs"
                ) from None
            except (psij.SubmitException, psij.InvalidJobException) as error:
                raise UsageError(
                    f"{self.system} refuses: {error} ({len(jobs)} of {request.counted} submitted)"
                ) from error
            jobs.append(job)
        numbers = " ".join(str(job.native_id) for job in jobs)
        say(f"Submitted {request.counted} to {self.system}: {numbers}")
        if self.is_one_host:
            return gravest(_exit_code(job.wait()) for job in jobs)
        say(f"  watch: jobman launch --status {request.command.shown_table}")
        return 0


def _specification(psij: Any, request: Request, attributes: dict[str, str]) -> Any:
    """Return a job's specification, in PSI/J's terms."""
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
            custom_attributes=attributes or None,
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
