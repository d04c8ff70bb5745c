"""``jobman cmdline``: one experiment, here and now."""

__all__ = ["cmdline"]

import contextlib
import logging
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.channel import NoWorker
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.jobs.options import parser_option
from pylearn2_jobman.jobman.cli.run.training import or_never, training_options
from pylearn2_jobman.jobman.cli.tables import printable
from pylearn2_jobman.jobman.endings import How
from pylearn2_jobman.jobman.formatting import shorten
from pylearn2_jobman.jobman.parameters.sweep import one_job
from pylearn2_jobman.jobman.status import FAILED

_TRAINING = ("pylearn2_jobman.pylearn2", "pylearn2")  # whose loggers say how training goes
_SAY_SECONDS = 1.0  # between two reports
_LONGEST = 200  # characters of a value that are shown


@command("jobman cmdline -w try1 jobman.examples.def_addition.addition_example first=1 second=2")
@click.argument("experiment")
@click.argument("parameters", nargs=-1)
@click.option("-f", "--force", is_flag=True, help="Run even where a job is running.")
@click.option(
    "-w",
    "--workdir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Run here; what an earlier run left here is resumed, or run again.",
)
@click.option(
    "--workdir-dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Run in a fresh directory below this one.",
)
@click.option(
    "-g",
    "--workdir-gen",
    default="date",
    show_default=True,
    metavar="NAME",
    help="How a fresh directory is named: date, numbered, or module.function. The key "
    "workdir_prefix is the beginning of the name.",
)
@click.option(
    "-n", "--dry-run", is_flag=True, help="Run in a directory that is deleted afterwards."
)
@click.option(
    "-v", "--verbose", is_flag=True,
    help="Print every monitoring channel after every epoch, as pylearn2 does, not one line.",
)  # fmt: skip
@click.option("-r", "--redirect", is_flag=True, help="Both of the following.")
@click.option("--redirect-stdout", is_flag=True, help="Standard output goes to stdout in DIR.")
@click.option("--redirect-stderr", is_flag=True, help="Standard error goes to stderr in DIR.")
@click.option("-2", "--sigint", is_flag=True, help="Ctrl-C interrupts instead of asking to stop.")
@parser_option
@click.option(
    "--finish-up-after",
    type=float,
    metavar="SECONDS",
    help="channel.switch() answers 'finish-up' after this time.",
)
@click.option(
    "--save-every",
    type=float,
    metavar="SECONDS",
    callback=or_never,
    help="channel.switch() answers 'save' that often; 0: never.",
)
@training_options
def cmdline(
    experiment: str,
    parameters: tuple[str, ...],
    force: bool,
    workdir: Path | None,
    workdir_dir: Path | None,
    workdir_gen: str,
    dry_run: bool,
    verbose: bool,
    redirect: bool,
    redirect_stdout: bool,
    redirect_stderr: bool,
    sigint: bool,
    parser_name: str,
    finish_up_after: float | None,
    save_every: float | None,
) -> int:
    """Run one experiment here and now, without a database.

    EXPERIMENT is the dotted name of a function f(state, channel); `jobman help parameters` explains
    PARAMETERS. The working directory keeps orig.conf and current.conf, the state before and after.
    At the end the results are printed.
    """
    from pylearn2_jobman.jobman.files import workdir as workdirs
    from pylearn2_jobman.jobman.files.workdir_names import make_fresh
    from pylearn2_jobman.jobman.parameters.conf import read_conf
    from pylearn2_jobman.jobman.state import expand
    from pylearn2_jobman.jobman.table.schedule import check_experiment, job_state
    from pylearn2_jobman.jobman.worker.execution import execute, record

    given = [
        name
        for name, value in (
            ("--workdir", workdir), ("--workdir-dir", workdir_dir), ("--dry-run", dry_run),
        )
        if value
    ]  # fmt: skip
    if len(given) > 1:
        raise click.UsageError(f"use only one of {', '.join(given)}")
    check_experiment(experiment)
    flat = job_state(experiment, one_job(parser_name, parameters)) | {"jobman.time": time.ctime()}
    try:
        if dry_run:
            directory = Path(tempfile.mkdtemp(prefix="jobman-"))
        elif workdir_dir is not None:
            workdir_dir.mkdir(parents=True, exist_ok=True)
            directory = Path(tempfile.mkdtemp(dir=workdir_dir))
        elif workdir is not None:
            workdir.mkdir(parents=True, exist_ok=True)
            directory = workdir
        else:
            directory = make_fresh(workdir_gen, expand(flat))
        directory = directory.absolute()
        if workdirs.in_use(directory) and not force:
            raise UsageError(
                f"a job runs in {directory}; --force runs another beside it, another --workdir "
                "elsewhere"
            )
        lock = workdirs.lock(directory)
    except OSError as error:
        raise UsageError(
            f"the working directory {str(error.filename)!r} cannot be made: {error.strerror}"
        ) from None
    current = directory / "current.conf"
    if current.exists():
        flat = read_conf(current) | flat
    click.echo(f"The working directory is: {directory}")
    start, process = Path.cwd(), os.getpid()
    os.chdir(directory)
    try:
        with (
            _stop_on_signals(sigint) as link,
            # What goes into a file is a record of all.
            _training_in_brief(not (verbose or redirect or redirect_stdout)),
            _redirected(1, redirect or redirect_stdout, directory / "stdout"),
            _redirected(2, redirect or redirect_stderr, directory / "stderr"),
        ):
            outcome = execute(
                flat,
                directory,
                link,
                finish_up_after_seconds=finish_up_after,
                save_every_seconds=save_every,
            )
        if (problem := record(directory, outcome.state)) is not None:
            click.echo(f"jobman: {problem}", err=True)
        for key, value in outcome.state.items() if outcome.how is How.COMPLETE else ():
            if key.startswith("results."):
                click.echo(printable(f"{key} = {shorten(value, _LONGEST)}"))
    finally:
        with contextlib.suppress(OSError):  # an experiment may have closed all
            os.close(lock)
        if dry_run and os.getpid() == process:  # and not one that the experiment has forked
            os.chdir(start)
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if outcome.status in FAILED else 0


