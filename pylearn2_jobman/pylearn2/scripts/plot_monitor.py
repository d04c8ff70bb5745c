"""The command ``pylearn2-plot-monitor``: the channels of saved models as curves."""

__all__ = ["main", "plotting"]

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.scripts.print_monitor import load_monitor

_AXES = {"epoch": "epochs", "batch": "batches", "example": "examples", "time": "seconds"}


@click.command()
@click.argument(
    "models",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "-c",
    "--channel",
    "patterns",
    multiple=True,
    help="Channel to plot, or a pattern such as '*_nll'; may be repeated. Default: '*objective'.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .png, .pdf or .svg. Default: a window.",
)
@click.option("-x", "--against", type=click.Choice(list(_AXES)), default="epoch", show_default=True)
@click.option("--log", "logarithmic", is_flag=True, help="Logarithmic vertical axis.")
def main(
    models: tuple[Path, ...],
    patterns: tuple[str, ...],
    out: Path | None,
    against: str,
    logarithmic: bool,
) -> None:
    """Plot monitoring channels of the saved MODELS."""
    monitors = {path: load_monitor(path) for path in models}
    plt = plotting(out is not None)
    figure, axes = plt.subplots()
    for path, monitor in monitors.items():
        for name in _chosen(monitor.channels, patterns or ("*objective",), path):
            channel = monitor.channels[name]
            label = name if len(models) == 1 else f"{path}: {name}"
            axes.plot(getattr(channel, f"{against}_record"), channel.val_record, label=label)
    axes.set_xlabel(_AXES[against])
    if logarithmic:
        axes.set_yscale("log")
    axes.legend()
    if out is None:
        plt.show()
    else:
        figure.savefig(out)
    plt.close(figure)


def _chosen(channels: dict[str, Any], patterns: tuple[str, ...], path: Path) -> list[str]:
    chosen = [name for name in sorted(channels) if any(fnmatchcase(name, p) for p in patterns)]
    if not chosen:
        near = "".join(suggest(pattern, channels) for pattern in patterns[:1])
        raise click.UsageError(
            f"no channel of {path} is {' or '.join(map(repr, patterns))}{near}; there are "
            f"{', '.join(sorted(channels)) or 'none'}"
        )
    return chosen


def plotting(to_file: bool) -> Any:
    """Return matplotlib's ``pyplot``, without windows if the plot goes to a file."""
    try:
        import matplotlib
    except ImportError:
        raise click.ClickException(
            "plots need matplotlib: pip install 'pylearn2_jobman[analysis]'"
        ) from None
    if to_file:
        matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt
