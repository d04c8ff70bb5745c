"""Commands given to a batch system, one a line: the files that submit them."""

__all__ = ["SYSTEMS", "Tasks", "submit"]

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.request import Resources, gravest

# Line number $1 of two files: what to run, and where its output goes.
_LAUNCHER = """\
#!/bin/bash
cd {here} || exit
{setup}
task=$(sed -n "$1p" {directory}/tasks)
log=$(sed -n "$1p" {directory}/logfiles)
exec bash -c "$task" > "$log.out" 2> "$log.err"
"""


@dataclass(frozen=True)
class Tasks:
    """Commands, and what a batch system is to know of them.

    Attributes
    ----------
    commands
        Shell commands, each on one line.
    names
        For each, the name of the files that its output goes into.
    directory
        Where these and the files that submit the tasks are.
    title
        The name of the whole.
    resources
        Of each task.
    duration
        The time limit, as the batch system reads it.
    at_once
        How many may run at once; None: as many as there are.
    setup
        Shell commands that come first.
    raw
        Further lines of the file that submits the tasks.
    condor
        Further commands of a submit description of Condor.
    """

    commands: Sequence[str]
    names: Sequence[str]
    directory: Path
    title: str
    resources: Resources = field(default_factory=Resources)
    duration: str | None = None
    at_once: int | None = None
    setup: Sequence[str] = ()
    raw: str = ""
    condor: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Array:
    """How a batch system is told of an array of tasks.

    Attributes
    ----------
    program
        What submits it.
    prefix
        Of its directives.
    array
        The directive of an array of ``{n}`` tasks, numbered from 1.
    limit
        What is added to that so that ``{at_once}`` of them run at once, at most.
    number
        The variable that holds a task's number.
    directives
        Those of the name, queue, project, time, cores, gpus, and memory in MiB.
    duration
        The time limit where none is given.
    reads_stdin
        Whether the program reads the file from its standard input.
    least
        How many tasks an array has at least.
    """

    program: str
    prefix: str
    array: str
    limit: str
    number: str
    directives: Mapping[str, str]
    duration: str | None = None
    reads_stdin: bool = False
    least: int = 1


_QSUB = {
    "title": "-N {}", "queue": "-q {}", "project": "-A {}", "time": "-l walltime={}",
    "cores": "-l nodes=1:ppn={}", "memory": "-l mem={}mb",
}  # fmt: skip
_SBATCH = {
    "title": "--job-name={}", "queue": "--partition={}", "project": "--account={}",
    "time": "--time={}", "cores": "--cpus-per-task={}", "gpus": "--gpus={}", "memory": "--mem={}M",
}  # fmt: skip
_BSUB = {
    "queue": "-q {}", "project": "-P {}", "time": "-W {}", "cores": "-n {}",
    "gpus": '-gpu "num={}"', "memory": "-M {}MB",
}  # fmt: skip
_SGE = {
    "title": "-N {}", "queue": "-q {}", "project": "-P {}", "time": "-l h_rt={}",
    "cores": "-pe smp {}", "memory": "-l ml={}M",
}  # fmt: skip
_ARRAYS = {
    "sge": _Array(
        "qsub", "#$", "-t 1-{n}:1", "\n#$ -tc {at_once}", "$SGE_TASK_ID", _SGE, "23:59:59"
    ),
    "torque": _Array(
        "qsub", "#PBS", "-t 1-{n}", "%{at_once}", "$PBS_ARRAYID", _QSUB, "47:59:59"
    ),
    "moab": _Array(
        "msub", "#PBS", "-t jobs[1-{n}]", "%{at_once}", "$MOAB_JOBARRAYINDEX", _QSUB, "47:59:59"
    ),
    "pbs": _Array(
        "qsub", "#PBS", "-J 1-{n}", "%{at_once}", "${PBS_ARRAY_INDEX:-1}", _QSUB, least=2
    ),
    "slurm": _Array(
        "sbatch", "#SBATCH", "--array=1-{n}", "%{at_once}", "$SLURM_ARRAY_TASK_ID", _SBATCH
    ),
    "lsf": _Array(
        "bsub", "#BSUB", '-J "jobs[1-{n}]', "%{at_once}", "$LSB_JOBINDEX", _BSUB, reads_stdin=True
    ),
}  # fmt: skip
_OWN = {"condor": "condor_submit", "bqtools": "bqsubmit", "local": "bash"}
SYSTEMS = {**{name: array.program for name, array in _ARRAYS.items()}, **_OWN}
"""The systems, each with the program that submits tasks to it."""


