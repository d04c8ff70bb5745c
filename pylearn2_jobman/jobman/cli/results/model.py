"""``jobman model`` and ``jobman predict``: the model that a job has left, and what it says."""

__all__ = ["model", "predict"]

import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.places import exproot_option, table_argument
from pylearn2_jobman.jobman.cli.tables import format_option, print_json, printable
from pylearn2_jobman.whole_file import whole_file

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_output_option = click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write it to this file.",
)  # fmt: skip


@command("jobman model 'sqlite:///jobs.db?table=mlp' 7 -o best.pkl")
@table_argument
@click.argument("job_id", metavar="ID", type=int)
@_output_option
@exproot_option("Where the jobs' files are, if not where the worker put them.", remote=True)
@format_option
def model(
    table: str, job_id: int, output: Path | None, exproot: Path | str | None, form: str
) -> None:
    """Print which file holds a job's model, and what made it; or copy that file.

    In Python, table.load_model(ID) loads it, and pylearn2.utils.serial.load(FILE) its copy.
    """
    from pylearn2_jobman.jobman.files.models import model_file
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.model_file import Origin, origin

    with (
        open_table(table, create=False) as jobs,
        model_file(jobs, job_id, exproot) as (path, address),
    ):
        if output is not None:
            with path.open("rb") as source, _written(output) as target:
                shutil.copyfileobj(source, target)
            return
        what = origin(path) or Origin()
    if form == "json":
        print_json({"file": address, **asdict(what)})
        return
    versions = ", ".join(f"{name} {version}" for name, version in what.versions.items())
    lines = {"file": address, "model": what.kind, "job": what.job, "versions": versions}
    lines["saved as the best by"] = what.best
    for name, value in lines.items():
        if value:
            click.echo(printable(f"{name}: {value}"))
    if what.yaml:
        click.echo(printable(f"\n{what.yaml.strip()}"))


@command("jobman predict best.pkl images.npy -o labels.csv")
@click.argument("path", metavar="MODEL", type=_file)
@click.argument("data", metavar="DATA", type=_file)
@_output_option
@click.option("--proba", is_flag=True, help="The probabilities of the classes, not the labels.")
def predict(path: Path, data: Path, output: Path | None, proba: bool) -> None:
    """Print what the model in a file makes of examples: a line each.

    MODEL is a file that jobman model DB ID -o MODEL wrote, or a save_path. DATA is a .npy file, or
    a .csv file with numbers, an example a line, the first line perhaps of names: raw examples, as
    model.predict takes them. An output that ends in .npy is an array, another one lines. Without
    JOBMAN_ALLOW a model file may run anything, as any pickle may.
    """
    import numpy as np

    from pylearn2_jobman.model_file import read_model

    X = _read_array(data)
    loaded = read_model(path)
    method = "predict_proba" if proba else "predict"
    if not callable(getattr(loaded, method, None)):
        kind = type(loaded)
        raise UsageError(f"{path} holds a {kind.__module__}.{kind.__qualname__}: no {method}()")
    try:
        found = getattr(loaded, method)(X)
    except (ValueError, TypeError, RuntimeError) as error:
        raise UsageError(
            f"the model in {path} does not take the examples in {data}, of shape {X.shape}: {error}"
        ) from error
    if isinstance(found, tuple):  # several outputs, side by side
        found = np.concatenate([np.reshape(part, (len(part), -1)) for part in found], axis=1)
    if output is not None and output.suffix == ".npy":
        with _written(output) as file:
            np.save(file, found)
        return
    text = io.StringIO()
    rows = np.reshape(found, (len(found), -1)).tolist()
    csv.writer(text, lineterminator="\n").writerows(map(_cell, row) for row in rows)
    if output is None:
        click.echo(text.getvalue(), nl=False)
        return
    with _written(output) as file:
        file.write(text.getvalue().encode())


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """Give the output to write, and say so at the end of the ``with`` block."""
    try:
        with whole_file(path) as file:
            yield file
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None
    click.echo(f"Wrote {path}")


def _read_array(path: Path) -> Any:
    """Return the array in a file of NumPy, or in a table of numbers."""
    import numpy as np

    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        if not any(map(_is_number, lines[0].split(",") if lines else ())):
            del lines[:1]
        if not lines:
            raise ValueError("there is no line of them")
        return np.loadtxt(lines, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} holds no array of numbers: {error}; it is to be a .npy file, or lines of "
            "numbers with commas between"
        ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(value: Any) -> str:
    return f"{value:.8g}" if isinstance(value, float) else str(value)
