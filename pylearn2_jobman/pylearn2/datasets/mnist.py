"""The MNIST handwritten digits, from their original files."""

__all__ = ["MNIST", "read_idx"]

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.datasets.dataset import data_path
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array
from pylearn2_jobman.pylearn2.datasets.labelled_images import LabelledImages
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.utils.mnist_ubyte import read_idx
from pylearn2_jobman.pylearn2.utils.rng import make_np_rng

_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


@takes_old_arguments("pylearn2.datasets.mnist.MNIST")
class MNIST(LabelledImages):
    """28x28 images of digits, scaled to 0..1, with labels 0 to 9 as targets.

    The four files (``train-images-idx3-ubyte`` and so on, as they are or with ``.gz``) lie in the
    directory ``mnist`` below ``PYLEARN2_DATA_PATH``.

    Parameters
    ----------
    which_set
        'train' or 'test'.
    center
        Whether to subtract each pixel's mean over the whole set.
    shuffle
        Whether to put the examples into another order, always the same one.
    binarize
        Whether to make pixels 0 or 1, by whether they are above one half.
    start, stop
        Range of examples to keep, counted after shuffling; all by default.
    axes, preprocessor, fit_preprocessor
        As `pylearn2.datasets.labelled_images.LabelledImages` takes them.
    fit_test_preprocessor
        Not used: it was for the test set that a training set could make.
    one_hot
        Not used: labels become one-hot vectors where a model wants these.

    Raises
    ------
    FileNotFoundError
        Saying which path was tried.
    ValueError
        If ``which_set`` or the range makes no sense, or a file is not in the IDX format.
    """

    def __init__(
        self,
        which_set: str,
        center: bool = False,
        shuffle: bool = False,
        binarize: bool = False,
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
        fit_test_preprocessor: bool = False,
        one_hot: bool | None = None,
    ) -> None:
        if which_set not in _FILES:
            raise ValueError(
                f"MNIST has no set {which_set!r}; it has 'train' and 'test' (for validation "
                "take which_set: 'train' with start and stop)"
            )
        images, labels = (read_idx(_find(name)) for name in _FILES[which_set])
        if len(images) != len(labels):
            raise ValueError(f"MNIST: {len(images)} images but {len(labels)} labels")
        X = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
        y = labels.astype(np.int64).reshape(-1, 1)
        if binarize:
            X = (X > 0.5).astype(np.float32)
        if center:
            X -= X.mean(axis=0)
        if shuffle:
            order = _shuffled(len(X))
            X, y = X[order], y[order]
        super().__init__(X, y, (28, 28, 1), start, stop, axes, preprocessor, fit_preprocessor)


def _find(name: str) -> Path:
    root = os.environ.get("PYLEARN2_DATA_PATH")
    if root and (path := Path(root, "mnist", f"{name}.gz")).exists():
        return path
    return data_path(
        "mnist",
        name,
        hint=f"nor does {name}.gz. The files of MNIST are described at "
        "http://yann.lecun.com/exdb/mnist/ and mirrored in many places",
    )


def _shuffled(n: int) -> Array:
    """Return the order that pylearn2's ``shuffle`` leaves ``n`` examples in."""
    rng = make_np_rng(None, [1, 2, 3])
    order = np.arange(n)
    for i in range(n):
        j = rng.randint(n)
        order[i], order[j] = order[j], order[i]
    return order
