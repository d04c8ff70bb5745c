"""Convolutional layers convolve, pool and refuse what does not fit."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy_mlp import detection

from pylearn2_jobman.pylearn2.models.layers.pooling import max_pool, mean_pool, pooled_shape
from pylearn2_jobman.pylearn2.models.mlp import (
    MLP,
    ConvElemwise,
    ConvRectifiedLinear,
    IdentityConvNonlinearity,
    Linear,
    RectifierConvNonlinearity,
    SigmoidConvNonlinearity,
    TanhConvNonlinearity,
)
from pylearn2_jobman.pylearn2.space import Conv2DSpace
from pylearn2_jobman.pylearn2.utils import serial

BEFORE_ROOMS = Path(__file__).parents[3] / "data" / "before_rooms"


def conv(**kwargs):
    arguments = {
        "output_channels": 2,
        "kernel_shape": [2, 3],
        "layer_name": "h",
        "nonlinearity": IdentityConvNonlinearity(),
        "irange": 0.5,
    }
    return ConvElemwise(**{**arguments, **kwargs})


def on_images(layer, shape=(5, 6), channels=3, axes=("b", 0, 1, "c")):
    return MLP(layers=[layer], input_space=Conv2DSpace(shape, num_channels=channels, axes=axes))


def convolved(image, kernel, full=False):
    """One channel of an image convolved, by the definition."""
    rows, columns = kernel.shape
    if full:
        image = np.pad(image, ((rows - 1,) * 2, (columns - 1,) * 2))
    flipped = kernel[::-1, ::-1]
    shape = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    return np.array(
        [
            [(image[i : i + rows, j : j + columns] * flipped).sum() for j in range(shape[1])]
            for i in range(shape[0])
        ]
    )


@pytest.mark.parametrize("border_mode", ["valid", "full"])
def test_it_is_a_convolution_with_flipped_kernels(border_mode):
    layer = conv(border_mode=border_mode)
    model = on_images(layer)
    X = np.random.RandomState(0).randn(1, 5, 6, 3).astype(np.float32)
    H = model.fprop(torch.from_numpy(X)).detach().numpy()
    W = layer.W.detach().numpy()
    for k in range(2):
        expected = sum(convolved(X[0, :, :, c], W[k, c], border_mode == "full") for c in range(3))
        np.testing.assert_allclose(H[0, k], expected, atol=1e-5)


def test_kernels_may_take_larger_steps():
    one, two = on_images(conv()), on_images(conv(kernel_stride=(2, 2)))
    X = torch.randn(2, 5, 6, 3)
    torch.testing.assert_close(two.fprop(X), one.fprop(X)[:, :, ::2, ::2])
    assert two.get_output_space().shape == (2, 2)


def test_images_may_have_their_axes_in_any_order():
    X = torch.randn(2, 5, 6, 3)
    one, other = on_images(conv()), on_images(conv(), axes=("c", 0, 1, "b"))
    torch.testing.assert_close(other.fprop(X.permute(3, 1, 2, 0)), one.fprop(X))


def test_each_detector_has_its_own_bias_unless_they_are_tied():
    untied, tied = conv(), conv(tied_b=True, init_bias=1.0)
    on_images(untied), on_images(tied)
    assert untied.b.shape == (2, 4, 4)
    assert tied.b.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("nonlinearity", "function"),
    [
        (RectifierConvNonlinearity(), torch.relu),
        (RectifierConvNonlinearity(0.1), lambda Z: torch.where(Z > 0, Z, 0.1 * Z)),
        (SigmoidConvNonlinearity(), torch.sigmoid),
        (TanhConvNonlinearity(), torch.tanh),
    ],
)
def test_nonlinearities_are_what_they_are_named_after(nonlinearity, function):
    Z = torch.linspace(-2, 2, 9)
    torch.testing.assert_close(nonlinearity.apply(Z), function(Z))


IMAGE = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])


def test_the_last_windows_reach_over_the_border():
    assert max_pool(IMAGE, (2, 2), (2, 2)).tolist() == [[[[5, 6], [8, 9]]]]
    assert max_pool(IMAGE, (2, 2), (1, 1)).tolist() == [[[[5, 6], [8, 9]]]]
    assert mean_pool(IMAGE, (2, 2), (2, 2)).tolist() == [[[[3, 4.5], [7.5, 9]]]]


def test_a_window_that_would_begin_beyond_the_border_is_left_out():
    assert max_pool(IMAGE, (1, 1), (2, 3)).tolist() == [[[[1], [7]]]]
    assert mean_pool(IMAGE, (1, 1), (2, 3)).tolist() == [[[[1], [7]]]]
    assert pooled_shape((3, 3), (1, 1), (2, 3), "h") == (2, 1)


def test_every_largest_pixel_gets_the_gradient():
    flat = torch.ones(1, 1, 2, 2, requires_grad=True)
    max_pool(flat, (2, 2), (2, 2)).sum().backward()
    assert flat.grad.tolist() == [[[[1, 1], [1, 1]]]]


def test_pooling_changes_the_shape_that_the_next_layer_sees():
    layer = conv(pool_type="max", pool_shape=[3, 3], pool_stride=[2, 2])
    model = on_images(layer)
    space = model.get_output_space()
    assert space.shape == (2, 2)
    assert model.fprop(torch.randn(7, 5, 6, 3)).shape == (7, 2, 2, 2)
    top = Linear(layer_name="y", dim=1, irange=0.1)
    MLP(
        layers=[conv(pool_type="mean", pool_shape=[3, 3], pool_stride=[2, 2]), top],
        input_space=Conv2DSpace((5, 6), num_channels=3),
    )
    assert top.W.shape == (8, 1)


def test_normalizations_come_after_the_nonlinearity_and_after_pooling():
    layer = conv(
        detector_normalization=lambda H: H * 0 + 2,
        output_normalization=lambda H: H + 1,
        pool_type="max",
        pool_shape=[2, 2],
        pool_stride=[2, 2],
    )
    assert on_images(layer).fprop(torch.randn(1, 5, 6, 3)).unique().tolist() == [3]


def test_sparse_kernels_have_so_many_weights():
    layer = conv(irange=None, sparse_init=4)
    on_images(layer)
    assert (layer.W != 0).flatten(1).sum(1).tolist() == [4, 4]


def test_kernels_are_limited_and_scaled():
    layer = conv(irange=9.0, max_kernel_norm=0.5, W_lr_scale=0.1, b_lr_scale=0.2)
    model = on_images(layer)
    model.enforce_constraints()
    np.testing.assert_allclose(layer.W.detach().flatten(1).norm(dim=1), 0.5, rtol=1e-5)
    assert model.get_lr_scalers() == {layer.W: 0.1, layer.b: 0.2}


def test_the_rectified_layer_pools_and_rectifies():
    layer = ConvRectifiedLinear(
        output_channels=2,
        kernel_shape=[2, 2],
        pool_shape=[2, 2],
        pool_stride=[2, 2],
        layer_name="h",
        irange=0.5,
    )
    model = on_images(layer)
    X = torch.randn(3, 5, 6, 3)
    torch.testing.assert_close(
        model.fprop(X), max_pool(layer.preactivation(X).relu(), (2, 2), (2, 2))
    )


def test_an_empty_part_of_an_image_has_no_gradient_whatever_the_slope():
    Z = torch.zeros(1, requires_grad=True)
    RectifierConvNonlinearity(left_slope=0.5).apply(Z).sum().backward()
    assert Z.grad.item() == 0
    assert RectifierConvNonlinearity(0.5).apply(torch.tensor([-2.0, 3.0])).tolist() == [-1, 3]


def test_detectors_that_are_not_pooled_are_not_normalised():
    layer, plain = conv(detector_normalization=lambda H: H * 0), conv()
    X = torch.randn(1, 5, 6, 3)
    torch.testing.assert_close(on_images(layer).fprop(X), on_images(plain).fprop(X))


def test_linear_kernels_may_be_trained_by_the_squared_error():
    model = on_images(conv())
    X, Y = torch.randn(7, 5, 6, 3), torch.randn(7, 2, 4, 4)
    expected = (Y - model.fprop(X)).square().sum() / 7
    torch.testing.assert_close(model.cost_from_X((X, Y)), expected)
    assert len(model.get_monitoring_channels((X, Y))) == 15


def test_sigmoid_kernels_may_detect():
    model = on_images(conv(nonlinearity=SigmoidConvNonlinearity()))
    X, Y = torch.randn(7, 5, 6, 3), (torch.rand(7, 2, 4, 4) < 0.3).float()
    H = model.fprop(X)
    kl = -(Y * H.log() + (1 - Y) * (1 - H).log()).mean()
    torch.testing.assert_close(model.cost_from_X((X, Y)), kl)
    channels = model.get_monitoring_channels((X, Y))
    expected = detection(H.detach().numpy(), Y.numpy(), over=(0, 1)) | {"kl": kl.item()}
    assert len(channels) == 15 + len(expected)
    for name, value in expected.items():
        assert channels[f"h_{name}"].item() == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        {"nonlinearity": TanhConvNonlinearity()},
        {"pool_type": "max", "pool_shape": [2, 2], "pool_stride": [2, 2]},
    ],
)
def test_other_kernels_have_no_cost(layer):
    with pytest.raises(NotImplementedError, match="no cost against targets"):
        on_images(conv(**layer)).cost_from_X((torch.randn(1, 5, 6, 3), None))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: conv(irange=None), "needs irange or sparse_init"),
        (lambda: conv(border_mode="same"), "border_mode is 'same'; it takes 'valid' or 'full'"),
        (lambda: conv(pool_type="median"), "pool_type is 'median'"),
        (lambda: conv(output_channels=0), "output_channels is 0; it must be positive"),
        (lambda: conv(kernel_shape=3), "kernel_shape is 3; it must be two positive numbers"),
        (lambda: conv(kernel_stride=[0, 1]), r"kernel_stride is \[0, 1\]; it must be two positive"),
        (lambda: conv(pool_type="max"), "needs pool_shape and pool_stride"),
        (lambda: on_images(conv(kernel_shape=[6, 6])), "larger than the images"),
        (
            lambda: on_images(conv(pool_type="max", pool_shape=[5, 5], pool_stride=[1, 1])),
            r"windows of \(5, 5\) are larger than the images that are pooled, \(4, 4\)",
        ),
        (lambda: on_images(conv(irange=None, sparse_init=19)), "more than the 18 weights"),
        (lambda: MLP(nvis=4, layers=[conv()]), "takes images .*VectorSpace"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_nonlinearity_is_an_object():
    with pytest.raises(TypeError, match=r"nonlinearity is 'tanh', not .* TanhConvNonlinearity\(\)"):
        conv(nonlinearity="tanh")


def test_a_layer_of_before_keeps_its_kernels_within_their_limit():
    model = serial.load(BEFORE_ROOMS / "convolution" / "trained_model.pkl")
    limited, free, pooled = model.layers[:3]
    before = free.W.clone()
    with torch.no_grad():
        for layer in (limited, free, pooled):
            layer.W.mul_(10)
    model.enforce_constraints()
    assert limited.kernel_norms()["kernel_norms_max"].item() == pytest.approx(0.4, rel=1e-5)
    assert pooled.kernel_norms()["kernel_norms_max"].item() == pytest.approx(0.4, rel=1e-5)
    torch.testing.assert_close(free.W, before * 10)
