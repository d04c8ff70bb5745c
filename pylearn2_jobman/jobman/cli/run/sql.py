"""``jobman sql``: a worker."""

__all__ = ["sql"]

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.display import open_display
from pylearn2_jobman.jobman.cli.places import exproot_argument, table_argument
from pylearn2_jobman.jobman.cli.pruning import pruning_from, pruning_options
from pylearn2_jobman.jobman.cli.run.training import or_never, training_options
from pylearn2_jobman.jobman.cli.streams import outlast_streams
from pylearn2_jobman.jobman.formatting import plural
from pylearn2_jobman.jobman.limits import seconds
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.worker.settings import WorkerSettings
from pylearn2_jobman.jobman.worker.threads import available_cores

# Spellings of before.
_OLD_NAMES = {"watch": "wait-for-jobs", "patience": "retry-for"}


def _setting(field: str, *flags: str, **settings: Any) -> Callable[..., Any]:
    """Make a field of `WorkerSettings` an option, with the field's default."""
    default = getattr(WorkerSettings, field)
    return click.option(*flags, field, default=default, show_default=default != (), **settings)


class _Time(click.ParamType):  # type: ignore[type-arg]  # of later versions only
    """Seconds, or a time such as ``2h30m``."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return float(value)
        except ValueError:
            pass
        try:
            return seconds(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


def _split(
    _context: click.Context, _option: click.Parameter, given: str | tuple[str, ...]
) -> tuple[str, ...]:
    """Return the names between the commas of an option's value, or of all its values."""
    texts = [given] if isinstance(given, str) else given
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _threads(_context: click.Context, option: click.Parameter, given: str | None) -> int | None:
    """Return the number of threads that an option's value stands for."""
    if given is None:
        return None
    number = available_cores() if given == "all" else int(given) if given.isdecimal() else 0
    if number < 1:
        raise click.BadParameter(f"a number from 1 on, or all: not {given!r}", param=option)
    return number


