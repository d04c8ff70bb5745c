"""Workers as the tasks of a Slurm array, put back into the queue while there is work for them."""

__all__ = ["launch", "script"]

import argparse
import shlex
import shutil
import signal
import subprocess

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster.duration import format_duration, parse_duration
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


def launch(
    request: Request, say: Say, *, at_once: int | None = None, sbatch: str = "", srun: str | None
) -> int:
    """Submit an array of workers, and say how to watch and to cancel it. See `script`.

    Raises
    ------
    UsageError
        If there is no sbatch here, or it refuses, in its own words.
    """
    text = script(request, at_once=at_once, sbatch=sbatch, srun=srun)
    program = shutil.which("sbatch")
    if program is None:
        raise UsageError(
            "there is no sbatch on this machine: launch from one of the cluster's login nodes, or "
            "give what --print shows to sbatch there"
        )
    done = subprocess.run(  # noqa: S603
        [program, "--parsable"], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise UsageError(f"sbatch refuses: {done.stderr.strip()}")
    number = done.stdout.strip().partition(";")[0]
    say(
        f"Submitted {request.counted} as array {number}\n"
        f"  watch:  squeue --jobs {number}; jobman launch --status {request.command.shown_table}\n"
        f"  cancel: scancel {number}"
    )
    return 0


def script(
    request: Request, *, at_once: int | None = None, sbatch: str = "", srun: str | None = None
) -> str:
    """Return the batch script of an array of workers.

    Parameters
    ----------
    request
        What is wanted.
    at_once
        How many of the workers may run at once; None: as many as there is room for.
    sbatch
        Options of sbatch, which override those set here.
    srun
        Options of an srun through which the worker is started; None: without srun.

    Raises
    ------
    UsageError
        If the options cannot be read, or the time limit leaves no time before the warning.
    """
    request.check_time(_time_limit(sbatch) or request.resources.seconds)
    command = request.command
    array = f"0-{request.workers - 1}" + (f"%{at_once}" if at_once else "")
    head = _DIRECTIVES.format(table=command.table, array=array, warning=request.warning_seconds)
    head += "".join(f"#SBATCH {option}\n" for option in _options(request.resources))
    if sbatch:
        head += f"#SBATCH {sbatch}\n"
    options = ["--stop-signal", "USR1"]
    if request.min_time_seconds:
        options += ["--min-time", f"{request.min_time_seconds + request.warning_seconds:g}"]
    line = shlex.join(command.arguments(*options))
    if srun is not None:
        line = " ".join(filter(None, ["srun", srun, line]))
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
    """Return what sbatch calls the resources."""
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
