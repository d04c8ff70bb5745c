"""``jobdispatch``: the command line that started LISA's workers, and any other commands.

Workers are started as `jobman launch` does where that covers the system; what else is given becomes
tasks of the batch system, one a line.
"""

__all__ = ["jobdispatch"]

import os
import shlex
import shutil
from dataclasses import replace

import click
from click.core import ParameterSource

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.run.dispatch_line import Line, parse
from pylearn2_jobman.jobman.cli.run.dispatch_tasks import dispatch_tasks
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
_FOR_WORKERS = {
    *("repeat_jobs", "nb_proc", "cpu", "mem", "duree", "queue", "project", "env", "raw"),
    *("gpu", "test", "testdbi"),
}
_WITHOUT_MEANING_FOR = {
    Slurm: set[str](),
    PsiJ: {"nb_proc", "raw"},
    Local: {"cpu", "mem", "duree", "queue", "project", "raw", "gpu"},
}


@command(
    "jobdispatch --slurm --repeat_jobs=20 --duree=12:00:00 --mem=4G \\\n"
    "      jobman sql -n0 'postgres://user@host/lab?table=mlp' experiments\n"
    "jobdispatch --condor --test python train.py 'lr={{0.1,0.01}}'",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS] COMMAND...")
def jobdispatch(arguments: tuple[str, ...]) -> int:
    """Start workers, or other commands, as LISA's jobdispatch did.

    The system is --slurm, --pbs, --torque, --lsf, --condor, --sge, --moab, --bqtools or --local;
    without one, the first whose command is here, or this machine. --repeat_jobs=N workers, at most
    --nb_proc=N of them at once; --cpu, --mem (in MiB, or with K, M, G), --gpu, --duree, --queue,
    --project, --env='A=1 B=2', --raw as before.

    Any command can be given, with {{a,b}} in it for several, or a --file with one a line: they and
    what submits them are written into a directory of LOGS. --test submits nothing.

    New scripts start workers by `jobman launch`.
    """
    given = os.environ.get("JOBDISPATCH_DEFAULT_OPTION") or os.environ.get(
        "DBIDISPATCH_DEFAULT_OPTION", ""
    )
    line = parse([*shlex.split(given), *arguments])
    system = line.engine or _found_here()
    if system not in _ENGINES or not line.is_worker:
        return dispatch_tasks(system, line)
    engine, _ = _ENGINES[system]
    line.note_idle(_FOR_WORKERS - _WITHOUT_MEANING_FOR[type(engine)])
    worker = _worker(line)
    workers, at_once = line.number("repeat_jobs"), line.number("nb_proc", 0)
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


def _found_here() -> str:
    """Return the first system whose command is on this machine, which is the last choice."""
    own = {"condor": "condor_submit", "bqtools": "bqsubmit", "moab": "msub"}
    programs = {**{name: program for name, (_, program) in _ENGINES.items()}, **own}
    for name, program in programs.items():
        if program is not None and shutil.which(program):
            return name
    return "local"


def _worker(line: Line) -> WorkerCommand:
    """Return the worker that the command starts.

    Raises
    ------
    UsageError
        If its options are wrong.
    """
    words = list(line.command[2:])
    context = sql.make_context("jobman sql", list(words))
    table, root = places = [context.params[name] for name in ("table", "exproot")]
    given = [
        place
        for name, place in zip(("table", "exproot"), places, strict=True)
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    options, last = words[: len(words) - len(given)], words[len(words) - len(given) :]
    if last != given:
        raise UsageError("put the options of jobman sql before DB and EXPROOT")
    if not any(option.startswith("-n") for option in options):
        options = ["-n", "1", *options]  # as before; `jobman launch` would say 0
    return WorkerCommand(table, root, tuple(options), "; ".join(line.exports()))


def _jobs_each(worker: WorkerCommand) -> int:
    context = sql.make_context("jobman sql", [*worker.options, worker.url, worker.root])
    jobs: int = context.params["jobs"]
    return jobs


def _resources(line: Line) -> Resources:
    duration = line.values.get("duree")
    return replace(line.resources(), seconds=None if duration is None else parse_duration(duration))
