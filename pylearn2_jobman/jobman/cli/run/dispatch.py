"""``jobdispatch``: the command line that started LISA's workers, mapped onto `jobman launch`."""

__all__ = ["jobdispatch"]

import os
import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.run.launch import start
from pylearn2_jobman.jobman.cli.run.sql import sql
from pylearn2_jobman.jobman.cluster.command import WorkerCommand
from pylearn2_jobman.jobman.cluster.duration import parse_duration
from pylearn2_jobman.jobman.cluster.engine import Engine
from pylearn2_jobman.jobman.cluster.local import Local
from pylearn2_jobman.jobman.cluster.psij import PsiJ
from pylearn2_jobman.jobman.cluster.request import Request, Resources
from pylearn2_jobman.jobman.cluster.slurm import Slurm

# By their old names, each with the program that shows that it is here.
_ENGINES: dict[str, tuple[Engine, str | None]] = {
    "slurm": (Slurm(), "sbatch"),
    "pbs": (PsiJ("pbs"), "qsub"),
    "torque": (PsiJ("pbs_classic"), None),
    "lsf": (PsiJ("lsf"), "bsub"),
    "local": (Local(), None),
}
_DASK = "start a Dask cluster there with dask-jobqueue's {}, then: jobman launch --dask ADDRESS"
_NOT_COVERED = {
    "condor": _DASK.format("HTCondorCluster"),
    "sge": _DASK.format("SGECluster"),
    "moab": _DASK.format("MoabCluster"),
    "ssh": "use jobman launch --ssh HOST,HOST",
    "bqtools": "use --torque",
    "sharcnet": "use --slurm, which is what runs there now",
    "cluster": "say which batch system it is: --slurm, --pbs, --torque, --lsf",
}
_VALUES = (
    *("repeat_jobs", "nb_proc", "cpu", "mem", "duree", "queue", "project", "env", "raw"),
    *("exp_dir", "tasks_filename", "jobs_name", "only_n_first", "sort"),
)
_FLAGS = ("gpu", "test", "testdbi", "dbilog", "clean_up", "long", "nice", "set_special_env")
_WITHOUT_MEANING = {
    *("exp_dir", "tasks_filename", "jobs_name", "only_n_first", "sort"),
    *("dbilog", "clean_up", "long", "nice", "set_special_env"),
}
_WITHOUT_MEANING_FOR = {
    Slurm: set[str](),
    PsiJ: {"nb_proc", "raw"},
    Local: {"cpu", "mem", "duree", "queue", "project", "raw", "gpu"},
}
_MEMORY = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}


@dataclass
class _Line:
    """An old command line, taken apart."""

    engine: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    command: Sequence[str] = ()


@command(
    "jobdispatch --slurm --repeat_jobs=20 --duree=12:00:00 --mem=4G \\\n"
    "      jobman sql -n0 'postgres://user@host/lab?table=mlp' experiments",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS] jobman sql ...")
def jobdispatch(arguments: tuple[str, ...]) -> int:
    """Start workers as LISA's jobdispatch did; new scripts use `jobman launch`.

    The engine is --slurm, --pbs, --torque, --lsf or --local; without one, the first whose command
    is here. --repeat_jobs=N workers, at most --nb_proc=N of them at once; --cpu, --mem (in MiB, or
    with K, M, G), --gpu, --duree, --queue, --project, --env='A=1 B=2' as before; --raw gives
    further options to sbatch; --test prints what would be run.
    """
    line = _parse([*shlex.split(os.environ.get("JOBDISPATCH_DEFAULT_OPTION", "")), *arguments])
    engine, _ = _ENGINES[line.engine or _found_here()]
    idle = _WITHOUT_MEANING | _WITHOUT_MEANING_FOR[type(engine)]
    for name in sorted((line.flags | line.values.keys()) & idle):
        click.echo(f"jobdispatch: note: --{name} has no meaning here", err=True)
    worker = _worker(line)
    workers, at_once = _number(line, "repeat_jobs"), _number(line, "nb_proc", 0)
    if isinstance(engine, Local):
        # They ran one after another, or so many at once: one worker does just that.
        jobs = _jobs_each(worker) * workers
        options = (*worker.options, "-n", str(jobs), "-j", str(max(at_once, 1)))
        request = Request(replace(worker, options=options), 1)
    else:
        request = Request(worker, workers, _resources(line))
    if isinstance(engine, Slurm):
        further = line.values.get("raw", "").replace("\n", " ")
        engine = Slurm(array_limit=at_once if at_once > 0 else None, sbatch=further)
    return start(request, engine, only_print=bool(line.flags & {"test", "testdbi"}))


