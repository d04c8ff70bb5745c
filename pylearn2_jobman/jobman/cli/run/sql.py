"""``jobman sql``: a worker."""

__all__ = ["sql"]

import os
import signal
from pathlib import Path

import click

from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.display import open_display
from pylearn2_jobman.jobman.cli.run.training import training_options
from pylearn2_jobman.jobman.status import Status


@command("jobman sql -n0 -j4 'sqlite:///jobs.db?table=mlp' experiments")
@click.argument("table", metavar="DB")
@click.argument("exproot")
@click.option(
    "-n",
    "jobs",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="How many jobs to run; 0: until nothing is left.",
)
@click.option(
    "-j",
    "--jobs-at-once",
    "workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="K",
    help="How many jobs to run at once.",
)
@click.option("--select", metavar="COMPARISON", help="Take only jobs like this: 'key=value'.")
@click.option("--watch", is_flag=True, help="Wait for new jobs when nothing is left.")
@click.option(
    "-w",
    "--workdir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Run every job in this directory, which is emptied after each.",
)
@click.option(
    "--workdir-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Make the working directories here  [default: the system's temporary directory].",
)
@click.option(
    "--import",
    "imports",
    metavar="A,B",
    multiple=True,
    help="Import these modules once, before the first job, so that jobs start faster.",
)
@click.option("--gpus", metavar="0,1", help="Give each of the concurrent jobs one of these GPUs.")
@click.option(
    "--finish-up-after",
    type=float,
    metavar="SECONDS",
    help="channel.switch() answers 'finish-up' after this time.",
)
@click.option(
    "--save-every",
    type=float,
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="channel.switch() answers 'save' that often; 0: never.",
)
@click.option(
    "--time-limit",
    type=float,
    metavar="SECONDS",
    help="Ask the jobs to stop, put them back, and leave after this time.",
)
@click.option(
    "--min-time",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Begin no job when less is left until --time-limit or the batch system's "
    "SLURM_JOB_END_TIME.",
)
@click.option(
    "--stop-signal",
    type=click.Choice(["USR1", "USR2"], case_sensitive=False),
    help="Ask the jobs to stop, put them back, and leave at this signal too.",
)
@click.option(
    "--with-parent",
    is_flag=True,
    help="Do as at --time-limit when the process that started this one is gone.",
)
@click.option(
    "--grace",
    type=float,
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long jobs may take that have been asked to stop.",
)
@click.option(
    "--patience",
    type=float,
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long to try again while the database or EXPROOT is away.",
)
@click.option(
    "--lease",
    type=float,
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Take jobs back from workers that have given no sign of life for this time.",
)
@click.option(
    "--heartbeat",
    type=float,
    metavar="SECONDS",
    help="How often to give a sign of life  [default: a tenth of the lease].",
)
@click.option(
    "--max-restarts",
    type=int,
    default=3,
    show_default=True,
    metavar="N",
    help="How often a job is taken back before it counts as failed.",
)
@click.option("--allow", metavar="NAMES", help="Which names jobs may use: 'pylearn2.*,mylab.*'.")
@training_options
@click.option("--in-process", is_flag=True, help="Run the experiments in this process, to debug.")
@click.option("--no-progress", is_flag=True, help="Print a line for every job, on terminals too.")
def sql(
    table: str,
    exproot: str,
    jobs: int,
    imports: tuple[str, ...],
    gpus: str | None,
    allow: str | None,
    no_progress: bool,
    finish_up_after: float | None,
    save_every: float,
    time_limit: float | None,
    min_time: float,
    stop_signal: str | None,
    grace: float,
    patience: float,
    lease: float,
    heartbeat: float | None,
    **options: object,
) -> int:
    """Run jobs from a table.

    Each job gets a working directory and a process of its own. Its files are kept in
    EXPROOT/database/table/id, its state goes back into the table.

    Ctrl-C or SIGTERM asks the running jobs to stop and puts them back into the table; a second one
    ends them at once. What train_experiment trains is saved then, and every --save-every seconds,
    and whoever takes the job next goes on from there. SIGUSR1 or SIGUSR2 lets the jobs finish and
    begins no other. Exit codes: 0 all went well, 1 some job failed, 2 usage, 3 the table cannot be
    reached, 75 jobs are left that --min-time kept it from beginning, 128 + the signal's number when
    a signal stopped it.
    """
    from pylearn2_jobman.jobman.files.roots import open_root
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.jobman.worker.loop import Worker
    from pylearn2_jobman.jobman.worker.settings import WorkerSettings

    if allow is not None:
        os.environ["JOBMAN_ALLOW"] = allow
    settings = WorkerSettings(
        jobs=jobs if jobs > 0 else None,
        preload=_split(*imports),
        gpus=_split(gpus or ""),
        finish_up_after_seconds=finish_up_after,
        save_every_seconds=save_every or None,
        time_limit_seconds=time_limit,
        min_time_seconds=min_time,
        ends_at=_ends_at(),
        stop_signal=signal.Signals[f"SIG{stop_signal.upper()}"] if stop_signal else None,
        grace_seconds=grace,
        patience_seconds=patience,
        lease_seconds=lease,
        heartbeat_every_seconds=heartbeat,
        **options,  # type: ignore[arg-type]
    )
    root = open_root(exproot)
    # A misspelt table would be made, and have no jobs; only who waits for jobs may come before it.
    open_table(table, create=settings.watch).close()
    with open_display(plain=no_progress or settings.in_process) as display:
        worker = Worker(table, root, settings, display)
        tally = worker.run()
    ran = sum(tally.ended.values())
    parts = [f"{tally.ended[status]} {status.name}" for status in Status if tally.ended[status]]
    why = f"Stopped by {tally.signal.name}" if tally.signal else "No more jobs to run"
    if tally.out_of_time:
        why = "Too little time left for another job"
    if settings.jobs is not None and ran >= settings.jobs and not tally.signal:
        why = "Finished"
    click.echo(f"{why} (ran {ran} job{'s' * (ran != 1)}{': ' * bool(parts)}{', '.join(parts)})")
    return tally.exit_code


def _ends_at() -> float | None:
    """Return when the batch system will end this process, if it said so."""
    text = os.environ.get("SLURM_JOB_END_TIME", "")
    return float(text) if text.isdecimal() else None


def _split(*lists: str) -> tuple[str, ...]:
    return tuple(part.strip() for text in lists for part in text.split(",") if part.strip())
