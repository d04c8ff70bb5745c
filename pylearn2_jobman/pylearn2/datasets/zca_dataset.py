"""A dataset that was whitened, and knows how it looked before."""

__all__ = ["ZCA_Dataset"]

import copy
from collections.abc import Sequence

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import Array, DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import ZCA


class ZCA_Dataset(DenseDesignMatrix):  # noqa: N801 - pylearn2's name
    """A dataset that `ZCA` was applied to.

    Parameters
    ----------
    preprocessed_dataset
        The whitened dataset.
    preprocessor
        The `ZCA` that whitened it.
    start, stop
        Range of examples to keep; all by default.
    axes
        Order of the axes of images; by default the dataset's.
    """

    preprocessor: ZCA

    def __init__(
        self,
        preprocessed_dataset: DenseDesignMatrix,
        preprocessor: ZCA,
        start: int | None = None,
        stop: int | None = None,
        axes: Sequence[int | str] | None = None,
    ) -> None:
        self.preprocessed_dataset = preprocessed_dataset
        self.preprocessor = preprocessor
        kept = slice(start, stop)
        y = preprocessed_dataset.get_targets()
        converter = preprocessed_dataset.view_converter
        if converter is not None and axes is not None:
            converter = copy.deepcopy(converter)
            converter.set_axes(axes)
        super().__init__(
            X=preprocessed_dataset.get_design_matrix()[kept],
            y=None if y is None else y[kept],
            y_labels=preprocessed_dataset.y_labels,
            view_converter=converter,
        )
        self._raw_view = converter, (preprocessor,)

    def mapback(self, X: Array) -> Array:
        """Return whitened examples as they were before, of shape (examples, features)."""
        return self.preprocessor.inverse(X)
