"""A picture of a model's weights."""

__all__ = ["get_weights_report"]

import logging
import os
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.gui.patch_viewer import PatchViewer
from pylearn2_jobman.pylearn2.space import Conv2DSpace
from pylearn2_jobman.pylearn2.utils import serial

log = logging.getLogger(__name__)

Array = np.ndarray[Any, Any]

_RESCALE = ("none", "global", "individual")


def get_weights_report(
    model_path: str | os.PathLike[str] | None = None,
    model: Any = None,
    rescale: str = "individual",
    border: bool = False,
    norm_sort: bool = False,
    dataset: Any = None,
) -> PatchViewer:
    """Return a picture of the weights of a model's first layer, a patch for each unit.

    Parameters
    ----------
    model_path, model
        The file of a model, or the model.
    rescale
        Whether weights are divided by their largest absolute value: of each unit ('individual'),
        of all ('global'), or not at all ('none').
    border
        Whether to draw a black frame around each patch.
    norm_sort
        Whether to begin with the units that have the largest weights.
    dataset
        A dataset whose rows are images as the model's inputs are; by default the one that the
        model was trained on, and where that is not known, images of one channel, nearly square.

    Raises
    ------
    ValueError
        If the model has no weights, or these are not images.
    """
    if rescale not in _RESCALE:
        raise ValueError(f"rescale is {rescale!r}; it takes {', '.join(map(repr, _RESCALE))}")
    if model is None:
        assert model_path is not None
        model = serial.load(model_path)
    images = _weights_as_images(model, dataset)
    norms = np.sqrt((images**2).sum(axis=(1, 2, 3)))
    log.info("norms of weights: %g to %g, mean %g", norms.min(), norms.max(), norms.mean())
    if images.shape[3] not in (1, 3):
        raise ValueError(f"weights of {images.shape[3]} channels are no picture; 1 or 3 are")
    if rescale == "global":
        images = images / (np.abs(images).max() or 1)
    if norm_sort:
        images = images[np.argsort(-norms, kind="stable")]
    viewer = PatchViewer(
        PatchViewer.pick_shape(len(images)), images.shape[1:3], is_color=images.shape[3] == 3
    )
    for patch in images:
        viewer.add_patch(patch, rescale=rescale == "individual", activation=0 if border else None)
    return viewer


def _weights_as_images(model: Any, dataset: Any) -> Array:
    """Return the first layer's weights, with the axes ('b', 0, 1, 'c')."""
    weights = [value for value in model.get_param_values() if value.ndim in (2, 4)]
    if not weights:
        raise ValueError(f"a {type(model).__name__} has no weights to show")
    W: Array = weights[0]
    if W.ndim == 4:  # kernels: units, channels, rows, columns
        return W.transpose(0, 2, 3, 1)
    rows, space = W.T, model.get_input_space()
    if isinstance(space, Conv2DSpace):
        return rows.reshape(-1, *space.shape, space.num_channels)
    source = getattr(model, "dataset_yaml_src", None)
    if dataset is None and source:
        dataset = yaml_parse.load(source)
    if dataset is not None:
        view: Array = dataset.get_weights_view(rows)
        return view
    return rows.reshape(len(rows), *PatchViewer.pick_shape(rows.shape[1], exact=True), 1)
