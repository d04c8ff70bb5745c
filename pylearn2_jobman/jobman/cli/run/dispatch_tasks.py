"""Commands of any kind that ``jobdispatch`` gives to a batch system."""

__all__ = ["dispatch_tasks"]

import itertools
import os
import random
import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.run.dispatch_line import Line, parse
from pylearn2_jobman.jobman.cluster.tasks import Tasks, submit
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.parameters.grid import expand_grid

# The options that commands make use of, and those that one system alone does.
_FOR_TASKS = {
    *("repeat_jobs", "nb_proc", "cpu", "mem", "duree", "queue", "project", "env", "raw", "file"),
    *("exp_dir", "tasks_filename", "jobs_name", "only_n_first", "sort", "pre_tasks"),
    *("gpu", "test", "testdbi", "whitespace", "set_special_env"),
}
_FOR_ONE = {
    "condor": {
        *("req", "rank", "machine", "machines", "no_machine", "files", "universe", "notification"),
        *("next_job_start_delay", "nice", "getenv", "keep_failed_jobs_in_queue"),
    },
    "bqtools": {"micro", "nano", "long"},
}

_LONG = "1200:00:00"
_CONDOR_MIB = 950  # a little less than 1 GiB, for its rounding


def dispatch_tasks(system: str, line: Line) -> int:
    """Give commands to a batch system, or run them here; return an exit code."""
    line.note_idle(_FOR_TASKS | _FOR_ONE.get(system, set()))
    if "gpu" in line.flags and (more := os.environ.get("JOBDISPATCH_GPU_PARAM")):
        line.values.update(parse([*shlex.split(more), "command"]).values)
    whole = "whitespace" in line.flags
    if files := line.values.get("file"):
        lines = [text for name in files.split("\n") for text in _lines(Path(name))]
    else:
        lines = [" ".join(line.command)]
    pairs = [pair for text in lines for pair in _expanded(text, whole)]
    first = line.number("only_n_first", len(pairs))
    pairs = pairs[:first] * line.number("repeat_jobs")
    if line.values.get("sort", "generated") == "random":
        random.shuffle(pairs)
    if not pairs:
        raise UsageError("there is no command")
    if broken := next((task for task, _ in pairs if "\n" in task), None):
        raise UsageError(f"a command is one line, and {broken!r:.80} is several")
    logs = os.environ.get("JOBDISPATCH_LOGDIR") or os.environ.get("DBIDISPATCH_LOGDIR", "LOGS")
    title = line.values.get("jobs_name") or f"dbi_{time.strftime('%m%d_%H%M%S')}"
    at_once = line.number("nb_proc", -1)
    resources = line.resources()
    if "cpu" not in line.values:
        resources = replace(resources, cores=1)
    if "mem" not in line.values and system == "condor":
        resources = replace(resources, memory_mib=_CONDOR_MIB)
    special = "set_special_env" not in line.denied and resources.cores
    threads = ("OMP", "GOTO", "MKL") if special else ()
    tasks = Tasks(
        commands=[command for command, _ in pairs],
        names=_log_names(line.values.get("tasks_filename", "nb0,compact"), pairs),
        directory=Path(logs) / line.values.get("exp_dir", _directory(line)),
        title=title,
        resources=resources,
        duration=_LONG if "long" in line.flags else line.values.get("duree"),
        at_once=at_once if at_once > 0 else None,
        setup=[
            f"export PATH={shlex.quote(os.environ.get('PATH', os.defpath))}",
            *(f"export {name}_NUM_THREADS={resources.cores}" for name in threads),
            *line.exports(),
            *line.values.get("pre_tasks", "").splitlines(),
        ],
        raw="\n".join([line.values.get("raw", ""), *_bqtools_lines(line)]),
        condor=_condor_commands(line),
    )
    only_write = bool(line.flags & {"test", "testdbi"})
    command, code = submit(system, tasks, only_write=only_write)
    counted = f"{len(pairs)} {plural(len(pairs), 'task')}"
    done = "not submitted; that would be" if only_write else "run by"
    click.echo(f"{counted} in {tasks.directory}, {done}: {command}")
    return code


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the file {str(path)!r} cannot be read: {error}") from None
    return [line for line in map(str.strip, text.split("\n")) if line]


