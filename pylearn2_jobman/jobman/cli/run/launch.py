"""``jobman launch``: workers on a cluster, through an engine that exists."""

__all__ = ["Choice", "launch", "start"]

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import click
from click.core import ParameterSource

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.status import print_counts
from pylearn2_jobman.jobman.cli.run.sql import sql
from pylearn2_jobman.jobman.cluster.command import WorkerCommand
from pylearn2_jobman.jobman.cluster.duration import parse_duration
from pylearn2_jobman.jobman.cluster.psij import ENGINES
from pylearn2_jobman.jobman.cluster.request import WARNING_SECONDS, Request, Resources
from pylearn2_jobman.jobman.formatting import duration

_WHERE = {
    "slurm": "Slurm", "dask": "the Dask cluster", "psij": "PSI/J", "ssh": "the hosts",
    "local": "this machine",
}  # fmt: skip
_FOR = {
    **dict.fromkeys(("--sbatch", "--srun", "--array-limit"), ("slurm",)),
    **dict.fromkeys(
        ("--queue", "--project", "--time", "--warning", "--min-time"), ("slurm", "psij")
    ),
    "--attribute": ("psij",),
}


@command(
    "jobman launch --slurm -n 200 --sbatch='--partition=gpu --gres=gpu:1 --time=4:00:00' \\\n"
    "      --setup='module load cuda; source ~/venv/bin/activate' --python=python \\\n"
    "      'postgres://user@host/lab?table=mlp' experiments --import torch\n"
    "jobman launch --status 'postgres://user@host/lab?table=mlp'",
    # What stands after EXPROOT are the worker's options.
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("table", metavar="DB")
@click.argument("exproot", required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[WORKER OPTIONS]...")
@click.option("--slurm", is_flag=True, help="As an array of Slurm jobs.")
@click.option(
    "--dask",
    metavar="ADDRESS|local",
    help="As tasks of the Dask cluster with this scheduler (tcp://host:8786), or of one here.",
)
@click.option("--psij", type=click.Choice(ENGINES), help="As jobs of a batch system, by PSI/J.")
@click.option("--ssh", metavar="HOST,HOST", help="On these hosts, by ssh (Dask's SSHCluster).")
@click.option("--local", is_flag=True, help="As processes here.")
@click.option("--status", is_flag=True, help="Show the workers and the table's counts instead.")
@click.option("--print", "only_print", is_flag=True, help="Show what would be run instead.")
@click.option(
    "-n",
    "workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many workers.",
)
@click.option("--setup", default="", metavar="COMMANDS", help="Shell commands before the worker.")
@click.option(
    "--python",
    default=sys.executable,
    metavar="PROGRAM",
    help="The worker's Python, such as the one --setup activates  [default: this one].",
)
@click.option("--queue", metavar="NAME", help="Slurm, PSI/J: the queue or partition.")
@click.option("--project", metavar="NAME", help="Slurm, PSI/J: the account.")
@click.option("--time", "limit", metavar="[DAYS-]H:M:S", help="Slurm, PSI/J: the time limit.")
@click.option(
    "--warning",
    type=click.IntRange(min=1),
    default=WARNING_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Slurm, PSI/J: stop the jobs, to be continued later, so long before the time limit.",
)
@click.option(
    "--min-time",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Slurm, PSI/J: begin no job when less time than this is left before that.",
)
@click.option(
    "--array-limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Slurm: at most so many workers at once.",
)
@click.option("--sbatch", default="", metavar="OPTIONS", help="Slurm: further options of sbatch.")
@click.option(
    "--srun",
    metavar="OPTIONS",
    help="Slurm: start the worker through srun, with these options (may be empty).",
)
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=VALUE",
    help="PSI/J: a custom attribute, such as pbs.l=mem=4gb; repeatable.",
)
def launch(
    table: str,
    exproot: str | None,
    options: tuple[str, ...],
    status: bool,
    only_print: bool,
    workers: int,
    setup: str,
    python: str,
    queue: str | None,
    project: str | None,
    limit: str | None,
    warning: int,
    min_time: float,
    array_limit: int | None,
    sbatch: str,
    srun: str | None,
    attributes: tuple[str, ...],
    **engines: object,
) -> int:
    """Start workers on a cluster.

    The table stays the queue: each worker takes jobs until none is left. WORKER OPTIONS are those
    of `jobman sql`. Workers start in this directory, with this Python unless --python names one.

    Slurm and PSI/J are given the workers, and the command ends. --local, --dask and --ssh wait
    until the workers have left; Ctrl-C asks them to stop.
    """
    chosen = [name for name, value in engines.items() if value]
    if status:
        show_workers(table)
        return 0
    if len(chosen) != 1:
        names = ", ".join(f"--{name}" for name in engines)
        raise click.UsageError(f"by what? Give one of {names}; or --status")
    if exproot is None:
        raise click.UsageError("missing EXPROOT, where the files of the jobs are kept")
    context = click.get_current_context()
    given = {
        "--sbatch": bool(sbatch), "--srun": srun is not None, "--array-limit": bool(array_limit),
        "--queue": bool(queue), "--project": bool(project), "--time": bool(limit),
        "--min-time": bool(min_time), "--attribute": bool(attributes),
        "--warning": context.get_parameter_source("warning") is not ParameterSource.DEFAULT,
    }  # fmt: skip
    _check_engine(chosen[0], [name for name, is_given in given.items() if is_given])
    request = Request(
        WorkerCommand(table, exproot, _without_separator(options), setup, python),
        workers,
        Resources(queue, project, None if limit is None else parse_duration(limit)),
        min_time,
        warning,
    )
    return start(
        request,
        Choice(chosen[0], str(engines[chosen[0]])),
        only_print=only_print,
        at_once=array_limit,
        sbatch=sbatch,
        srun=srun,
        attributes=dict(_named(attribute) for attribute in attributes),
    )


@dataclass(frozen=True)
class Choice:
    """An engine, and which of those that it speaks to: ``dask`` at an address, ``psij`` for PBS."""

    engine: str
    which: str = ""

    @property
    def is_one_host(self) -> bool:
        """Whether all workers will be on this machine."""
        return "local" in (self.engine, self.which)


def start(
    request: Request,
    choice: Choice,
    *,
    only_print: bool = False,
    at_once: int | None = None,
    sbatch: str = "",
    srun: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> int:
    """Start workers by an engine, or print what would be started; return an exit code."""
    _check_options(request.command)
    request.check_table(one_host=choice.is_one_host)
    if only_print:
        _show(request, choice.engine, at_once=at_once, sbatch=sbatch, srun=srun)
        return 0
    if choice.engine == "slurm":
        from pylearn2_jobman.jobman.cluster import slurm

        return slurm.launch(request, click.echo, at_once=at_once, sbatch=sbatch, srun=srun)
    if choice.engine == "psij":
        from pylearn2_jobman.jobman.cluster import psij

        return psij.launch(request, choice.which, click.echo, attributes)
    if choice.engine == "local":
        from pylearn2_jobman.jobman.cluster import local

        return local.launch(request, click.echo)
    from pylearn2_jobman.jobman.cluster import dask

    if choice.engine == "dask" and not choice.is_one_host:
        return dask.launch(request, choice.which, click.echo)
    hosts = [host.strip() for host in choice.which.split(",") if host.strip()]
    is_local = choice.engine == "dask"
    cluster = dask.local_cluster(request) if is_local else dask.ssh_cluster(hosts, request)
    with cluster:
        return dask.launch(request, cluster, click.echo)


def _without_separator(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the worker's options; people set them apart by ``--`` out of habit."""
    return options[1:] if options[:1] == ("--",) else options


def _check_options(command: WorkerCommand) -> None:
    """Raise for a worker's option that is wrong, before the worker waits in a queue."""
    sql.make_context("jobman sql", [*command.options, command.url, command.root])


def _check_engine(engine: str, given: list[str]) -> None:
    """Raise for an option that the engine has no use for."""
    for name in given:
        if engine not in _FOR[name]:
            fits = " and ".join(f"--{other}" for other in _FOR[name])
            own = "" if "time" not in name else (
                "; after EXPROOT give the worker --time-limit SECONDS or --min-time SECONDS"
            )  # fmt: skip
            raise UsageError(f"{name} is for {fits}, not for --{engine}{own}")


def _show(request: Request, engine: str, **options: object) -> None:
    """Print what would be run, the password masked."""
    command = replace(request.command, url=request.command.masked_url)
    if command.url != request.command.url:
        click.echo("jobman: note: the password is masked; ~/.pgpass is the place for it", err=True)
    if engine == "slurm":
        from pylearn2_jobman.jobman.cluster import slurm

        click.echo(slurm.script(replace(request, command=command), **options), nl=False)  # type: ignore[arg-type]
        return
    click.echo(f"{request.counted} on {_WHERE[engine]}, in {command.directory}:")
    click.echo(shlex.join(command.process()))


def _named(attribute: str) -> tuple[str, str]:
    name, equals, value = attribute.partition("=")
    if not equals:
        raise UsageError(f"--attribute is NAME=VALUE, not {attribute!r}")
    return name, value


def show_workers(url: str) -> None:
    """Print the workers that hold jobs, by host, and the table's counts."""
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.jobman.table.presence import present

    with open_table(url, create=False) as table:
        workers = present(table)
        for host in sorted({worker.host for worker in workers}):
            here = [worker for worker in workers if worker.host == host]
            click.echo(f"{host}: {len(here)} worker{'s' * (len(here) != 1)}")
            for worker in here:
                what = f"pid {worker.pid}" if worker.pid is not None else "an unknown process"
                if worker.batch:
                    what += f", {worker.batch}"
                age = worker.silent_seconds
                heard = "no sign of life ever" if age is None else f"heard of {duration(age)} ago"
                jobs = " ".join(map(str, worker.jobs))
                click.echo(f"  {what}: job{'s' * (len(worker.jobs) != 1)} {jobs}, {heard}")
        print_counts(table)
