"""Principal components, as a model that trains itself."""

import pickle

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.models.pca import SVDPCA, Cov, CovEigPCA
from pylearn2_jobman.pylearn2.train import Train


@pytest.fixture(autouse=True)
def float64(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")


@pytest.fixture
def X():
    rng = np.random.RandomState(0)
    return rng.randn(50, 4) * [3, 1, 0.5, 0.01] + [1, 2, 3, 4]


@pytest.mark.parametrize("kind", [CovEigPCA, SVDPCA])
def test_projections_are_uncorrelated_with_decreasing_variance(X, kind):
    pca = kind(num_components=3)
    pca.train(X)
    covariance = np.cov(pca.perform(X).T)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-12)
    eigenvalues = np.linalg.eigvalsh(np.cov(X.T))[::-1]
    np.testing.assert_allclose(np.diag(covariance), eigenvalues[:3])


def test_whitened_projections_have_variance_1(X):
    pca = CovEigPCA(whiten=True)
    pca.train(X)
    np.testing.assert_allclose(np.cov(pca.perform(X).T), np.eye(4), atol=1e-9)
    np.testing.assert_allclose((X - X.mean(0)) @ pca.get_weights(), pca.perform(X))


def test_by_singular_values_they_are_smaller_by_the_number_of_examples(X):
    pca = SVDPCA(whiten=True)
    pca.train(X)
    np.testing.assert_allclose(np.cov(pca.perform(X).T), np.eye(4) / 49, atol=1e-9)


@pytest.mark.parametrize("whiten", [False, True])
def test_all_components_restore_the_examples(X, whiten):
    pca = CovEigPCA(whiten=whiten, cov_batch_size=7)
    pca.train(X)
    np.testing.assert_allclose(pca.reconstruct(pca.fprop(pca.mean.new_tensor(X))), X)


def test_components_with_little_variance_are_left_out(X):
    pca = CovEigPCA(min_variance=0.01)
    pca.train(X)
    assert pca.get_output_space().dim == 3
    with pytest.raises(ValueError, match=r"no component has more than 1\.0 of the variance"):
        CovEigPCA(min_variance=1.0).train(X)


def test_a_mean_that_was_taken_away_is_kept(X):
    pca = CovEigPCA()
    pca.train(X - X.mean(0), mean=X.mean(0))
    np.testing.assert_allclose(pca.perform(X).mean(0), 0, atol=1e-12)


def test_a_dataset_seen_through_a_trained_and_saved_one(X):
    pca = CovEigPCA(num_components=2)
    dataset = DenseDesignMatrix(X=X)
    Train(dataset, pca).main_loop()
    loaded = pickle.loads(pickle.dumps(pca))
    seen = TransformerDataset(raw=dataset, transformer=loaded)
    np.testing.assert_allclose(seen.get_design_matrix(), pca.perform(X))


def test_the_covariance_in_parts_is_the_covariance(X):
    np.testing.assert_allclose(Cov(7)(X.T), np.cov(X.T))


def test_an_untrained_one_says_so(X):
    with pytest.raises(ValueError, match="this SVDPCA has not been trained"):
        SVDPCA().perform(X)
    assert SVDPCA().eval().training is False  # PyTorch's train(mode) is still there
