"""The Toronto Face Dataset, from its original files (Susskind et al. 2010)."""

__all__ = ["TFD"]

from collections.abc import Sequence

import numpy as np

from pylearn2_jobman.fence.paths import not_quoting
from pylearn2_jobman.pylearn2.datasets.dataset import data_path
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.datasets.view_converter import DefaultViewConverter
from pylearn2_jobman.pylearn2.utils.rng import Seed, make_np_rng

# The numbers by which the file has the sets of each fold.
_SETS = {"unlabeled": (0,), "train": (1,), "valid": (2,), "test": (3,), "full_train": (1, 2)}


class TFD(DenseDesignMatrix):
    """Grey faces with one of seven expressions, from ``PYLEARN2_DATA_PATH/faces/TFD``.

    Parameters
    ----------
    which_set
        'train', 'valid', 'full_train' (both), 'test' or 'unlabeled', which has no targets.
    fold
        Which of the five divisions into sets, from 0.
    image_size
        48 or 96 rows and columns.
    example_range
        Keep the examples from the first to before the second of these numbers.
    center, scale
        Whether to subtract 127.5, and whether to divide: by 127.5, or by 255 if not centred.
    shuffle
        Whether to put the examples in an order drawn by ``rng``, or else by ``seed``.
    preprocessor
        Applied to the images as it is; one that learns must have learned already.
    axes
        Order of the axes of the images.

    Attributes
    ----------
    y_identity
        Numbers of the persons, of shape (examples, 1); None for 'unlabeled'.
    """

    def __init__(
        self,
        which_set: str,
        fold: int = 0,
        image_size: int = 48,
        example_range: Sequence[int] | None = None,
        center: bool = False,
        scale: bool = False,
        shuffle: bool = False,
        rng: Seed = None,
        seed: int = 132987,
        preprocessor: Preprocessor | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
    ) -> None:
        from scipy.io import loadmat  # type: ignore[import-untyped]

        if which_set not in _SETS:
            raise ValueError(f"TFD has no set {which_set!r}; it has {', '.join(_SETS)}")
        if not 0 <= fold < 5:
            raise ValueError(f"TFD has the folds 0 to 4; got {fold}")
        if image_size not in (48, 96):
            raise ValueError(f"TFD has images of 48 or 96 rows; got image_size={image_size}")
        name = f"TFD_{image_size}x{image_size}.mat"
        path = data_path("faces", "TFD", name, hint="ask its authors at the University of Toronto")
        with not_quoting(path):
            arrays = loadmat(path)
        chosen = np.flatnonzero(np.isin(arrays["folds"][:, fold], _SETS[which_set]))
        if example_range:
            chosen = chosen[slice(*example_range)]
        if shuffle:
            chosen = chosen[make_np_rng(rng, seed).permutation(len(chosen))]
        X = arrays["images"][chosen].astype(np.float32).reshape(len(chosen), -1)
        if center:
            X -= 127.5
        if scale:
            X /= 127.5 if center else 255.0
        labelled = which_set != "unlabeled"
        self.y_identity = arrays["labs_id"][chosen] if labelled else None
        super().__init__(
            X=X,
            y=arrays["labs_ex"][chosen].astype(np.int64) - 1 if labelled else None,
            y_labels=7 if labelled else None,
            view_converter=DefaultViewConverter((image_size, image_size, 1), axes),
            preprocessor=preprocessor,
        )
