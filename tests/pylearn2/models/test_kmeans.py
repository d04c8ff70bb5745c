"""K-means finds clusters, by itself."""

import pickle

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.kmeans import KMeans
from pylearn2_jobman.pylearn2.utils import serial

CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


@pytest.fixture
def X():
    return np.repeat(CENTRES, 20, axis=0) + np.random.RandomState(0).randn(60, 2) * 0.1


def sorted_rows(matrix):
    return matrix[np.lexsort(matrix.round(1).T)]


def test_the_means_are_those_of_the_clusters(X):
    model = KMeans(k=3, nvis=2)
    model.train_all(DenseDesignMatrix(X=X), mu=CENTRES + 1)
    means = X.reshape(3, 20, 2).mean(1)
    np.testing.assert_allclose(model.get_weights(), means, rtol=1e-6, atol=1e-6)


def test_an_empty_cluster_begins_anew_far_from_the_others(X):
    model = KMeans(k=3, nvis=2)
    model.train_all(DenseDesignMatrix(X=X), mu=[[0, 0], [5, 0], [99, 99]])
    np.testing.assert_allclose(sorted_rows(model.get_weights()), sorted_rows(CENTRES), atol=0.1)


def test_a_train_object_without_an_algorithm_trains_and_saves_it(X, tmp_path):
    np.save(tmp_path / "X.npy", X)
    train_obj = yaml_parse.load(
        "!obj:pylearn2.train.Train { dataset: !obj:pylearn2.datasets.npy_npz.NpyDataset"
        f" {{ file: {tmp_path}/X.npy }}, model: !obj:pylearn2.models.kmeans.KMeans"
        f" {{ k: 2, nvis: 2, max_iter: 5 }}, save_path: {tmp_path}/kmeans.pkl, save_freq: 1 }}"
    )
    train_obj.main_loop()
    loaded = serial.load(tmp_path / "kmeans.pkl")
    assert loaded.monitor.get_epochs_seen() == 1
    distances = loaded.perform(X)
    assert distances.shape == (60, 2)
    np.testing.assert_allclose(distances.sum(1), 1, rtol=1e-6)


def test_the_same_seed_gives_the_same_means(X):
    first, second = KMeans(k=3, nvis=2), KMeans(k=3, nvis=2)
    for model in (first, second):
        model.train_all(DenseDesignMatrix(X=X))
    np.testing.assert_array_equal(first.get_weights(), second.get_weights())


def test_what_makes_no_sense_is_refused(X):
    with pytest.raises(ValueError, match="has not been trained"):
        pickle.loads(pickle.dumps(KMeans(k=3, nvis=2))).perform(X)
    with pytest.raises(ValueError, match=r"mu has shape \(1, 2\); it must be \(3, 2\)"):
        KMeans(k=3, nvis=2).train_all(DenseDesignMatrix(X=X), mu=[[0, 0]])
    with pytest.raises(ValueError, match="not finite"):
        KMeans(k=3, nvis=2).train_all(DenseDesignMatrix(X=X * np.nan))
    with pytest.raises(ValueError, match="must be positive"):
        KMeans(k=0, nvis=2)
