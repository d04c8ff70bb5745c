"""Images with labels, as the well-known collections in files have them."""

__all__ = ["LabelledImages"]

from collections.abc import Sequence

from pylearn2_jobman.pylearn2.datasets.dataset import kept_range
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array, DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import Preprocessor
from pylearn2_jobman.pylearn2.datasets.view_converter import DefaultViewConverter


class LabelledImages(DenseDesignMatrix):
    """Images in rows, of ten kinds.

    Parameters
    ----------
    X
        Pixels, of shape (examples, features): one channel after the other, each row by row.
    y
        Labels 0 to 9, of shape (examples, 1).
    shape
        (rows, columns, channels).
    start, stop
        Range of examples to keep; all by default.
    axes, preprocessor, fit_preprocessor
        As `pylearn2.datasets.dense_design_matrix.DenseDesignMatrix` takes them.

    Raises
    ------
    ValueError
        If there is no such range.
    """

    def __init__(
        self,
        X: Array,
        y: Array,
        shape: Sequence[int],
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] = ("b", 0, 1, "c"),
        preprocessor: Preprocessor | None = None,
        fit_preprocessor: bool = False,
    ) -> None:
        kept = kept_range(type(self).__name__, len(X), start, stop)
        super().__init__(
            X=X[kept],
            y=y[kept],
            y_labels=10,
            view_converter=DefaultViewConverter(shape, axes),
            preprocessor=preprocessor,
            fit_preprocessor=fit_preprocessor,
        )
