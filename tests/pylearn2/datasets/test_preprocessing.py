"""Preprocessors change features as their formulas say, with what they learned."""

import numpy as np
import pytest
from scipy import linalg

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import (
    PCA,
    ZCA,
    GlobalContrastNormalization,
    Pipeline,
    RemoveMean,
    Standardize,
)
from pylearn2_jobman.pylearn2.datasets.zca_dataset import ZCA_Dataset
from pylearn2_jobman.pylearn2.space import Conv2DSpace

RNG = np.random.RandomState(0)
X = RNG.randn(200, 5) @ RNG.randn(5, 5) + 3
NEW = RNG.randn(10, 5)


def fitted(preprocessor):
    dataset = DenseDesignMatrix(X=X, preprocessor=preprocessor, fit_preprocessor=True)
    return dataset.X


def applied(preprocessor, features=NEW):
    return DenseDesignMatrix(X=features, preprocessor=preprocessor).X


def test_the_mean_that_was_learned_is_removed():
    preprocessor = RemoveMean()
    np.testing.assert_allclose(fitted(preprocessor), X - X.mean(0))
    np.testing.assert_allclose(applied(preprocessor), NEW - X.mean(0))


def test_features_are_standardized_each_or_all_together():
    each, together = Standardize(std_eps=0), Standardize(True, True, std_eps=0)
    np.testing.assert_allclose(fitted(each), (X - X.mean(0)) / X.std(0))
    np.testing.assert_allclose(applied(each), (NEW - X.mean(0)) / X.std(0))
    np.testing.assert_allclose(fitted(together), (X - X.mean()) / X.std())


def test_contrast_is_the_norm_or_the_standard_deviation():
    centred = X - X.mean(1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(applied(GlobalContrastNormalization(), X), centred / norm)
    deviation = np.sqrt(10 + X.var(1, ddof=1, keepdims=True))
    np.testing.assert_allclose(
        applied(GlobalContrastNormalization(False, 2.0, 10.0, True), X), 2 * X / deviation
    )


def test_an_example_without_contrast_stays_finite():
    flat = np.ones((1, 5))
    assert applied(GlobalContrastNormalization(), flat).tolist() == [[0] * 5]


def test_principal_components_are_uncorrelated_and_sorted():
    projected = fitted(PCA(num_components=3))
    covariance = np.cov(projected, rowvar=False)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-8)
    assert (np.diff(np.diag(covariance)) <= 0).all()
    whitened = fitted(PCA(num_components=None, whiten=True))
    np.testing.assert_allclose(np.cov(whitened, rowvar=False), np.eye(5), atol=1e-8)


def test_components_have_the_signs_that_scipy_gives_them():
    _, directions = linalg.eigh(np.cov(X, rowvar=False))
    expected = (X - X.mean(0)) @ directions[:, ::-1]
    np.testing.assert_allclose(fitted(PCA(num_components=2)), expected[:, :2], atol=1e-10)


@pytest.mark.parametrize("whiten", [False, True])
def test_images_are_images_still_after_a_projection(whiten):
    images = np.random.RandomState(1).rand(30, 2, 3, 1)
    before = DenseDesignMatrix(topo_view=images)
    after = DenseDesignMatrix(topo_view=images)
    after.apply_preprocessor(PCA(num_components=6, whiten=whiten), can_fit=True)
    assert after.X.shape == (30, 6)
    assert after.view_converter.view_shape() == (2, 3, 1)
    np.testing.assert_allclose(after.get_topological_view(), images)
    rows = after.view_converter.topo_view_to_design_mat(images)
    np.testing.assert_allclose(rows, after.X, atol=1e-12)
    weights = after.view_converter.design_mat_to_weights_view(np.zeros((4, 6)))
    np.testing.assert_allclose(weights, np.zeros((4, 2, 3, 1)))
    specs = (
        Conv2DSpace([2, 3], num_channels=1, axes=("c", 0, 1, "b"), dtype="float64"),
        "features",
    )
    batch = next(after.iterator(batch_size=5, data_specs=specs))
    expected = next(before.iterator(batch_size=5, data_specs=specs))
    np.testing.assert_allclose(batch, expected, atol=1e-6)


def test_whitened_features_are_uncorrelated_and_can_be_mapped_back():
    preprocessor = ZCA(filter_bias=0.0)
    whitened = fitted(preprocessor)
    np.testing.assert_allclose(np.cov(whitened, rowvar=False, bias=True), np.eye(5), atol=1e-8)
    np.testing.assert_allclose(preprocessor.inverse(whitened), X)
    np.testing.assert_allclose(preprocessor.P_, preprocessor.P_.T, atol=1e-12)


@pytest.mark.parametrize("kept", [{"n_components": 3}, {"n_drop_components": 2}])
def test_directions_of_little_variance_may_be_dropped(kept):
    assert np.linalg.matrix_rank(fitted(ZCA(**kept)), tol=1e-6) == 3


def test_a_whitened_dataset_knows_how_it_looked(blobs):
    preprocessor, before = ZCA(filter_bias=0.0), blobs.X
    blobs.apply_preprocessor(preprocessor, can_fit=True)
    dataset = ZCA_Dataset(blobs, preprocessor, start=5, stop=15)
    np.testing.assert_allclose(dataset.mapback(dataset.X), before[5:15])
    assert dataset.y.tolist() == blobs.y[5:15].tolist()


def test_a_pipeline_is_one_after_the_other():
    items = [RemoveMean(), GlobalContrastNormalization()]
    expected = applied(GlobalContrastNormalization(), X - X.mean(0))
    np.testing.assert_allclose(fitted(Pipeline(items)), expected)


@pytest.mark.parametrize("preprocessor", [RemoveMean(), Standardize(), PCA(2), ZCA()])
def test_what_has_learned_nothing_cannot_be_applied(preprocessor):
    with pytest.raises(ValueError, match=r"has not learned anything yet.*fit_preprocessor: True"):
        applied(preprocessor)


def test_an_inverse_is_computed_when_it_was_not_kept():
    preprocessor = ZCA(store_inverse=False)
    np.testing.assert_allclose(preprocessor.inverse(fitted(preprocessor)), X)


def test_components_are_kept_or_dropped_not_both():
    with pytest.raises(ValueError, match="n_components or n_drop_components"):
        ZCA(n_components=2, n_drop_components=2)
