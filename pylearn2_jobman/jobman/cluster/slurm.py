"""Workers as the tasks of a Slurm array, put back into the queue while there is work for them."""

__all__ = ["Slurm"]

import argparse
import shlex
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import ClassVar

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.duration import format_duration, parse_duration
from pylearn2_jobman.jobman.cluster.engine import BATCH_OPTIONS, Engine
from pylearn2_jobman.jobman.cluster.request import Request, Resources, Say
from pylearn2_jobman.jobman.worker.loop import EXIT_OUT_OF_TIME

_DIRECTIVES = """\
#!/bin/bash
#SBATCH --job-name=jobman-{table}
#SBATCH --array={array}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@{warning}
"""

# Bash acts on a signal only while it waits, and its wait then has the signal's number as status:
# it waits until no signal has come in between.
_BODY = """
# Not $SLURM_JOB_ID: that of the last task stands for the whole array.
task=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID
{end_time}
# The warning reaches this shell alone (B:), which hands it on; SIGTERM reaches every process.
trap 'signalled=yes; [ -z "$worker" ] || kill -USR1 "$worker"' USR1
trap 'signalled=yes' TERM

cd {directory} || exit
{preparation}
{command} &
worker=$!
code=127
signalled=yes
while [ "$signalled" ]; do
    signalled=
    wait "$worker"
    ended=$?
    [ "$ended" = 127 ] || code=$ended  # 127: there is no such program, or no such child any more
done

# The worker left jobs behind: it was warned ({warned}), preempted ({preempted}), or had too little
# time for one ({out_of_time}). Slurm itself continues no task that ended by itself. A task that was
# cancelled, or whose time is over, is not RUNNING any more.
case $code in {warned} | {preempted} | {out_of_time})
    if scontrol show job -o "$task" | grep -q ' JobState=RUNNING '; then
        scontrol requeue "$task"
    fi ;;
esac
exit "$code"
"""

# Slurm tells a job when it ends only from version 23.02 on.
_END_TIME = """\
if [ -z "$SLURM_JOB_END_TIME" ]; then
    ends=$(squeue --noheader --jobs="$task" --format=%e)
    [ -z "$ends" ] || export SLURM_JOB_END_TIME=$(date -d "$ends" +%s 2> /dev/null)
fi
"""

_UNLIMITED = ("UNLIMITED", "INFINITE", "0")


@dataclass(frozen=True)
class Slurm(Engine):
    """Workers as the tasks of an array.

    Attributes
    ----------
    array_limit
        How many of the workers may run at once; None: as many as there is room for.
    sbatch
        Options of sbatch, which override those set here.
    srun
        Options of an srun through which the worker is started; None: without srun.
    """

    array_limit: int | None = None
    sbatch: str = ""
    srun: str | None = None

    place: ClassVar = "Slurm"
    choice: ClassVar = {"is_flag": True, "help": "As an array of Slurm jobs."}
    options: ClassVar = {
        **BATCH_OPTIONS,
        "--array-limit": {
            "type": click.IntRange(min=1), "metavar": "N",
            "help": "at most so many workers at once.",
        },
        "--sbatch": {"default": "", "metavar": "OPTIONS", "help": "further options of sbatch."},
        "--srun": {
            "metavar": "OPTIONS",
            "help": "start the worker through srun, with these options (may be empty).",
        },
    }  # fmt: skip

    def launch(self, request: Request, say: Say) -> int:
        """Submit an array of workers, and report how to watch and to cancel it."""
        text = self.describe(request)
        program = shutil.which("sbatch")
        if program is None:
            raise UsageError(
                "there is no sbatch on this machine: launch from one of the cluster's login "
                "nodes, or give what --print shows to sbatch there"
            )
        done = subprocess.run(  # noqa: S603
            [program, "--parsable"], input=text, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise UsageError(f"sbatch refuses: {done.stderr.strip()}")
        number = done.stdout.strip().partition(";")[0]
        status = f"jobman launch --status {request.command.shown_table}"
        say(
            f"Submitted {request.counted} as array {number}\n"
            f"  watch:  squeue --jobs {number}; {status}\n"
            f"  cancel: scancel {number}"
        )
        return 0

    def describe(self, request: Request) -> str:
        """Return the batch script of the array.

        Raises
        ------
        UsageError
            If the options cannot be read, or the time limit leaves no time before the warning.
        """
        request.check_time(_time_limit(self.sbatch) or request.resources.seconds)
        command = request.command
        array = f"0-{request.workers - 1}" + (f"%{self.array_limit}" if self.array_limit else "")
        head = _DIRECTIVES.format(table=command.table, array=array, warning=request.warning_seconds)
        head += "".join(f"#SBATCH {option}\n" for option in _options(request.resources))
        if self.sbatch:
            head += f"#SBATCH {self.sbatch}\n"
        options = ["--stop-signal", "USR1"]
        if request.min_time_seconds:
            options += ["--min-time", f"{request.min_time_seconds + request.warning_seconds:g}"]
        line = shlex.join(command.arguments(*options))
        if self.srun is not None:
            line = " ".join(filter(None, ["srun", self.srun, line]))
        return head + _BODY.format(
            end_time=_END_TIME if request.min_time_seconds else "",
            directory=shlex.quote(str(command.directory)),
            preparation=command.preparation(),
            command=line,
            warned=128 + signal.SIGUSR1,
            preempted=128 + signal.SIGTERM,
            out_of_time=EXIT_OUT_OF_TIME,
        )


def _options(resources: Resources) -> list[str]:
    """Return the resources as options of sbatch."""
    wanted = {
        "partition": resources.queue,
        "account": resources.project,
        "time": None if resources.seconds is None else format_duration(resources.seconds),
        "cpus-per-task": resources.cores,
        "gpus": resources.gpus,
        "mem": None if resources.memory_mib is None else f"{resources.memory_mib}M",
    }
    return [f"--{name}={value}" for name, value in wanted.items() if value is not None]


def _time_limit(sbatch: str) -> float | None:
    """Return the ``--time`` among options of sbatch, in seconds; None if there is none."""
    try:
        words = shlex.split(sbatch)
    except ValueError as error:
        raise UsageError(f"--sbatch={sbatch!r} cannot be read: {error}") from None
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-t", "--time")
    text: str | None = parser.parse_known_args(words)[0].time
    return None if text is None or text.upper() in _UNLIMITED else parse_duration(text)
