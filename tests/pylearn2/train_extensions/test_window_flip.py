"""Windows are where the C library's generator put them in pylearn2, and stay so when resumed."""

import copy
import ctypes
import ctypes.util

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.train_extensions.window_flip import WindowAndFlip

IMAGES = np.random.RandomState(0).rand(5, 6, 7, 2).astype(np.float32)
B01C, C01B = ("b", 0, 1, "c"), ("c", 0, 1, "b")


def dataset(axes=B01C):
    order = [B01C.index(axis) for axis in axes]
    return DenseDesignMatrix(topo_view=IMAGES.transpose(order), axes=axes)


def shown(data):
    axes = data.view_converter.axes
    return data.get_topological_view().transpose([axes.index(axis) for axis in B01C])


def windows(seed, padding=0, flip=True):
    """The windows by the C library itself."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    state = ctypes.c_uint(seed)
    images = np.pad(IMAGES, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    cut = []
    for image in images:
        top = libc.rand_r(ctypes.byref(state)) % (images.shape[1] - 4 + 1)
        left = libc.rand_r(ctypes.byref(state)) % (images.shape[2] - 5 + 1)
        window = image[top : top + 4, left : left + 5]
        mirrored = libc.rand_r(ctypes.byref(state)) % 2 and flip
        cut.append(window[:, ::-1] if mirrored else window)
    return np.array(cut)


@pytest.mark.parametrize("axes", [B01C, C01B])
@pytest.mark.parametrize("arguments", [{}, {"pad_randomized": 2}, {"flip": False}])
def test_windows_are_drawn_anew_for_every_epoch(axes, arguments):
    every, once, middle = dataset(axes), dataset(axes), dataset(axes)
    extension = WindowAndFlip(
        (4, 5), randomize=[every], randomize_once=[once], center=[middle], **arguments
    )
    extension.change_data()
    rng = np.random.RandomState((2013, 2, 20))
    draws = {"padding": arguments.get("pad_randomized", 0), "flip": arguments.get("flip", True)}
    np.testing.assert_array_equal(shown(every), windows(rng.randint(1, 2**32), **draws))
    kept = windows(rng.randint(1, 2**32), **draws)
    extension.on_monitor(None, None, None)
    np.testing.assert_array_equal(shown(every), windows(rng.randint(1, 2**32), **draws))
    np.testing.assert_array_equal(shown(once), kept)
    np.testing.assert_array_equal(shown(middle), IMAGES[:, 1:5, 1:6])
    assert every.view_converter.axes == axes


def test_a_resumed_training_sees_the_same_windows():
    first, second = dataset(), dataset()
    ours, resumed = WindowAndFlip((4, 5), [first]), WindowAndFlip((4, 5), [second])
    for extension in (ours, resumed):
        extension.change_data()
    ours.on_monitor(None, None, None)
    resumed.load_state_dict(copy.deepcopy(ours.state_dict()))
    np.testing.assert_array_equal(first.X, second.X)
    for extension in (ours, resumed):
        extension.on_monitor(None, None, None)
    np.testing.assert_array_equal(first.X, second.X)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(TypeError, match="center is a list of datasets"):
        WindowAndFlip((4, 5), center=dataset())
    with pytest.raises(ValueError, match=r"\(9, 5\) does not fit"):
        WindowAndFlip((9, 5), [dataset()]).change_data()
    with pytest.warns(UserWarning, match="has no datasets"):
        WindowAndFlip((4, 5))