@command(
    "jobman sql -n0 -j4 'sqlite:///jobs.db?table=mlp' experiments",
    context_settings={"token_normalize_func": lambda name: _OLD_NAMES.get(name, name)},
)
@table_argument
@exproot_argument
@_setting(
    "jobs", "-n", type=int, metavar="N", help="How many jobs to run; 0: until nothing is left."
)
@_setting(
    "workers", "-j", "--jobs-at-once", type=click.IntRange(min=1), metavar="K",
    help="How many jobs to run at once.",
)  # fmt: skip
@_setting("select", "--select", metavar="COMPARISON", help="Take only jobs like this: 'key=value'.")
@_setting(
    "wait_for_jobs", "--wait-for-jobs", is_flag=True,
    help="Wait for new jobs when nothing is left.",
)  # fmt: skip
@_setting(
    "workdir", "-w", "--workdir", type=click.Path(path_type=Path), metavar="DIR",
    help="Run every job in this directory, which is emptied after each.",
)  # fmt: skip
@_setting(
    "workdir_dir", "--workdir-dir", type=click.Path(path_type=Path), metavar="DIR",
    help="Make the working directories here  [default: the system's temporary directory].",
)  # fmt: skip
@_setting(
    "threads", "--threads", metavar="N", callback=_threads,
    help="With how many threads each job computes; all: as many as there are cores  "
    "[default: OMP_NUM_THREADS, else one].",
)  # fmt: skip
@_setting(
    "preload", "--import", multiple=True, callback=_split, metavar="A,B",
    help="Import these modules once, before the first job, so that jobs start faster.",
)  # fmt: skip
@_setting(
    "gpus", "--gpus", type=click.UNPROCESSED, callback=_split, metavar="0,1",
    help="Give each of the concurrent jobs one of these GPUs.",
)  # fmt: skip
@_setting(
    "finish_up_after_seconds", "--finish-up-after", type=_Time(), metavar="SECONDS",
    help="channel.switch() answers 'finish-up' after this time.",
)  # fmt: skip
@_setting(
    "save_every_seconds", "--save-every", type=_Time(), metavar="SECONDS",
    callback=or_never,
    help="channel.switch() answers 'save' that often; 0: never.",
)  # fmt: skip
@_setting(
    "time_limit_seconds", "--time-limit", type=_Time(), metavar="SECONDS",
    help="Ask the jobs to stop, put them back, and leave after this time.",
)  # fmt: skip
@_setting(
    "job_time_limit_seconds", "--job-time-limit", type=_Time(), metavar="SECONDS",
    help="Ask a job to stop after this time ('2h'), kill it after --grace; jobman.time_limit may "
    "set it a shorter one.",
)  # fmt: skip
@_setting(
    "on_time_limit", "--on-time-limit", type=click.Choice(["fail", "requeue"]),
    help="What becomes of it then: ERR_RUN, or START, to go on later, --max-restarts times.",
)  # fmt: skip
@_setting(
    "min_time_seconds", "--min-time", type=click.FloatRange(min=0), metavar="SECONDS",
    help="Begin no job when less is left until --time-limit or the batch system's "
    "SLURM_JOB_END_TIME.",
)  # fmt: skip
@_setting(
    "stop_signal", "--stop-signal", type=click.Choice(["USR1", "USR2"], case_sensitive=False),
    callback=lambda _context, _option, name: name and signal.Signals[f"SIG{name}"],
    help="Ask the jobs to stop, put them back, and leave at this signal too.",
)  # fmt: skip
@_setting(
    "with_parent", "--with-parent", is_flag=True,
    help="Do as at --time-limit when the process that started this one is gone.",
)  # fmt: skip
@_setting(
    "grace_seconds", "--grace", type=_Time(), metavar="SECONDS",
    help="How long jobs may take that have been asked to stop, and processes to end whose job has.",
)  # fmt: skip
@_setting(
    "retry_for_seconds", "--retry-for", type=_Time(), metavar="SECONDS",
    help="How long to try again while the database or EXPROOT is away.",
)  # fmt: skip
@_setting(
    "lease_seconds", "--lease", type=_Time(), metavar="SECONDS",
    help="Take jobs back from workers that have given no sign of life for this time.",
)  # fmt: skip
@_setting(
    "heartbeat_every_seconds", "--heartbeat", type=_Time(), metavar="SECONDS",
    help="How often to give a sign of life  [default: a tenth of the lease].",
)  # fmt: skip
@_setting(
    "max_restarts", "--max-restarts", type=int, metavar="N",
    help="How often a job begins again that was taken back, or whose process was killed.",
)  # fmt: skip
@_setting(
    "retry", "--retry", multiple=True, metavar="PATTERN",
    help="Try errors like this again: 'CUDA out of memory*'; repeatable.",
)  # fmt: skip
@_setting(
    "retries", "--retries", type=click.IntRange(min=0), metavar="N",
    help="How often, after 10 s, 1 min, then every 5 min. A job's jobman.retries goes before.",
)  # fmt: skip
@_setting(
    "stop_after", "--stop-after", type=click.IntRange(min=1), metavar="N",
    help="Begin no other job once N in a row have failed with the same error.",
)  # fmt: skip
@pruning_options
@click.option("--allow", metavar="NAMES", help="Which names jobs may use: 'pylearn2.*,mylab.*'.")
@training_options
@_setting(
    "in_process", "--in-process", is_flag=True,
    help="Run the experiments in this process, to debug: it does not end after each.",
)  # fmt: skip
@click.option("--no-progress", is_flag=True, help="Print a line for every job, on terminals too.")
def sql(table: str, exproot: str, allow: str | None, no_progress: bool, **options: Any) -> int:
    """Run jobs from a table.

    Each job gets a working directory and a process of its own. Its files are kept in
    EXPROOT/database/table/id, its state goes back into the table.

    Ctrl-C or SIGTERM asks the running jobs to stop and puts them back into the table; a second one
    ends them at once. What train_experiment trains is saved then, and every --save-every seconds,
    and resumed by the next worker that takes the job. SIGUSR1 or SIGUSR2 lets the jobs finish and
    begins no other. A closed terminal, pipe or full disk behind the output ends nothing.

    Exit codes: 0 all went well, 1 some job failed, 2 usage, 3 the table cannot be reached, 75 jobs
    are left that --min-time kept it from beginning, 128 + the signal's number when a signal stopped
    it.
    """
    from pylearn2_jobman.fence.allow import allow_list
    from pylearn2_jobman.jobman.database.address import Address
    from pylearn2_jobman.jobman.files.roots import open_root
    from pylearn2_jobman.jobman.worker.loop import Worker

    outlast_streams()
    options["prune"] = pruning_from(options)
    if allow is not None:
        os.environ["JOBMAN_ALLOW"] = allow
    settings = WorkerSettings(ends_at=_ends_at(), **options)
    root = open_root(exproot)
    if allow_list() is None and not Address.parse(table).is_sqlite:
        click.echo(
            "Whoever can write to this table can run code here as you. JOBMAN_ALLOW names what "
            "jobs may use: see docs/explanation/trust.rst."
        )
    with open_display(plain=no_progress or settings.in_process) as display:
        worker = Worker(table, root, settings, display)
        tally = worker.run()
    ran = sum(tally.ended.values())
    parts = [f"{tally.ended[status]} {status.name}" for status in Status if tally.ended[status]]
    why = "No more jobs to run"
    if tally.signal:
        why = f"Stopped by {tally.signal.name}"
    elif worker.control.ending:
        why = f"Stopped, as {worker.control.reason or 'it was asked to begin no other job'}"
    if tally.same_error is not None:
        number = settings.stop_after
        why = f"{number} jobs in a row failed with the same error: {tally.same_error}\nStopped"
    if tally.out_of_time:
        why = "Too little time left for another job"
    if 0 < settings.jobs <= ran and not (tally.signal or tally.same_error):
        why = "Finished"
    click.echo(f"{why} (ran {ran} {plural(ran, 'job')}{': ' * bool(parts)}{', '.join(parts)})")
    return tally.exit_code


def _ends_at() -> float | None:
    """Return when the batch system will end this process, where that is known."""
    text = os.environ.get("SLURM_JOB_END_TIME", "")
    return float(text) if text.isdecimal() else None
