"""The command ``pylearn2-train``: train from a YAML file."""

__all__ = ["main", "train"]

import logging
import os
import sys
import traceback
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.errors import JobmanError
from pylearn2_jobman.whole_file import read_text

_PACKAGE = Path(__file__).parents[1]


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, wanted: _list(context) if wanted else None,
    help="Print what YAML files may name, with its arguments.",
)
@click.option("-t", "--time-budget", type=float, help="Begin no epoch after so many seconds.")
@click.option(
    "--resume",
    is_flag=True,
    help="Resume from the checkpoint that a stopped training left.",
)
@click.option(
    "--save-every",
    type=click.FloatRange(min=0),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How often to write a checkpoint; 0: never.",
)
@click.option("-L", "--level-name", is_flag=True, help="Show the level of each line of the log.")
@click.option("-T", "--timestamp", is_flag=True, help="Show the time of each line of the log.")
@click.option("-V", "--verbose-logging", is_flag=True, help="Show where each line comes from.")
@click.option("-D", "--debug", is_flag=True, help="Show more.")
@click.option("-q", "--quiet", is_flag=True, help="Show warnings only, and no progress.")
def main(
    config: Path,
    time_budget: float | None,
    resume: bool,
    save_every: float,
    level_name: bool,
    timestamp: bool,
    verbose_logging: bool,
    debug: bool,
    quiet: bool,
) -> None:
    """Train what the YAML file CONFIG describes.

    It describes a pylearn2.train.Train, or a list of them: phases, trained one after the other.

    Ctrl-C, SIGTERM or SIGUSR2 stops the training between two batches, with a checkpoint beside
    CONFIG that --resume resumes from; a second one does not wait.
    """
    level = logging.DEBUG if debug else logging.WARNING if quiet else logging.INFO
    _set_up_logging(level, level_name, timestamp, verbose_logging)
    warnings.showwarning = _show_warning
    try:
        sys.path.insert(0, str(Path.cwd()))  # for classes of one's own
    except FileNotFoundError:
        raise _Misuse("the current directory has been deleted: go to one that exists") from None
    show_progress = not quiet and sys.stderr.isatty()
    try:
        code = _train(config, time_budget, resume, save_every, show_progress)
    except JobmanError as error:
        raise _Misuse(_text(error)) from None
    except Exception as error:
        if not _raised_by_us(error):
            raise
        raise click.ClickException(_text(error)) from None
    sys.exit(code)


def train(
    config: str | os.PathLike[str],
    level_name: bool | None = None,
    timestamp: bool | None = None,
    time_budget: float | None = None,
    verbose_logging: bool | None = None,
    debug: bool | None = None,
) -> None:
    """Train what a YAML file describes, as the command does.

    Parameters
    ----------
    config
        The YAML file.
    time_budget
        Begin no epoch after so many seconds.
    level_name, timestamp, verbose_logging, debug
        What lines of the log show, and whether there are more of them.
    """
    level = logging.DEBUG if debug else logging.INFO
    _set_up_logging(level, bool(level_name), bool(timestamp), bool(verbose_logging))
    code = _train(Path(config), time_budget, resume=False, save_every=600, show_progress=False)
    if code:
        sys.exit(code)


def _list(context: click.Context) -> None:
    from pylearn2_jobman.naming import vocabulary

    click.echo(vocabulary.text(), nl=False)
    context.exit()


def _train(
    config: Path, time_budget: float | None, resume: bool, save_every: float, show_progress: bool
) -> int:
    """Train; return the exit code: 0, or 128 + the number of the signal that stopped it."""
    from pylearn2_jobman.model_file import making
    from pylearn2_jobman.naming import aliases
    from pylearn2_jobman.pylearn2.config.phases import Phases
    from pylearn2_jobman.pylearn2.utils import serial
    from pylearn2_jobman.running.checkpoint import CheckpointFile
    from pylearn2_jobman.running.epoch_bar import EpochProgress
    from pylearn2_jobman.running.preemption import Preemption
    from pylearn2_jobman.running.requests import Requests
    from pylearn2_jobman.running.runner import PhaseRunner, TrainingStopped

    aliases.install()
    serial.publish_train_file(config)
    stem = os.environ["PYLEARN2_TRAIN_FILE_STEM"]
    yaml_text = read_text(config)
    file = CheckpointFile(
        config.parent,
        yaml_text,
        prefix=f"{stem}.",
        how_to_restart="begin anew by leaving --resume out",
    )

    def check(phase: Any) -> None:
        if not callable(getattr(phase, "main_loop", None)):
            raise ValueError(
                f"{config} describes a {type(phase).__name__}, which has no main_loop(): its "
                "outermost node is to be a !obj:pylearn2.train.Train {...}, or a list of them"
            )

    phases = Phases(yaml_text, check, source=str(config))
    runner = PhaseRunner(phases, file, release=True)
    requests = Requests(save_every)

    def main_loop(phase: Any) -> None:
        os.environ["PYLEARN2_TRAIN_PHASE"] = f"phase{runner.ended + 1}"
        can_be_stopped = Preemption(runner, requests.switch).attach(phase)
        with (
            requests.signals() if can_be_stopped else nullcontext(),
            EpochProgress(phase) if show_progress else nullcontext(),
            making(yaml=yaml_text, phase=runner.ended + 1),
        ):
            phase.main_loop(time_budget=time_budget)

    if resume:
        runner.restore()
    try:
        runner.train(main_loop)
    except TrainingStopped:
        assert requests.signal is not None
        how_to_resume = "; resume it with --resume" if file.exists() else ""
        click.echo(f"Stopped by {requests.signal.name}{how_to_resume}.", err=True)
        return 128 + requests.signal
    runner.remove_checkpoint()
    return 0


def _set_up_logging(level: int, level_name: bool, timestamp: bool, verbose: bool) -> None:
    parts = [
        "%(asctime)s" if timestamp else "",
        "%(name)s" if verbose else "",
        "%(levelname)s" if level_name or verbose else "",
        "%(message)s",
    ]
    logging.basicConfig(
        level=level, format=" ".join(part for part in parts if part), stream=sys.stdout, force=True
    )


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"note: {message}", err=True)


class _Misuse(click.ClickException):
    exit_code = 2


def _text(error: Exception) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


def _raised_by_us(error: Exception) -> bool:
    """Return whether an error is about our arguments, and not from someone's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    kinds = (ValueError, TypeError, OSError)
    return isinstance(error, kinds) and _PACKAGE in Path(frames[-1].filename).parents
