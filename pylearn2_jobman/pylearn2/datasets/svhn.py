"""The street-view house numbers, from their original files."""

__all__ = ["SVHN", "SVHN_On_Memory"]

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pylearn2_jobman.fence.paths import job_path, not_quoting
from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.datasets.dataset import data_path
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array
from pylearn2_jobman.pylearn2.datasets.labelled_images import LabelledImages
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.utils.rng import make_np_rng

_PARTS = {
    "train": ("train",),
    "test": ("test",),
    "extra": ("extra",),
    "train_all": ("extra", "train"),
    "splitted_train": ("train", "extra"),
    "valid": ("train", "extra"),
}

# How many examples of each digit of a part the set 'valid' has.
_FOR_VALIDATION = {"train": 400, "extra": 200}


class SVHN(LabelledImages):
    """32x32 colour images of digits, with pixels from 0 to 255, in an order always the same.

    Labels are 0 to 9 for the digits 1 to 9 and 0: one less than in the files. These,
    ``train_32x32.mat``, ``test_32x32.mat`` and ``extra_32x32.mat``, lie in the directory
    ``SVHN/format2`` below ``PYLEARN2_DATA_PATH``.

    Parameters
    ----------
    which_set
        'train', 'test' or 'extra'; 'train_all' for train and extra together, which 'valid' (400
        examples of each digit from train, 200 from extra) and 'splitted_train' (the others) divide.
    path
        Directory that holds the files instead; those it lacks come from where they are by default.
    center
        Whether to subtract 127.5.
    scale
        Whether to divide by 255; by 127.5 if they are centred too.
    start, stop, axes, preprocessor
        As `pylearn2.datasets.labelled_images.LabelledImages` takes them.
    fit_preprocessor
        Whether the preprocessor learns from these features first; from sets for training it does.

    Raises
    ------
    FileNotFoundError
        Saying which path was tried.
    ImportError
        If SciPy, which reads the files, is not installed.
    ValueError
        If the arguments make no sense.
    """

    def __init__(
        self,
        which_set: str,
        path: str | None = None,
        center: bool = False,
        scale: bool = False,
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
    ) -> None:
        if which_set not in _PARTS:
            raise ValueError(f"SVHN has no set {which_set!r}; it has {', '.join(_PARTS)}")
        rng = make_np_rng(None, 322)
        parts = [_chosen(_find(part, path), which_set, rng) for part in _PARTS[which_set]]
        X = np.concatenate([images for images, _ in parts])
        y = np.concatenate([labels for _, labels in parts]) - 1
        order = np.arange(len(X))
        rng.shuffle(order)
        X, y = X[order], y[order]
        if center:
            X -= 127.5
        if scale:
            X /= 127.5 if center else 255.0
        fits = fit_preprocessor or "train" in which_set
        super().__init__(X, y, (32, 32, 3), start, stop, axes, preprocessor, fits)


@takes_old_arguments("pylearn2.datasets.svhn.SVHN_On_Memory")
class SVHN_On_Memory(SVHN):  # noqa: N801 - pylearn2's name
    """`SVHN`, which is always in memory here."""

    def __init__(
        self, which_set: str, center: bool = False, scale: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(which_set, center=center, scale=scale, **kwargs)


def _find(part: str, directory: str | None) -> Path:
    name = f"{part}_32x32.mat"
    if directory is not None and Path(job_path(directory), name).exists():
        found: Path = job_path(Path(directory, name))
        return found
    hint = "get it from http://ufldl.stanford.edu/housenumbers/"
    return data_path("SVHN", "format2", name, hint=hint)


def _chosen(path: Path, which_set: str, rng: np.random.RandomState) -> tuple[Array, Array]:
    """Return the images of a file that belong to a set, and their labels 1 to 10."""
    images, labels = _read(path)
    if which_set not in ("valid", "splitted_train"):
        return images, labels
    count = _FOR_VALIDATION[path.name.split("_")[0]]
    valid = np.zeros(len(labels), dtype=bool)
    for label in range(1, 11):
        places = np.flatnonzero(labels == label)
        rng.shuffle(places)
        valid[places[:count]] = True
    kept = valid if which_set == "valid" else ~valid
    return images[kept], labels[kept]


def _read(path: Path) -> tuple[Array, Array]:
    from scipy.io import loadmat  # type: ignore[import-untyped]

    with not_quoting(path):
        arrays = loadmat(path)
    # There: rows, columns, channels, examples; the digit 0 has the label 10.
    images = arrays["X"].transpose(3, 2, 0, 1)
    labels = arrays["y"].astype(np.int64).reshape(-1, 1)
    return images.reshape(len(images), -1).astype(np.float32), labels
