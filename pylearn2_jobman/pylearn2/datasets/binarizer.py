"""Samples of ones and zeros in place of a dataset's numbers."""

__all__ = ["Binarizer"]

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.expr.sampling import SampleBernoulli


class Binarizer(TransformerDataset):
    """The features of another dataset, taken for probabilities of ones, and drawn for each batch.

    Parameters
    ----------
    raw
        The other dataset, with features of 0 to 1.
    seed
        Of the draws.
    """

    def __init__(self, raw: Dataset, seed: int | None = None) -> None:
        super().__init__(raw, SampleBernoulli(seed=seed), space_preserving=True)
