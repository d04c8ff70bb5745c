"""Datasets are read from the files that numpy writes."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.npy_npz import NpyDataset, NpzDataset

X = np.arange(6.0).reshape(3, 2)


@pytest.fixture
def files(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "xy.npz", X=X, y=X[:, :1], labels=np.array([0, 1, 1]))
    return tmp_path


def test_an_npy_file_is_the_features(files):
    dataset = NpyDataset(file=str(files / "x.npy"))
    assert dataset.X.tolist() == X.tolist()
    assert not dataset.has_targets()


def test_an_npy_file_can_be_mapped_into_memory(files):
    assert isinstance(NpyDataset(file=str(files / "x.npy"), mmap_mode="r").X, np.memmap)


def test_an_npz_file_gives_the_arrays_by_their_keys(files):
    dataset = NpzDataset(file=str(files / "xy.npz"), key="X", target_key="y")
    assert dataset.y.tolist() == X[:, :1].tolist()


def test_targets_of_an_npz_file_may_be_labels(files):
    dataset = NpzDataset(file=str(files / "xy.npz"), key="X", target_key="labels", y_labels=2)
    assert dataset.source("targets")[0].max_labels == 2


def test_a_wrong_key_is_refused_with_those_there_are(files):
    with pytest.raises(ValueError, match=r"no array 'label'; did you mean 'labels'\?; it has X, y"):
        NpzDataset(file=str(files / "xy.npz"), key="X", target_key="label")


def test_one_kind_of_file_given_for_the_other_is_refused(files):
    with pytest.raises(ValueError, match="NpzDataset reads"):
        NpyDataset(file=str(files / "xy.npz"))
    with pytest.raises(ValueError, match="NpyDataset reads"):
        NpzDataset(file=str(files / "x.npy"), key="X")


def test_an_array_may_hold_images_or_a_number_an_example(tmp_path):
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    np.savez(tmp_path / "i.npz", images=images, numbers=np.arange(4))
    np.save(tmp_path / "i.npy", images)
    loaded = NpyDataset(file=str(tmp_path / "i.npy"))
    np.testing.assert_array_equal(loaded.get_topological_view(), images)
    assert NpzDataset(str(tmp_path / "i.npz"), "images").view_converter.shape == (3, 2, 2)
    assert NpzDataset(str(tmp_path / "i.npz"), "numbers").X.tolist() == [[0], [1], [2], [3]]


def test_an_array_that_is_none_of_these_is_refused(tmp_path):
    np.save(tmp_path / "v.npy", np.zeros((3, 1, 1)))
    with pytest.raises(ValueError, match="must be a matrix, numbers or images"):
        NpyDataset(file=str(tmp_path / "v.npy"))


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npy"):
        NpyDataset(file="nowhere.npy")
