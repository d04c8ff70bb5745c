"""The street-view house numbers, from their original files."""

__all__ = ["SVHN", "SVHN_On_Memory"]

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pylearn2_jobman.pylearn2.datasets.dataset import data_path
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array, DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.view_converter import DefaultViewConverter
from pylearn2_jobman.pylearn2.utils.rng import make_np_rng

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor

_PARTS = {
    "train": ("train",),
    "test": ("test",),
    "extra": ("extra",),
    "train_all": ("train", "extra"),
}


class SVHN(DenseDesignMatrix):
    """32x32 colour images of digits, with pixels from 0 to 255 and labels 0 to 9.

    The files ``train_32x32.mat``, ``test_32x32.mat`` and ``extra_32x32.mat`` lie in the directory
    ``SVHN/format2`` below ``PYLEARN2_DATA_PATH``.

    Parameters
    ----------
    which_set
        'train', 'test', 'extra', or 'train_all' for train and extra in an order always the same.
    center
        Whether to subtract 127.5.
    scale
        Whether to divide by 255.
    start, stop
        Range of examples to keep; all by default.
    axes
        Order of the axes of images: 'b' (examples), 0 (rows), 1 (columns), 'c' (channels).
    preprocessor, fit_preprocessor
        As `pylearn2.datasets.dense_design_matrix.DenseDesignMatrix` takes them.

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
        center: bool = False,
        scale: bool = False,
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        preprocessor: "Preprocessor | None" = None,
        fit_preprocessor: bool = False,
    ) -> None:
        if which_set not in _PARTS:
            raise ValueError(f"SVHN has no set {which_set!r}; it has {', '.join(_PARTS)}")
        parts = [_read(part) for part in _PARTS[which_set]]
        X = np.concatenate([images for images, _ in parts])
        y = np.concatenate([labels for _, labels in parts])
        if len(parts) > 1:
            order = make_np_rng(None, [2012, 12, 6]).permutation(len(X))
            X, y = X[order], y[order]
        if center:
            X -= 127.5
        if scale:
            X /= 255.0
        first, last = 0 if start is None else start, len(X) if stop is None else stop
        if not 0 <= first < last <= len(X):
            raise ValueError(
                f"SVHN: start={start} and stop={stop} are not a range within {len(X)} examples"
            )
        super().__init__(
            X=X[first:last],
            y=y[first:last],
            y_labels=10,
            view_converter=DefaultViewConverter((32, 32, 3), axes),
            preprocessor=preprocessor,
            fit_preprocessor=fit_preprocessor,
        )


class SVHN_On_Memory(SVHN):  # noqa: N801 - pylearn2's name
    """`SVHN`, which is always in memory here."""


def _read(part: str) -> tuple[Array, Array]:
    path = data_path(
        "SVHN",
        "format2",
        f"{part}_32x32.mat",
        hint="get it from http://ufldl.stanford.edu/housenumbers/",
    )
    try:
        from scipy.io import loadmat  # type: ignore[import-untyped]
    except ImportError as error:
        error.add_note("SVHN is in MATLAB's format, which SciPy reads: pip install scipy")
        raise
    arrays = loadmat(path)
    # There: rows, columns, channels, examples; the digit 0 has the label 10.
    images = arrays["X"].transpose(3, 2, 0, 1)
    labels = arrays["y"].astype(np.int64).reshape(-1, 1) % 10
    return images.reshape(len(images), -1).astype(np.float32), labels
