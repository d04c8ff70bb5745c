"""Datasets of images give a model the axes it wants."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import (
    DefaultViewConverter,
    DenseDesignMatrix,
)
from pylearn2_jobman.pylearn2.space import Conv2DSpace, VectorSpace

IMAGES = np.random.RandomState(0).randn(5, 2, 3, 4)  # examples, rows, columns, channels


def test_a_row_holds_one_channel_after_the_other():
    dataset = DenseDesignMatrix(topo_view=IMAGES)
    np.testing.assert_array_equal(dataset.X, IMAGES.transpose(0, 3, 1, 2).reshape(5, 24))
    np.testing.assert_array_equal(dataset.get_topological_view(), IMAGES)


def test_images_come_with_the_axes_that_are_asked_for():
    dataset = DenseDesignMatrix(topo_view=IMAGES)
    space = Conv2DSpace((2, 3), num_channels=4, axes=("c", 0, 1, "b"))
    batch = next(dataset.iterator("sequential", 2, data_specs=(space, "features")))
    np.testing.assert_allclose(batch, IMAGES[:2].transpose(3, 1, 2, 0), rtol=1e-6)


def test_vectors_are_the_rows():
    dataset = DenseDesignMatrix(topo_view=IMAGES)
    batch = next(dataset.iterator("sequential", 5, data_specs=(VectorSpace(24), "features")))
    np.testing.assert_allclose(batch, dataset.X, rtol=1e-6)


def test_images_may_be_given_with_other_axes():
    other = DenseDesignMatrix(topo_view=IMAGES.transpose(3, 1, 2, 0), axes=("c", 0, 1, "b"))
    np.testing.assert_array_equal(other.X, DenseDesignMatrix(topo_view=IMAGES).X)
    assert other.get_topological_view().shape == (4, 2, 3, 5)


def test_rows_may_be_declared_to_be_images():
    X = DenseDesignMatrix(topo_view=IMAGES).X
    dataset = DenseDesignMatrix(X=X, view_converter=DefaultViewConverter((2, 3, 4)))
    np.testing.assert_array_equal(dataset.get_topological_view(), IMAGES)
    assert dataset.get_topological_view(X[:1]).shape == (1, 2, 3, 4)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"X, .* or topo_view"):
        DenseDesignMatrix(X=IMAGES[0, 0], topo_view=IMAGES)
    with pytest.raises(ValueError, match="images have four axes"):
        DenseDesignMatrix(topo_view=IMAGES[0])
    with pytest.raises(ValueError, match="no view_converter"):
        DenseDesignMatrix(X=IMAGES[0, 0]).get_topological_view()
    with pytest.raises(ValueError, match="have 24 numbers"):
        DefaultViewConverter((2, 3, 4)).design_mat_to_topo_view(np.zeros((1, 25)))
    with pytest.raises(ValueError, match="does not go with"):
        DefaultViewConverter((2, 3, 4)).topo_view_to_design_mat(np.zeros((1, 3, 2, 4)))
    with pytest.raises(ValueError, match="shape is"):
        DefaultViewConverter((2, 3))
