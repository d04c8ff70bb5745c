"""The options of ``jobdispatch``, as LISA's had them, taken apart."""

__all__ = ["Line", "parse"]

import re
import shlex
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError, suggest
from pylearn2_jobman.jobman.cluster.request import Resources
from pylearn2_jobman.jobman.cluster.tasks import SYSTEMS

_NOT_COVERED = {
    "ssh": "use jobman launch --ssh HOST,HOST",
    "sharcnet": "use --slurm, which is what runs there now",
    "cluster": "say which batch system it is: --slurm, --pbs, --torque, --lsf",
}
_VALUES = (
    *("repeat_jobs", "nb_proc", "cpu", "mem", "duree", "queue", "project", "env", "raw"),
    *("exp_dir", "tasks_filename", "jobs_name", "only_n_first", "sort", "file"),
    *("req", "rank", "machine", "machines", "no_machine", "files", "universe", "notification"),
    *("next_job_start_delay", "os", "micro", "nano", "submit_options", "max_file_size", "pe"),
    *("jobs_per_node", "cores_per_node", "mem_per_node", "exec_dir", "pre_tasks", "extra_param"),
    "ulimit_vm",
)
_FLAGS = (
    *("gpu", "test", "testdbi", "dbilog", "clean_up", "long", "nice", "set_special_env"),
    *("whitespace", "getenv", "keep_failed_jobs_in_queue", "exec_in_exp_dir", "abs_path", "fast"),
    *("server", "prefserver", "pkdilly", "debug", "local_log_file", "interactive", "cwait"),
    *("force", "interruptible", "m32G", "micro", "32", "64", "3264"),
)
# Options that may be given several times, with what stands between their values.
_TOGETHER = {"env": " ", "raw": "\n", "pre_tasks": "\n", "file": "\n", "machine": ","}
_TOGETHER |= {"machines": ",", "no_machine": ",", "req": ")&&("}
_MEMORY = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}


@dataclass
class Line:
    """An old command line, taken apart."""

    engine: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    command: Sequence[str] = ()

    @property
    def is_worker(self) -> bool:
        """Whether the command starts one worker."""
        words = [Path(word).name for word in self.command[:1]] + list(self.command[1:2])
        return (
            words == ["jobman", "sql"]
            and "file" not in self.values
            and "{{" not in "".join(self.command)
        )

    def number(self, name: str, default: int = 1) -> int:
        """Return the whole number of an option; raise UsageError if it is none."""
        text = self.values.get(name, str(default))
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"--{name} is a whole number, not {text!r}") from None

    def resources(self) -> Resources:
        """Return what a batch system is to give each worker or task, but for the time."""
        memory = self.values.get("mem")
        cores = self.number("cpu", 0)
        return Resources(
            queue=self.values.get("queue"),
            project=self.values.get("project"),
            cores=cores if cores > 0 else None,
            gpus=1 if "gpu" in self.flags else None,
            memory_mib=None if memory is None else _mebibytes(memory),
        )

    def exports(self) -> list[str]:
        """Return the shell commands that set the environment variables of ``--env``."""
        assignments = re.findall(r"(\w+)=(\S*)", self.values.get("env", "").strip('"'))
        return [f"export {name}={shlex.quote(value)}" for name, value in assignments]

    def note_idle(self, used: Set[str]) -> None:
        """Tell the user of options that are not used."""
        for name in sorted((self.flags | self.values.keys()) - used):
            click.echo(f"jobdispatch: note: --{name} has no meaning here", err=True)


def parse(arguments: Sequence[str]) -> Line:
    """Take a command line apart: options with two dashes, then a command.

    Raises
    ------
    UsageError
        For an engine that is not covered, naming what to use, or an option that there is not.
    """
    line = Line()
    for index, argument in enumerate(arguments):
        if not argument.startswith("-"):
            line.command = arguments[index:]
            break
        name, equals, value = argument.removeprefix("--").partition("=")
        flag = name.removeprefix("no_")
        if name in _NOT_COVERED:
            raise UsageError(f"--{name} is not covered: {_NOT_COVERED[name]}")
        if name in SYSTEMS:
            line.engine = name
            if equals:
                line.values["nb_proc"] = value
        elif name in _VALUES and equals:
            before = [line.values[name]] if name in _TOGETHER and name in line.values else []
            line.values[name] = _TOGETHER.get(name, "").join([*before, value])
        elif flag in _FLAGS and not equals:
            (line.flags.discard if name != flag else line.flags.add)(flag)
            (line.denied.add if name != flag else line.denied.discard)(flag)
        else:
            known = [*SYSTEMS, *_VALUES, *_FLAGS]
            listed = ", ".join(f"--{option}" for option in known)
            raise UsageError(f"no option {argument!r}{suggest(name, known)} (options: {listed})")
    if not line.command and "file" not in line.values:
        raise UsageError("which command? Give: jobman sql ... DB EXPROOT, or --file=FILE")
    return line


def _mebibytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)", text.upper())
    if match is None:
        raise UsageError(f"--mem is a number of MiB, or one with K, M or G behind: not {text!r}")
    return max(round(float(match[1]) * _MEMORY[match[2] or "M"]), 1)