def _parse(arguments: Sequence[str]) -> _Line:
    """Take a command line apart: options with two dashes, then a command.

    Raises
    ------
    UsageError
        For an engine that is not covered, naming what to use, or an option that there is not.
    """
    line = _Line()
    for index, argument in enumerate(arguments):
        if not argument.startswith("-"):
            line.command = arguments[index:]
            return line
        name, equals, value = argument.removeprefix("--").partition("=")
        flag = name.removeprefix("no_")
        if name in _NOT_COVERED:
            raise UsageError(f"--{name} is not covered: {_NOT_COVERED[name]}")
        if name in _ENGINES:
            line.engine = name
            if equals:
                line.values["nb_proc"] = value
        elif name in _VALUES and equals:
            before = line.values.get(name)
            together = name in ("env", "raw") and before is not None
            line.values[name] = f"{before} {value}" if together else value
        elif flag in _FLAGS and not equals:
            (line.flags.discard if name != flag else line.flags.add)(flag)
        else:
            known = [*_ENGINES, *_VALUES, *_FLAGS]
            listed = ", ".join(f"--{option}" for option in known)
            raise UsageError(f"no option {argument!r}{suggest(name, known)} (options: {listed})")
    raise UsageError("which command? Give: jobman sql ... DB EXPROOT")


def _found_here() -> str:
    """Return the first engine whose command is on this machine."""
    for name, (_, program) in _ENGINES.items():
        if program is not None and shutil.which(program):
            return name
    raise UsageError("no batch system is found here; --local starts workers on this machine")


def _worker(line: _Line) -> WorkerCommand:
    """Return the worker that the command starts.

    Raises
    ------
    UsageError
        If it is another command.
    """
    program, *rest = line.command
    if Path(program).name != "jobman" or rest[:1] != ["sql"]:
        raise UsageError(
            f"jobdispatch starts workers (jobman sql ...), not {shlex.join(line.command)!r}: put "
            "such commands into a table (jobman sqlschedules), or give them to the batch system"
        )
    parsed = sql.make_context("jobman sql", rest[1:]).params
    *options, table, root = rest[1:]
    if [table, root] != [parsed["table"], parsed["exproot"]]:
        raise UsageError("put the options of jobman sql before DB and EXPROOT")
    if not any(option.startswith("-n") for option in options):
        options = ["-n", "1", *options]  # as before; `jobman launch` would say 0
    assignments = re.findall(r"(\w+)=(\S*)", line.values.get("env", ""))
    setup = "; ".join(f"export {name}={shlex.quote(value)}" for name, value in assignments)
    return WorkerCommand(table, root, tuple(options), setup)


def _jobs_each(worker: WorkerCommand) -> int:
    context = sql.make_context("jobman sql", [*worker.options, worker.url, worker.root])
    jobs: int = context.params["jobs"]
    return jobs


def _resources(line: _Line) -> Resources:
    duration, memory = line.values.get("duree"), line.values.get("mem")
    cores = _number(line, "cpu", 0)
    return Resources(
        queue=line.values.get("queue"),
        project=line.values.get("project"),
        seconds=None if duration is None else parse_duration(duration),
        cores=cores if cores > 0 else None,
        gpus=1 if "gpu" in line.flags else None,
        memory_mib=None if memory is None else _mebibytes(memory),
    )


def _mebibytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)", text.upper())
    if match is None:
        raise UsageError(f"--mem is a number of MiB, or one with K, M or G behind: not {text!r}")
    return max(round(float(match[1]) * _MEMORY[match[2] or "M"]), 1)


def _number(line: _Line, name: str, default: int = 1) -> int:
    text = line.values.get(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"--{name} is a whole number, not {text!r}") from None