@contextlib.contextmanager
def _stop_on_signals(leave_sigint: bool) -> Iterator[NoWorker]:
    """Turn signals into a request to stop; the handler only sets a flag."""
    from pylearn2_jobman.signals import handled

    class Signals(NoWorker):
        said_at = -math.inf

        def report(self, text: str) -> None:
            if time.monotonic() >= self.said_at + _SAY_SECONDS:
                self.said_at = time.monotonic()
                with contextlib.suppress(OSError, ValueError):  # closed by the experiment
                    click.echo(printable(text))

        def request(self) -> str | None:
            return "stop" if noted else None

    noted: list[int] = []
    numbers = [signal.SIGTERM, signal.SIGUSR2] + ([] if leave_sigint else [signal.SIGINT])

    def note(number: int, frame: object) -> None:
        if noted and number == signal.SIGINT:  # a second Ctrl-C means it
            raise KeyboardInterrupt
        noted.append(number)

    with handled(dict.fromkeys(numbers, note)):
        yield Signals()


@contextlib.contextmanager
def _training_in_brief(wanted: bool) -> Iterator[None]:
    """Keep the lines to oneself that training logs for every channel and epoch."""
    loggers = [logging.getLogger(name) for name in _TRAINING] if wanted else []
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _redirected(descriptor: int, wanted: bool, path: Path) -> Iterator[None]:
    """Send standard output or error to a file, what C code writes too."""
    if not wanted:
        yield
        return
    stream = {1: sys.stdout, 2: sys.stderr}[descriptor]
    stream.flush()
    saved = os.dup(descriptor)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), descriptor)
        yield
    finally:
        stream.flush()
        os.dup2(saved, descriptor)
        os.close(saved)
