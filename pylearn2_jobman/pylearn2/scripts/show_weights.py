"""The command ``pylearn2-show-weights``: the weights of a saved model as a picture."""

__all__ = ["main", "show_or_save", "show_weights"]

import os

import click

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.gui.get_weights_report import get_weights_report
from pylearn2_jobman.pylearn2.gui.patch_viewer import PatchViewer
from pylearn2_jobman.pylearn2.scripts.plot_monitor import plotting


def show_weights(
    model_path: str | os.PathLike[str],
    rescale: str = "individual",
    border: bool = False,
    out: str | os.PathLike[str] | None = None,
    dataset: str | os.PathLike[str] | None = None,
) -> None:
    """Show the weights of a saved model, or write them to a file.

    Parameters
    ----------
    model_path, rescale, border
        As `pylearn2.gui.get_weights_report.get_weights_report` takes them.
    out
        File to write; None for a window.
    dataset
        A YAML file of a dataset whose rows are images as the model's inputs are.
    """
    loaded = None if dataset is None else yaml_parse.load_path(dataset)
    viewer = get_weights_report(model_path, rescale=rescale, border=border, dataset=loaded)
    show_or_save(viewer, out)


def show_or_save(viewer: PatchViewer, out: str | os.PathLike[str] | None) -> None:
    """Show a picture in a window, or write it to the file ``out``."""
    plotting(out is not None)
    if out is None:
        viewer.show()
    else:
        viewer.save(out)


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--rescale",
    type=click.Choice(["none", "global", "individual"]),
    default="individual",
    show_default=True,
    help="What the weights are divided by.",
)
@click.option("--border", is_flag=True, help="Draw a frame around each unit's weights.")
@click.option("--out", type=click.Path(dir_okay=False), help="File to write. Default: a window.")
@click.option(
    "--dataset",
    type=click.Path(exists=True, dir_okay=False),
    help="YAML file of a dataset of images such as the model's inputs.",
)
def main(path: str, rescale: str, border: bool, out: str | None, dataset: str | None) -> None:
    """Show the weights of the first layer of the saved model PATH."""
    try:
        show_weights(path, rescale, border, out, dataset)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
