"""``jobman launch``: workers on a cluster, through an engine that exists."""

__all__ = ["ENGINES", "launch", "start"]

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.status import print_counts
from pylearn2_jobman.jobman.cli.places import exproot_argument, table_argument
from pylearn2_jobman.jobman.cli.run.sql import sql
from pylearn2_jobman.jobman.cli.streams import outlast_streams
from pylearn2_jobman.jobman.cli.tables import format_option, print_json
from pylearn2_jobman.jobman.cluster.command import WorkerCommand
from pylearn2_jobman.jobman.cluster.dask import Dask
from pylearn2_jobman.jobman.cluster.duration import parse_duration
from pylearn2_jobman.jobman.cluster.engine import BATCH_OPTIONS, Engine
from pylearn2_jobman.jobman.cluster.local import Local
from pylearn2_jobman.jobman.cluster.psij import PsiJ
from pylearn2_jobman.jobman.cluster.request import Request, Resources
from pylearn2_jobman.jobman.cluster.slurm import Slurm
from pylearn2_jobman.jobman.cluster.ssh import Ssh
from pylearn2_jobman.jobman.formatting import duration, plural

ENGINES: dict[str, type[Engine]] = {
    "slurm": Slurm,
    "dask": Dask,
    "psij": PsiJ,
    "ssh": Ssh,
    "local": Local,
}
"""The engines by the name of the option that chooses each."""

_OPTIONS = {
    flag: settings for engine in ENGINES.values() for flag, settings in engine.options.items()
}


def _takers(flag: str) -> list[str]:
    """Return the names of the engines that have an option."""
    return [name for name, engine in ENGINES.items() if flag in engine.options]


def _field(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _choices(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose an engine."""
    for name, engine in reversed(ENGINES.items()):
        function = click.option(f"--{name}", **engine.choice)(function)
    return function


def _engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the further options of all engines."""
    for flag, settings in reversed(_OPTIONS.items()):
        places = ", ".join(ENGINES[name].place for name in _takers(flag))
        settings = {**settings, "help": f"{places}: {settings['help']}"}
        function = click.option(flag, **settings)(function)
    return function


@command(
    "jobman launch --slurm -n 200 --sbatch='--partition=gpu --gres=gpu:1 --time=4:00:00' \\\n"
    "      --setup='module load cuda; source ~/venv/bin/activate' --python=python \\\n"
    "      'postgres://user@host/lab?table=mlp' experiments --import torch\n"
    "jobman launch --status 'postgres://user@host/lab?table=mlp'",
    # What stands after EXPROOT are the worker's options.
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@table_argument
@functools.partial(exproot_argument, required=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[WORKER OPTIONS]...")
@_choices
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
@_engine_options
@format_option
def launch(
    table: str,
    exproot: str | None,
    options: tuple[str, ...],
    status: bool,
    only_print: bool,
    workers: int,
    setup: str,
    python: str,
    form: str,
    **given: Any,
) -> int:
    """Start workers on a cluster.

    The table stays the queue: each worker takes jobs until none is left. WORKER OPTIONS are those
    of `jobman sql`. Workers start in this directory, with this Python unless --python names one.

    Slurm and PSI/J are given the workers, and the command ends. --local, --dask and --ssh wait
    until the workers have left; Ctrl-C asks them to stop.
    """
    if status:
        show_workers(table, form)
        return 0
    if form == "json":
        raise click.UsageError("--format json is for --status")
    chosen = [name for name in ENGINES if given[name]]
    if len(chosen) != 1:
        names = ", ".join(f"--{name}" for name in ENGINES)
        raise click.UsageError(f"by what? Give one of {names}; or --status")
    if exproot is None:
        raise click.UsageError(
            "missing EXPROOT (or the variable JOBMAN_EXPROOT), where the files of the jobs are kept"
        )
    engine = _engine(chosen[0], given)
    limit = given["time"]
    request = Request(
        WorkerCommand(table, exproot, _without_separator(options), setup, python),
        workers,
        Resources(
            given["queue"], given["project"], None if limit is None else parse_duration(limit)
        ),
        given["min_time"],
        given["warning"],
    )
    return start(request, engine, only_print=only_print)


def _engine(name: str, given: Mapping[str, Any]) -> Engine:
    """Return the engine of this name with its options.

    Raises
    ------
    UsageError
        For an option that the engine has no use for.
    """
    engine = ENGINES[name]
    for flag, settings in _OPTIONS.items():
        if flag not in engine.options and given[_field(flag)] != settings.get("default"):
            fits = " and ".join(f"--{other}" for other in _takers(flag))
            instead = "" if "time" not in flag else (
                "; after EXPROOT give the worker --time-limit SECONDS or --min-time SECONDS"
            )  # fmt: skip
            raise UsageError(f"{flag} is for {fits}, not for --{name}{instead}")
    which = [] if engine.choice.get("is_flag") else [given[name]]
    own = [_field(flag) for flag in engine.options if flag not in BATCH_OPTIONS]
    make: Callable[..., Engine] = engine
    return make(*which, **{field: given[field] for field in own})


def start(request: Request, engine: Engine, *, only_print: bool = False) -> int:
    """Start workers by an engine, or print the command that would; return an exit code."""
    _check_options(request.command)
    request.check_table(one_host=engine.is_one_host)
    if not only_print:
        outlast_streams()
        return engine.launch(request, click.echo)
    command = replace(request.command, url=request.command.masked_url)
    if command.url != request.command.url:
        click.echo("jobman: note: the password is masked; ~/.pgpass is the place for it", err=True)
    click.echo(engine.describe(replace(request, command=command)), nl=False)
    return 0


def _without_separator(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the worker's options; people set them apart by ``--`` out of habit."""
    return options[1:] if options[:1] == ("--",) else options


def _check_options(command: WorkerCommand) -> None:
    """Raise for a worker's option that is wrong, before the worker waits in a queue."""
    sql.make_context("jobman sql", [*command.options, command.url, command.root])


def show_workers(url: str, form: str = "text") -> None:
    """Print the workers that hold jobs, by host, and the table's counts."""
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.jobman.table.presence import present

    with open_table(url, create=False) as table:
        workers = present(table)
        if form == "json":
            counts = {one.name: count for one, count in table.counts().items()}
            print_json({"workers": workers, "counts": counts})
            return
        for host in sorted({worker.host for worker in workers}):
            here = [worker for worker in workers if worker.host == host]
            click.echo(f"{host}: {len(here)} {plural(len(here), 'worker')}")
            for worker in here:
                process = f"pid {worker.pid}" if worker.pid is not None else "an unknown process"
                if worker.batch:
                    process += f", {worker.batch}"
                age = worker.silent_seconds
                heard = "no sign of life ever" if age is None else f"heard of {duration(age)} ago"
                jobs = " ".join(map(str, worker.jobs))
                click.echo(f"  {process}: {plural(len(worker.jobs), 'job')} {jobs}, {heard}")
        print_counts(table)
