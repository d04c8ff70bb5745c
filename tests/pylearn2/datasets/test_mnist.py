"""MNIST is read from its original files."""

import gzip
import struct

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.mnist import MNIST, read_idx

PIXELS = np.random.RandomState(0).randint(0, 256, (20, 28, 28)).astype(np.uint8)
LABELS = (np.arange(20) % 10).astype(np.uint8)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PIXELS[:5])))
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS[:5])))
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path))
    return folder


def test_pixels_are_scaled_and_labels_are_labels(mnist):
    train = MNIST(which_set="train")
    np.testing.assert_allclose(train.X, PIXELS.reshape(20, 784) / 255, rtol=1e-6)
    assert train.y.tolist() == LABELS[:, None].tolist()
    assert train.y_labels == 10


def test_compressed_files_are_read(mnist):
    assert MNIST(which_set="test").get_num_examples() == 5


def test_a_range_of_examples_is_kept(mnist):
    assert MNIST(which_set="train", start=3, stop=6).y.ravel().tolist() == [3, 4, 5]


def test_centring_takes_the_mean_of_the_whole_set_away(mnist):
    whole, part = MNIST("train", center=True), MNIST("train", center=True, start=0, stop=10)
    np.testing.assert_allclose(whole.X.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_array_equal(whole.X[:10], part.X)


def test_binarized_pixels_are_0_or_1(mnist):
    assert set(np.unique(MNIST("train", binarize=True).X)) == {0, 1}


def test_shuffling_keeps_images_with_their_labels_and_is_always_the_same(mnist):
    shuffled, again = MNIST("train", shuffle=True), MNIST("train", shuffle=True)
    plain = MNIST("train")
    assert shuffled.y.tolist() == again.y.tolist() != plain.y.tolist()
    for image, label in zip(shuffled.X, shuffled.y, strict=True):
        (where,) = np.flatnonzero((image == plain.X).all(axis=1))
        assert plain.y[where] == label


def test_a_missing_file_says_which_path_was_tried(tmp_path, monkeypatch):
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/mnist/train-images-idx3-ubyte does"):
        MNIST("train")


def test_without_a_data_path_the_variable_is_named(monkeypatch):
    monkeypatch.delenv("PYLEARN2_DATA_PATH", raising=False)
    with pytest.raises(ValueError, match="PYLEARN2_DATA_PATH is not set"):
        MNIST("train")


def test_a_set_that_does_not_exist_is_refused(mnist):
    with pytest.raises(ValueError, match=r"no set 'valid'.*start and stop"):
        MNIST("valid")


def test_a_range_outside_the_set_is_refused(mnist):
    with pytest.raises(ValueError, match=r"stop=50000 .* 20 examples"):
        MNIST("train", start=0, stop=50000)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"<html>", "not an IDX file"), (idx(LABELS)[:6], "cut short"), (idx(LABELS)[:-1], "19")],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, data, message):
    (tmp_path / "labels").write_bytes(data)
    with pytest.raises(ValueError, match=f"labels .*{message}"):
        read_idx(tmp_path / "labels")
