"""The command ``pylearn2-print-monitor``: the last record of saved models."""

__all__ = ["load_monitor", "main"]

from datetime import timedelta
from pathlib import Path

import click

from pylearn2_jobman.pylearn2.records import MonitorRecords


def load_monitor(path: Path) -> MonitorRecords:
    """Return the monitor of a saved model.

    Raises
    ------
    click.ClickException
        If the file holds no model, or one that was never trained.
    """
    from pylearn2_jobman.model_file import read_model
    from pylearn2_jobman.naming import aliases

    aliases.install()
    try:
        model = read_model(path)
    except (ValueError, ImportError) as error:
        raise click.ClickException(str(error)) from None
    monitor = getattr(model, "monitor", None)
    if not isinstance(monitor, MonitorRecords):
        raise click.ClickException(f"{path} holds a {type(model).__name__} that was never trained")
    return monitor


@click.command()
@click.argument(
    "models",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("-a", "--all", "everything", is_flag=True, help="Print every record, not the last.")
def main(models: tuple[Path, ...], everything: bool) -> None:
    """Print the monitoring channels of the saved MODELS."""
    for i, path in enumerate(models):
        monitor = load_monitor(path)
        if len(models) > 1:
            click.echo(f"{chr(10) if i else ''}{path}")
        names = sorted(monitor.channels)
        width = max((len(name) for name in names), default=0)
        for name in names:
            record = monitor.channels[name].val_record
            values = record if everything else record[-1:]
            click.echo(f"{name:{width}} : {', '.join(map(str, values))}")
        click.echo(
            f"trained for {monitor.get_epochs_seen()} epochs, "
            f"{monitor.get_batches_seen()} batches, {monitor.get_examples_seen()} examples"
        )
        seconds = [channel.time_record[-1] for channel in monitor.channels.values()]
        if seconds:
            click.echo(f"in {timedelta(seconds=round(max(seconds)))}")
