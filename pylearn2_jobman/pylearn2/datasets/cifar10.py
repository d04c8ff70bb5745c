"""The CIFAR-10 images, from their original files."""

__all__ = ["CIFAR10"]

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pylearn2_jobman.model_file import read_model
from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.datasets.dataset import data_path
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array
from pylearn2_jobman.pylearn2.datasets.labelled_images import LabelledImages
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.expr.preprocessing import global_contrast_normalize

_FILES = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}


@takes_old_arguments("pylearn2.datasets.cifar10.CIFAR10")
class CIFAR10(LabelledImages):
    """32x32 colour images of ten kinds of things, with pixels from 0 to 255.

    The files of the version for Python (``data_batch_1`` and so on) lie in the directory
    ``cifar10/cifar-10-batches-py`` below ``PYLEARN2_DATA_PATH``.

    Parameters
    ----------
    which_set
        'train' or 'test'.
    center
        Whether to subtract 127.5.
    rescale
        Whether to divide by 127.5.
    gcn
        Norm that every image is given, after its mean is taken away; None for no such thing.
    toronto_prepro
        Whether to divide by 255 and subtract the mean image of the training set.
    start, stop, axes, preprocessor, fit_preprocessor
        As `pylearn2.datasets.labelled_images.LabelledImages` takes them.
    one_hot
        Not used: labels become one-hot vectors where a model wants these.

    Raises
    ------
    FileNotFoundError
        Saying which path was tried.
    ValueError
        If the arguments make no sense.
    """

    def __init__(
        self,
        which_set: str,
        center: bool = False,
        rescale: bool = False,
        gcn: float | None = None,
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        toronto_prepro: bool = False,
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
        one_hot: bool | None = None,
    ) -> None:
        if which_set not in _FILES:
            raise ValueError(f"CIFAR10 has no set {which_set!r}; it has 'train' and 'test'")
        if toronto_prepro and (center or gcn is not None):
            raise ValueError("toronto_prepro goes without center and gcn")
        X, y = _read(which_set)
        if center:
            X -= 127.5
        if rescale:
            X /= 127.5
        if toronto_prepro:
            X = X / 255.0
            X -= X.mean(axis=0) if which_set == "train" else _read("train")[0].mean(axis=0) / 255.0
        if gcn is not None:
            X = global_contrast_normalize(X, scale=gcn)
        super().__init__(X, y, (32, 32, 3), start, stop, axes, preprocessor, fit_preprocessor)


def _read(which_set: str) -> tuple[Array, Array]:
    images, labels = [], []
    for name in _FILES[which_set]:
        batch = read_model(_path(name))
        images.append(_entry(batch, "data"))
        labels.append(_entry(batch, "labels"))
    X = np.concatenate(images).astype(np.float32)
    return X, np.concatenate(labels).astype(np.int64).reshape(-1, 1)


def _entry(batch: Any, key: str) -> Any:
    return batch[key] if key in batch else batch[key.encode()]


def _path(name: str) -> Path:
    return data_path(
        "cifar10",
        "cifar-10-batches-py",
        name,
        hint="get the version for Python from https://www.cs.toronto.edu/~kriz/cifar.html and "
        "unpack it in the directory cifar10",
    )