def _expanded(text: str, whole: bool) -> list[tuple[str, str]]:
    """Return the commands that {{a,b}} stand for, each with the arguments that vary.

    Braces with spaces in them are left alone, unless they are to be taken as a whole.
    """
    pieces = [text] if whole else re.split(r"(\{\{[^{}]*\s[^{}]*\}\})", text)
    choices = [
        [piece] if number % 2 else ["".join(found) for found in expand_grid([piece])]
        for number, piece in enumerate(pieces)
    ]
    pattern = text.split(" ")
    found = []
    for chosen in itertools.product(*choices):
        command = "".join(chosen)
        words = zip(pattern, command.split(" "), strict=False)
        found.append((command, " ".join(new for old, new in words if new != old)))
    return found


def _log_names(patterns: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each task's output, different from all others."""
    names = []
    for number, (task, varying) in enumerate(pairs):
        parts = {
            "nb0": str(number), "processid": str(number), "nb1": str(number + 1),
            "explicit": task, "compact": varying,
        }  # fmt: skip
        parts = {name: re.sub(r"[^a-zA-Z0-9=-]", "_", part) for name, part in parts.items()}
        wanted = [parts.get(pattern, "") for pattern in patterns.split(",")]
        names.append(".".join(filter(None, wanted))[:200] or str(number))
    if len(set(names)) < len(names):
        names = [f"{number}.{name}" for number, name in enumerate(names)]
    return names


def _directory(line: Line) -> str:
    """Return a name that says which commands these are, and when they were given."""
    if files := line.values.get("file"):
        name = "_".join(Path(file).name for file in files.split("\n"))
    else:
        name = "_".join([Path(line.command[0]).name, *line.command[1:]])
    name = re.sub(r"[^a-zA-Z0-9.-]", "_", re.sub(r"//[^/@]*@", "//", name))[:200]  # no password
    return f"{name}_{time.strftime('%Y-%m-%d_%H-%M-%S')}_{random.randrange(10_000):04}"  # noqa: S311


def _condor_commands(line: Line) -> dict[str, str]:
    """Return further commands of Condor's submit description."""
    values = line.values

    def listed(name: str) -> list[str]:
        return values[name].split(",") if name in values else []

    places = [f'(Machine=="{name}")' for name in listed("machine")]
    places += [f'regexp("{name}", Machine)' for name in listed("machines")]
    wanted = [f"({values['req']})"] if "req" in values else []
    wanted += [f"({'||'.join(places)})"] if places else []
    wanted += [f'(Machine!="{name}")' for name in listed("no_machine")]
    found = {
        "requirements": "&&".join(wanted),
        "rank": values.get("rank", ""),
        "universe": values.get("universe", ""),
        "notification": values.get("notification", "Error"),
        "next_job_start_delay": values.get("next_job_start_delay", ""),
        "getenv": "True" if "getenv" in line.flags else "",
        "nice_user": "True" if "nice" in line.flags else "",
        "leave_in_queue": "(ExitCode!=0)" if "keep_failed_jobs_in_queue" in line.flags else "",
    }
    if "files" in values:
        found |= {
            "transfer_input_files": values["files"],
            "should_transfer_files": "Yes",
            "when_to_transfer_output": "ON_EXIT",
        }
    return {name: value for name, value in found.items() if value}


def _bqtools_lines(line: Line) -> list[str]:
    """Return further lines of what bqsubmit reads."""
    micro = line.values.get("micro", "20" if "micro" in line.flags else None)
    told = {"microJobs": micro, "nanoJobs": line.values.get("nano")}
    return [f"{name} = {value}" for name, value in told.items() if value is not None]
