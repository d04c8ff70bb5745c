"""Datasets: arrays in memory, files of NumPy, MNIST."""

__all__ = ["Dataset", "DenseDesignMatrix"]

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset as Dataset
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import (
    DenseDesignMatrix as DenseDesignMatrix,
)