def submit(system: str, tasks: Tasks, *, only_write: bool = False) -> tuple[str, int]:
    """Write the files that submit tasks, and submit them; on this machine, run them.

    Parameters
    ----------
    system
        One of `SYSTEMS`.
    tasks
        The tasks.
    only_write
        Whether to submit nothing.

    Returns
    -------
    str
        The shell command that submits them.
    int
        Its exit code; of tasks on this machine, the gravest of theirs.

    Raises
    ------
    UsageError
        If the system's program is not on this machine.
    """
    program = SYSTEMS[system]
    if not only_write and shutil.which(program) is None:
        raise UsageError(f"{program} is not on this machine; --test only writes what it would get")
    tasks.directory.mkdir(parents=True, exist_ok=True)
    _write(tasks, "tasks", tasks.commands)
    _write(tasks, "logfiles", [str(tasks.directory / name) for name in tasks.names])
    if system == "bqtools":
        command = _bqtools(tasks)
    else:
        directory = shlex.quote(str(tasks.directory))
        setup = "\n".join(tasks.setup)
        here = shlex.quote(str(Path.cwd()))
        launcher = tasks.directory / "launcher"
        launcher.write_text(_LAUNCHER.format(here=here, directory=directory, setup=setup))
        if system == "local":
            return _locally(tasks, launcher, only_write)
        command = _condor(tasks) if system == "condor" else _array(_ARRAYS[system], tasks, launcher)
    if only_write:
        return command, 0
    return command, subprocess.run(["bash", "-c", command], check=False).returncode  # noqa: S603, S607


def _write(tasks: Tasks, name: str, lines: Sequence[str]) -> Path:
    path = tasks.directory / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _locally(tasks: Tasks, launcher: Path, only_write: bool) -> tuple[str, int]:
    def run(number: int) -> int:
        return subprocess.run(["bash", launcher, str(number)], check=False).returncode  # noqa: S603, S607

    command = (
        f"seq {len(tasks.commands)} | xargs -P {tasks.at_once or 1} -I @ bash "
        f"{shlex.quote(str(launcher))} @"
    )
    if only_write:
        return command, 0
    with ThreadPoolExecutor(tasks.at_once or 1) as pool:
        return command, gravest(pool.map(run, range(1, len(tasks.commands) + 1)))


def _array(array: _Array, tasks: Tasks, launcher: Path) -> str:
    resources = tasks.resources
    values = {
        "title": tasks.title,
        "queue": resources.queue,
        "project": resources.project,
        "time": tasks.duration or array.duration,
        "cores": resources.cores,
        "gpus": resources.gpus,
        "memory": resources.memory_mib,
    }
    tell = [
        array.directives[name].format(value)
        for name, value in values.items()
        if value is not None and name in array.directives
    ]
    if len(tasks.commands) >= array.least:
        limit = array.limit.format(at_once=tasks.at_once) if tasks.at_once else ""
        tell.append(array.array.format(n=len(tasks.commands)) + limit)
        tell[-1] += '"' * (tell[-1].count('"') % 2)  # LSF's is in quotes
    lines = [f"{array.prefix} {text}" for text in tell]
    run = f"exec bash {shlex.quote(str(launcher.absolute()))} {array.number}"
    path = _write(tasks, "submit.sh", ["#!/bin/bash", *lines, *tasks.raw.splitlines(), "", run])
    arrow = "< " if array.reads_stdin else ""
    return f"{array.program} {arrow}{shlex.quote(str(path))}"


