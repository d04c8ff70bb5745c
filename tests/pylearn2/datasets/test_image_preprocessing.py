"""Preprocessors of images cut and change them as NumPy would, place by place."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.binarizer import Binarizer
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.datasets.preprocessing import (
    CentralWindow,
    ExtractGridPatches,
    ExtractPatches,
    LeCunLCN,
    MakeUnitNorm,
    ReassembleGridPatches,
    ShuffleAndSplit,
)
from pylearn2_jobman.pylearn2.datasets.tfd import TFD
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams

IMAGES = np.random.RandomState(0).rand(4, 6, 8, 2)
AXES = [("b", 0, 1, "c"), ("c", 0, 1, "b")]


def images(axes=AXES[0]):
    order = [AXES[0].index(axis) for axis in axes]
    return DenseDesignMatrix(topo_view=IMAGES.transpose(order), axes=axes, y=np.arange(4))


def shown(dataset):
    """Return the images with the axes ('b', 0, 1, 'c')."""
    axes = dataset.view_converter.axes
    return dataset.get_topological_view().transpose([axes.index(axis) for axis in AXES[0]])


@pytest.mark.parametrize("axes", AXES)
def test_the_middle_is_kept(axes):
    dataset = images(axes)
    dataset.apply_preprocessor(CentralWindow([3, 4]))
    np.testing.assert_array_equal(shown(dataset), IMAGES[:, 1:4, 2:6])
    assert dataset.view_converter.axes == axes


def test_parts_are_drawn_the_same_from_every_dataset():
    preprocessor = ExtractPatches([3, 4], 5)
    dataset, rng = images(), np.random.RandomState([1, 2, 3])
    dataset.apply_preprocessor(preprocessor)
    for patch in shown(dataset):
        image, top, left = IMAGES[rng.randint(4)], rng.randint(4), rng.randint(5)
        np.testing.assert_array_equal(patch, image[top : top + 3, left : left + 4])
    again = images()
    again.apply_preprocessor(preprocessor)
    np.testing.assert_array_equal(again.X, dataset.X)
    assert dataset.y is None


@pytest.mark.parametrize("axes", AXES)
def test_a_grid_of_parts_is_taken_and_put_together(axes):
    dataset = images(axes)
    dataset.apply_preprocessor(ExtractGridPatches([3, 4], [3, 4]))
    parts = [i[r : r + 3, c : c + 4] for i in IMAGES for r in (0, 3) for c in (0, 4)]
    np.testing.assert_array_equal(shown(dataset), parts)
    assert dataset.y.tolist() == np.repeat(np.arange(4), 4).tolist()
    dataset.apply_preprocessor(ReassembleGridPatches([6, 8], [3, 4]))
    np.testing.assert_array_equal(shown(dataset), IMAGES)
    assert dataset.y.tolist() == [0, 1, 2, 3]


def test_parts_may_overlap_or_be_the_first_alone():
    dataset = images()
    dataset.apply_preprocessor(ExtractGridPatches([5, 6], [1, 0]))
    parts = [image[r : r + 5, :6] for image in IMAGES for r in (0, 1)]
    np.testing.assert_array_equal(shown(dataset), parts)


@pytest.mark.parametrize(
    ("preprocessor", "message"),
    [
        (CentralWindow([7, 2]), r"CentralWindow: \(7, 2\) does not fit into \(6, 8\)"),
        (ExtractPatches([2, 9], 3), "does not fit"),
        (ReassembleGridPatches([12, 9], [6, 8]), r"do not make images of \(12, 9\)"),
        (ShuffleAndSplit(1, 2, 7), "are not a range within 4 examples"),
    ],
)
def test_what_does_not_fit_is_refused(preprocessor, message):
    with pytest.raises(ValueError, match=message):
        images().apply_preprocessor(preprocessor)


def test_local_contrast_is_the_same_everywhere():
    dataset = images()
    dataset.apply_preprocessor(LeCunLCN([6, 8], kernel_size=3, channels=[1]))
    window = np.array([[np.exp(-(r * r + c * c) / 8) for c in (-1, 0, 1)] for r in (-1, 0, 1)])
    window /= window.sum()

    def smooth(x):
        padded = np.pad(x, 1)
        return sum(window[r, c] * padded[r : r + 6, c : c + 8] for r in range(3) for c in range(3))

    for image, before in zip(shown(dataset), IMAGES, strict=True):
        x = before[..., 1]
        contrast = np.sqrt(smooth(x**2))
        expected = (x - smooth(x)) / np.maximum(contrast, contrast.mean())
        np.testing.assert_allclose(image[..., 1], expected)
        np.testing.assert_array_equal(image[..., 0], before[..., 0])


def test_examples_have_norm_one():
    X = np.array([[3.0, 4.0], [0.0, 2.0]])
    assert DenseDesignMatrix(X=X, preprocessor=MakeUnitNorm()).X.tolist() == [[0.6, 0.8], [0, 1]]
    with pytest.raises(ValueError, match="zeros has no direction"):
        DenseDesignMatrix(X=X * 0, preprocessor=MakeUnitNorm())


@pytest.mark.parametrize("y", [np.arange(9), np.arange(18).reshape(9, 2)])
def test_a_part_is_kept_in_an_order_drawn_at_random(y):
    order, rng = list(range(9)), np.random.RandomState(5)
    for i in range(9):
        j = rng.randint(9)
        order[i], order[j] = order[j], order[i]
    X = np.arange(27.0).reshape(9, 3)
    dataset = DenseDesignMatrix(X=X, y=y, preprocessor=ShuffleAndSplit(5, 2, 6))
    np.testing.assert_array_equal(dataset.X, X[order[2:6]])
    np.testing.assert_array_equal(dataset.y, y[order[2:6]])


def test_numbers_are_probabilities_of_ones_drawn_for_every_batch():
    X = np.random.RandomState(1).rand(6, 4)
    dataset = Binarizer(DenseDesignMatrix(X=X, y=np.eye(6)), seed=7)
    streams = MRGStreams(7).streams()
    specs = CompositeSpace([VectorSpace(4), VectorSpace(6)]), ("features", "targets")
    for start in (0, 3, 0, 3):
        if start == 0:
            batches = dataset.iterator("sequential", 3, data_specs=specs)
        features, targets = next(batches)
        uniform = streams.uniform((3, 4), dtype=dataset.source("targets")[1].dtype).numpy()
        np.testing.assert_array_equal(features, uniform < X[start : start + 3])
        assert targets.argmax(1).tolist() == list(range(start, start + 3))


def test_samples_of_images_are_images():
    dataset = Binarizer(DenseDesignMatrix(topo_view=IMAGES))
    space = Conv2DSpace([6, 8], num_channels=2, axes=("c", 0, 1, "b"))
    batch = next(dataset.iterator("sequential", 3, data_specs=(space, "features")))
    assert batch.shape == (2, 6, 8, 3)
    assert set(np.unique(batch)) == {0, 1}


@pytest.fixture
def faces(tmp_path, monkeypatch):
    from scipy.io import savemat

    folder = tmp_path / "faces" / "TFD"
    folder.mkdir(parents=True)
    rng = np.random.RandomState(2)
    arrays = {
        "images": rng.randint(0, 256, (10, 48, 48)).astype(np.uint8),
        "folds": np.tile(np.arange(10)[:, None] % 4, (1, 5)).astype(np.uint8),
        "labs_ex": np.arange(10, dtype=np.int16)[:, None] % 7 + 1,
        "labs_id": np.arange(10, dtype=np.int16)[:, None],
    }
    savemat(folder / "TFD_48x48.mat", arrays)
    monkeypatch.setenv("PYLEARN2_DATA_PATH", str(tmp_path))
    return arrays


def test_faces_come_in_sets_of_folds(faces):
    train, both = TFD("train", scale=True), TFD("full_train", fold=3, center=True, scale=True)
    flat = faces["images"].reshape(10, -1).astype(np.float32)
    np.testing.assert_allclose(train.X, flat[[1, 5, 9]] / 255)
    np.testing.assert_allclose(both.X, (flat[[1, 2, 5, 6, 9]] - 127.5) / 127.5)
    assert train.y.tolist() == [[1], [5], [2]]
    assert train.y_identity.tolist() == [[1], [5], [9]]
    assert train.view_shape() == (48, 48, 1)
    assert not TFD("unlabeled").has_targets()
    order = np.random.RandomState(4).permutation(2)
    drawn = TFD("test", shuffle=True, seed=4, example_range=[0, 2])
    np.testing.assert_array_equal(drawn.X, flat[np.array([3, 7])[order]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"which_set": "train2"}, "TFD has no set 'train2'"),
        ({"which_set": "train", "fold": 5}, "folds 0 to 4"),
        ({"which_set": "train", "image_size": 50}, "48 or 96"),
    ],
)
def test_faces_that_do_not_exist_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TFD(**arguments)


def test_samples_are_shown_as_the_images_are():
    dataset = Binarizer(DenseDesignMatrix(topo_view=IMAGES, y=np.arange(4), rng=3))
    images, labels = dataset.get_batch_topo(3, include_labels=True)
    assert images.shape == (3, 6, 8, 2)
    assert set(np.unique(images)) == {0, 1}
    assert (np.diff(labels) == 1).all()
    assert dataset.get_topological_view().shape == IMAGES.shape
    assert dataset.get_weights_view(np.zeros((5, 96))).shape == (5, 6, 8, 2)
    assert dataset.view_converter.view_shape() == (6, 8, 2)
