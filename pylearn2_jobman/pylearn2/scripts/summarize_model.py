"""The command ``pylearn2-summarize-model``: the parameters of a saved model in numbers."""

__all__ = ["main", "summarize"]

import os
from typing import Any

import click
import numpy as np

from pylearn2_jobman.pylearn2.utils import serial


def summarize(path: str | os.PathLike[str]) -> None:
    """Print the range of each parameter of a saved model, and how long it was trained.

    Parameters
    ----------
    path
        The model's file.
    """
    model = serial.load(path)
    named = zip((name for name, _ in model.named_params()), model.get_param_values(), strict=True)
    for name, value in named:
        click.echo(f"{name}: {_range(value)} {value.shape}")
        if np.sign(value.min()) != np.sign(value.max()):
            click.echo(f"abs({name}): {_range(np.abs(value))}")
        if value.ndim == 2:
            for kind, axis in (("row", 1), ("col", 0)):
                norms = np.sqrt((value**2).sum(axis=axis))
                click.echo(f"{name} {kind} norms: {_range(norms)}")
    monitor = getattr(model, "monitor", None)
    if monitor is None:
        click.echo("not trained")
        return
    click.echo(f"trained on {monitor.get_examples_seen()} examples")
    click.echo(f"which corresponds to {monitor.get_batches_seen()} batches")
    channel = next(iter(monitor.channels.values()), None)
    if channel is not None:
        click.echo(f"Trained for {channel.time_record[-1] / 3600} hours")
    click.echo(f"{monitor.get_epochs_seen()} epochs")
    if monitor.training_succeeded:
        click.echo("Training succeeded")
    else:
        click.echo("Training was not yet completed at the time of this save.")


def _range(values: Any) -> str:
    """Return the least, the mean and the most."""
    return str(tuple(float(f"{f(values):.6g}") for f in (np.min, np.mean, np.max)))


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
def main(path: str) -> None:
    """Print statistics of the parameters of the saved model PATH."""
    summarize(path)


if __name__ == "__main__":
    main()