def _condor(tasks: Tasks) -> str:
    """Write a submit description, and a graph without edges where not all may run at once."""
    resources = tasks.resources
    launch = tasks.directory / "launch.sh"
    setup = "\n".join((f"cd {shlex.quote(str(Path.cwd()))} || exit", *tasks.setup))
    launch.write_text(f'#!/bin/bash\n{setup}\nsh -c "$@"\n')
    launch.chmod(0o755)
    general: dict[str, object] = {
        "executable": launch,
        "universe": "vanilla",
        "log": tasks.directory / "condor.log",
        **tasks.condor,
        "request_memory": resources.memory_mib,
        "request_cpus": resources.cores,
        "request_gpus": resources.gpus,
    }
    lines = [f"{name:14} = {value}" for name, value in general.items() if value is not None]
    lines += tasks.raw.splitlines()
    # Condor's own quoting: one argument, single quotes and double quotes doubled.
    arguments = [
        "'{}'".format(command.replace("'", "''").replace('"', '""')) for command in tasks.commands
    ]
    logs = [tasks.directory / name for name in tasks.names]
    if tasks.at_once is None:
        for argument, log in zip(arguments, logs, strict=True):
            lines += ["", f'arguments = "{argument}"', f"output = {log}.out"]
            lines += [f"error = {log}.error", "queue"]
        path = _write(tasks, "submit_file.condor", lines)
        return f"condor_submit {shlex.quote(str(path))}"
    lines += ["", 'arguments = "$(args)"', "output = $(log).out", "error = $(log).error", "queue"]
    path = _write(tasks, "submit_file.condor", lines)
    graph = []
    for number, (argument, log) in enumerate(zip(arguments, logs, strict=True)):
        escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
        graph += [f"JOB {number} {path}", f'VARS {number} args="{escaped}" log="{log}"']
    graph_path = _write(tasks, "submit_file.condor.dag", graph)
    return f"condor_submit_dag -maxjobs {tasks.at_once} {shlex.quote(str(graph_path))}"


def _bqtools(tasks: Tasks) -> str:
    """Write what bqsubmit reads, in the directory where it has to run."""
    resources = tasks.resources
    here = shlex.quote(str(Path.cwd()))
    setup = "\n".join(tasks.setup)
    _write(tasks, "logfiles", [str((tasks.directory / name).absolute()) for name in tasks.names])
    # Each is put between single quotes.
    _write(tasks, "tasks", [command.replace("'", "'\\''") for command in tasks.commands])
    (tasks.directory / "launcher").write_text(
        f"#!/bin/sh\n{setup}\ncd {here} || exit\n"
        "(/bin/sh -c '~~task~~') >> ~~logfile~~.out 2>> ~~logfile~~.err\n"
    )
    limits = {
        "ncpus": resources.cores,
        "mem": None if resources.memory_mib is None else f"{resources.memory_mib}M",
        "walltime": tasks.duration or "120:00:00",
    }
    told = ",".join(f"{name}={value}" for name, value in limits.items() if value is not None)
    mammouth = "mp2" if os.environ.get("BQMAMMOUTH") == "mp2" else "ms"
    queue = f"-q {resources.queue or f'qwork@{mammouth}'} "
    _write(
        tasks,
        "bqsubmit.dat",
        [
            f"batchName = {tasks.title}",
            "command = sh launcher",
            "templateFiles = launcher",
            f"submitOptions = {queue}-l {told}",
            "param1 = (task, logfile) = load tasks, logfiles",
            "linkFiles = launcher",
            "preBatch = rm -f _*.BQ",
            f"concurrentJobs = {tasks.at_once or len(tasks.commands)}",
            *tasks.raw.splitlines(),
        ],
    )
    return f"cd {shlex.quote(str(tasks.directory))} && bqsubmit"
