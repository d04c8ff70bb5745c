"""``jobman model`` and ``jobman predict``: the model that a job has left, and what it says."""

__all__ = ["model", "predict"]

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cli.command import command
from pylearn2_jobman.jobman.cli.tables import printable

if TYPE_CHECKING:
    from pylearn2_jobman.model_file import Origin


@command("jobman model 'sqlite:///jobs.db?table=mlp' 7 -o best.pkl")
@click.argument("table", metavar="DB")
@click.argument("job_id", metavar="ID", type=int)
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Copy it to this file.",
)  # fmt: skip
@click.option(
    "--exproot", metavar="DIR",
    help="Where the jobs' files are, or ssh://host:path, if they have moved.",
)  # fmt: skip
def model(table: str, job_id: int, output: Path | None, exproot: str | None) -> None:
    """Print which file holds a job's model and what made it; or copy that file.

    In Python, table.load_model(ID) loads it, and so does pylearn2.utils.serial.load(FILE).
    """
    from pylearn2_jobman.jobman.files.models import model_file
    from pylearn2_jobman.jobman.table import open_table
    from pylearn2_jobman.model_file import origin

    with open_table(table, create=False) as jobs, model_file(jobs, job_id, exproot) as path:
        if output is not None:
            shutil.copyfile(path, output)
            click.echo(f"Wrote {output}")
            return
        click.echo(printable(str(path)))
        _print_origin(origin(path))


@command("jobman predict best.pkl images.npy -o labels.csv")
@click.argument("path", metavar="MODEL", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("data", metavar="DATA", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write it to this .npy or .csv file.",
)  # fmt: skip
@click.option("--proba", is_flag=True, help="The probabilities of the classes, not the labels.")
def predict(path: Path, data: Path, output: Path | None, proba: bool) -> None:
    """Print what the model in a file makes of examples: a line each.

    MODEL is a file that a job has saved; jobman model DB ID -o MODEL gets one. DATA is a .npy
    file, or a .csv file with an example a line and numbers alone (the first line may be names):
    raw examples, as model.predict takes them. Without JOBMAN_ALLOW a model file may run anything,
    as any pickle may: load those that you would run.
    """
    import numpy as np

    from pylearn2_jobman.model_file import read_model

    X = _read_array(data)
    try:
        loaded = read_model(path)
    except FileNotFoundError:
        raise UsageError(f"there is no file {str(path)!r}") from None
    method = "predict_proba" if proba else "predict"
    if not callable(getattr(loaded, method, None)):
        kind = type(loaded)
        raise UsageError(f"{path} holds a {kind.__module__}.{kind.__qualname__}: no {method}()")
    found = getattr(loaded, method)(X)
    if isinstance(found, tuple):  # several outputs, side by side
        found = np.concatenate([np.reshape(part, (len(part), -1)) for part in found], axis=1)
    if output is not None and output.suffix == ".npy":
        np.save(output, found)
    else:
        lines = [",".join(map(_cell, np.ravel(row))) for row in found]
        text = "".join(f"{line}\n" for line in lines)
        if output is None:
            click.echo(text, nl=False)
            return
        output.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {output}")


def _print_origin(what: "Origin | None") -> None:
    if what is None:
        click.echo("It does not say what made it.")
        return
    best = f", saved for the best {what.best}" if what.best else ""
    lines = [
        f"{what.kind}{best}",
        f"job      {what.job or 'none'}",
        f"versions {', '.join(f'{name} {version}' for name, version in what.versions.items())}",
        *(["", what.yaml.strip("\n")] if what.yaml else []),
    ]
    click.echo(printable("\n".join(lines)))


def _read_array(path: Path) -> Any:
    """Return the array in a file of NumPy, or in a table of numbers."""
    import numpy as np

    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline()
        names = any(not _is_number(cell) for cell in first.split(","))
        return np.loadtxt(path, delimiter=",", skiprows=int(names), ndmin=2, encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no file {str(path)!r}") from None
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
    plain = value.item() if hasattr(value, "item") else value
    return f"{plain:.8g}" if isinstance(plain, float) else str(plain)
