"""The command ``pylearn2-show-examples``: examples of a dataset as a picture."""

__all__ = ["main", "show_examples"]

import os
from pathlib import Path

import click
import numpy as np

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.gui.patch_viewer import PatchViewer
from pylearn2_jobman.pylearn2.scripts.show_weights import show_or_save
from pylearn2_jobman.pylearn2.utils import serial


def show_examples(
    path: str,
    rows: int = 20,
    cols: int = 20,
    rescale: str = "global",
    out: str | os.PathLike[str] | None = None,
) -> None:
    """Show examples of a dataset of images, or write them to a file.

    Parameters
    ----------
    path
        A YAML file of a dataset, or of a Train object with one; a pickle of one; or YAML text.
    rows, cols
        Rows and columns of examples.
    rescale
        Whether numbers are divided by the largest absolute one: of each example ('individual'), of
        all that are shown ('global'), or not at all ('none').
    out
        File to write; None for a window.

    Raises
    ------
    ValueError
        If there is no dataset of images with one channel or three.
    """
    if path.endswith(".pkl"):
        dataset = serial.load(path)
    else:
        dataset = yaml_parse.load_path(path) if Path(path).exists() else yaml_parse.load(path)
    dataset = getattr(dataset, "dataset", dataset)  # of a Train object
    if not hasattr(dataset, "get_batch_topo"):
        raise ValueError(f"{path} describes a {type(dataset).__name__}, which has no images")
    count = min(rows * cols, dataset.get_num_examples())
    images = dataset.get_batch_topo(count)
    axes = tuple(dataset.view_converter.axes)
    images = images.transpose([axes.index(axis) for axis in ("b", 0, 1, "c")])
    norms = np.sqrt((images.astype(float) ** 2).sum(axis=(1, 2, 3)))
    click.echo(f"norms of examples: {norms.min():g} to {norms.max():g}, mean {norms.mean():g}")
    click.echo(f"numbers: {images.min():g} to {images.max():g}, {images.dtype}")
    images = dataset.adjust_for_viewer(images)
    if images.shape[3] not in (1, 3):
        raise ValueError(f"images of {images.shape[3]} channels are no picture; 1 or 3 are")
    if rescale == "global":
        images = images / (np.abs(images).max() or 1)
    viewer = PatchViewer((rows, cols), images.shape[1:3], is_color=images.shape[3] == 3)
    for image in images:
        viewer.add_patch(image, rescale=rescale == "individual", activation=0)
    show_or_save(viewer, out)


@click.command()
@click.argument("path")
@click.option("--rows", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--cols", type=click.IntRange(min=1), default=20, show_default=True)
@click.option(
    "--rescale",
    type=click.Choice(["none", "global", "individual"]),
    default="global",
    show_default=True,
    help="What the numbers are divided by.",
)
@click.option("--out", type=click.Path(dir_okay=False), help="File to write. Default: a window.")
def main(path: str, rows: int, cols: int, rescale: str, out: str | None) -> None:
    """Show examples of the dataset that PATH, a YAML file or a pickle, describes."""
    try:
        show_examples(path, rows, cols, rescale, out)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
