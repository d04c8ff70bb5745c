"""``jobman init``: a small experiment that works, to be made one's own."""

__all__ = ["init"]

import shlex
from pathlib import Path

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.whole_file import read_text, whole_file

_STARTER = Path(__file__).with_name("starter")
_FILES = {
    "moons.yaml": "the template",
    "moons.conf": "its hyper-parameters",
    "moons.py": "a dataset, and what to keep of a training",
}
_NEXT = """
Train it once, without a database:
  jobman cmdline pylearn2_jobman.experiment.train_experiment moons.conf

Queue twelve variants (with --dry-run, see them first):
  jobman sqlschedules 'sqlite:///jobs.db?table=moons' \\
      pylearn2_jobman.experiment.train_experiment moons.conf \\
      'hyper_parameters.nhid={{2,10,50}}' \\
      'hyper_parameters.learning_rate ~ loguniform(0.01, 1)' --draws 4 --seed 4

Train them, two at once, and rank them:
  jobman sql -n0 -j2 --import torch 'sqlite:///jobs.db?table=moons' experiments
  jobman best 'sqlite:///jobs.db?table=moons' --by results.valid_nll
"""


@command("jobman init my_experiment")
@click.argument(
    "directory", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path)
)
def init(directory: Path) -> None:
    """Write a small experiment that works into a directory, by default this one.

    It has a template, its hyper-parameters, a dataset of its own and a function that extracts the
    results; the commands that train it are printed. A file that is there already is left alone.
    """
    present = [name for name in _FILES if (directory / name).exists()]
    if present:
        raise UsageError(
            f"{', '.join(present)} in {str(directory)!r} would be written over: choose another "
            "directory, jobman init DIR"
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            with whole_file(directory / name) as file:
                file.write(read_text(_STARTER / name).encode())
    except OSError as error:
        raise UsageError(f"cannot write to {str(directory)!r}: {error}") from None
    click.echo("Wrote " + ", ".join(f"{name} ({what})" for name, what in _FILES.items()))
    if directory != Path():
        click.echo(f"\nGo there:\n  cd {shlex.quote(str(directory))}")
    click.echo(_NEXT, nl=False)
