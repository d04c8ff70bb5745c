"""The scripts show weights and examples, and print models, as modules and as commands."""

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from pylearn2_jobman.pylearn2.gui.get_weights_report import get_weights_report
from pylearn2_jobman.pylearn2.gui.patch_viewer import PatchViewer, make_viewer
from pylearn2_jobman.pylearn2.models.mlp import MLP, ConvRectifiedLinear, Sigmoid
from pylearn2_jobman.pylearn2.scripts import (
    print_model,
    show_examples,
    show_weights,
    summarize_model,
)
from pylearn2_jobman.pylearn2.space import Conv2DSpace
from pylearn2_jobman.pylearn2.utils import serial

IMAGES = np.random.RandomState(0).rand(10, 3, 4, 1).astype(np.float32)


def run(command, *arguments):
    result = CliRunner().invoke(command.main, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def patch(viewer, number):
    row, column = divmod(number, viewer.grid_shape[1])
    (rows, columns), (down, right) = viewer.patch_shape, viewer.pad
    top, left = down + row * (rows + down), right + column * (columns + right)
    return viewer.image[top : top + rows, left : left + columns]


def test_patches_stand_in_a_grid():
    viewer = make_viewer(IMAGES[:5])
    assert viewer.grid_shape == (2, 3)
    assert viewer.image.shape == (2 * 3 + 3 * 5, 3 * 4 + 4 * 5, 3)
    for i in range(5):
        expected = IMAGES[i] / IMAGES[i].max() / 2 + 0.5
        np.testing.assert_allclose(patch(viewer, i), np.repeat(expected, 3, 2), rtol=1e-6)
    assert (patch(viewer, 5) == 0.5).all()  # nothing there
    assert PatchViewer.pick_shape(12, exact=True) == (3, 4)


def test_patches_may_be_smaller_framed_and_in_colour():
    viewer = PatchViewer((1, 2), (4, 4), is_color=True)
    viewer.add_patch(np.full((2, 2, 3), [1.0, 0, -1]), rescale=False, activation=[0.5, -1])
    assert viewer.image[6, 6].tolist() == [1, 0.5, 0]
    assert viewer.image[5, 5].tolist() == [0.5, 0.5, 0]  # a yellow frame, half as bright
    assert viewer.get_img().dtype == np.uint8


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((5, 4)), "does not fit"),
        (np.zeros((4, 4, 3)), "does not fit"),
        (np.full((4, 4), 2.0), "must be from -1 to 1"),
        (np.full((4, 4), np.nan), "not finite"),
    ],
)
def test_a_patch_that_cannot_be_shown_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        PatchViewer((1, 2), (4, 4)).add_patch(given, rescale=False)


def test_weights_are_a_picture(tmp_path):
    model = MLP(nvis=12, layers=[Sigmoid(layer_name="h", dim=5, irange=0.5)])
    serial.save(tmp_path / "m.pkl", model)
    run(show_weights, tmp_path / "m.pkl", "--out", tmp_path / "w.png", "--border")
    picture = imread(tmp_path / "w.png")[..., :3]
    W = model.layers[0].W.detach().numpy()[:, 0].reshape(3, 4)
    expected = W / np.abs(W).max() / 2 + 0.5
    np.testing.assert_allclose(
        picture[5:8, 5:9], np.repeat(expected[..., None], 3, 2), atol=1 / 250
    )
    assert (picture[4, 4:10] == 0).all()
    (tmp_path / "d.yaml").write_text(
        "!obj:pylearn2.datasets.dense_design_matrix.DenseDesignMatrix { topo_view: "
        "!obj:numpy.zeros { shape: [2, 2, 6, 1] } }"
    )
    run(
        show_weights,
        tmp_path / "m.pkl",
        "--out",
        tmp_path / "v.png",
        "--dataset",
        tmp_path / "d.yaml",
    )
    assert imread(tmp_path / "v.png").shape[:2] == (2 * 2 + 3 * 5, 3 * 6 + 4 * 5)


def test_kernels_and_weights_of_images_are_pictures():
    space = Conv2DSpace([6, 6], num_channels=3)
    kernels = ConvRectifiedLinear(
        layer_name="h",
        output_channels=2,
        kernel_shape=[3, 3],
        pool_shape=[1, 1],
        pool_stride=[1, 1],
        irange=0.5,
    )
    viewer = get_weights_report(model=MLP(input_space=space, layers=[kernels]), rescale="global")
    W = kernels.W.detach().numpy().transpose(0, 2, 3, 1)
    np.testing.assert_allclose(patch(viewer, 1), W[1] / np.abs(W).max() / 2 + 0.5, rtol=1e-5)
    flat = Sigmoid(layer_name="h", dim=4, irange=0.5)
    viewer = get_weights_report(
        model=MLP(input_space=space, layers=[flat]), rescale="none", norm_sort=True
    )
    W = flat.W.detach().numpy().T.reshape(4, 6, 6, 3)
    largest = np.argmax((W**2).sum((1, 2, 3)))
    np.testing.assert_allclose(patch(viewer, 0), W[largest] / 2 + 0.5, rtol=1e-5)


def test_examples_are_a_picture(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    text = (
        "!obj:pylearn2.datasets.dense_design_matrix.DenseDesignMatrix { topo_view: "
        f"!obj:numpy.load {{ file: {tmp_path}/x.npy }}, axes: [b, 0, 1, c] }}"
    )
    (tmp_path / "d.yaml").write_text(text)
    for source in (tmp_path / "d.yaml", text):
        out = tmp_path / "x.png"
        output = run(show_examples, source, "--rows", 2, "--cols", 5, "--out", out)
        assert "norms of examples:" in output
        expected = IMAGES[0] / IMAGES.max() / 2 + 0.5
        np.testing.assert_allclose(imread(out)[5:8, 5:9, :1], expected, atol=1 / 250)
    failed = CliRunner().invoke(show_examples.main, ["{a: 1}"])
    assert failed.exit_code == 1
    assert "describes a dict, which has no images" in failed.output


def test_models_are_printed(saved):
    model, path = saved
    assert "Softmax" in run(print_model, path)
    output = run(summarize_model, path)
    W = model.layers[0].W.detach().numpy()
    norms = np.sqrt((W**2).sum(0))
    assert f"softmax_W col norms: ({norms.min():.6g}, {norms.mean():.6g}" in output
    assert "trained on 120 examples" in output
    assert "3 epochs\nTraining succeeded" in output
