"""Convolutional maxout layers compute what cuda-convnet's did."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.models.maxout import MaxoutConvC01B
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.space import Conv2DSpace
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.testing.datasets import (
    random_one_hot_topological_dense_design_matrix,
)
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

C01B = ("c", 0, 1, "b")


def maxout(**kwargs):
    arguments = {
        "num_channels": 2,
        "num_pieces": 3,
        "kernel_shape": [2, 2],
        "pool_shape": [1, 1],
        "pool_stride": [1, 1],
        "layer_name": "h",
        "irange": 0.5,
    }
    return MaxoutConvC01B(**{**arguments, **kwargs})


def on_images(layer, channels=3, more=()):
    space = Conv2DSpace((4, 5), num_channels=channels, axes=C01B)
    return MLP(layers=[layer, *more], input_space=space)


def test_an_output_is_the_largest_of_its_neighbouring_correlations():
    layer = maxout(init_bias=0.5)
    model = on_images(layer)
    X = torch.randn(3, 4, 5, 6)
    W = layer.W.detach().numpy()
    patch = X[:, 1:3, 2:4, 4].numpy()
    detectors = [(patch * W[..., k]).sum() + 0.5 for k in range(6)]
    H = model.fprop(X).detach()
    assert H.shape == (2, 3, 4, 6)
    np.testing.assert_allclose(H[:, 1, 2, 4], [max(detectors[:3]), max(detectors[3:])], rtol=1e-5)


def test_padding_pooling_and_zero():
    layer = maxout(pad=1, pool_shape=[2, 2], pool_stride=[2, 2], min_zero=True, tied_b=True)
    model = on_images(layer)
    assert layer.get_output_space().shape == (3, 3)
    assert layer.b.shape == (6,)
    assert model.fprop(torch.randn(3, 4, 5, 6)).min() >= 0


def test_the_last_kernels_reach_over_the_border():
    layer = maxout(num_pieces=1, kernel_shape=[3, 3], kernel_stride=[2, 2])
    model = on_images(layer)
    X = torch.randn(3, 4, 5, 1)
    H = model.fprop(X).detach()
    assert H.shape == (2, 2, 2, 1)
    W = layer.W.detach()[:, :2, :, 0]  # the third row of the kernel is below the image
    expected = (X[:, 2:, 2:, 0] * W).sum()
    torch.testing.assert_close(H[0, 1, 1, 0], expected)


def test_missing_channels_are_zeros_with_weights_of_their_own():
    layer = maxout()
    on_images(layer, channels=6)
    assert layer.W.shape == (8, 2, 2, 6)


def test_what_is_too_large_may_be_made_smaller():
    layer = maxout(
        kernel_shape=[9, 2],
        fix_kernel_shape=True,
        pool_shape=[3, 3],
        fix_pool_shape=True,
        pool_stride=[4, 4],
        fix_pool_stride=True,
    )
    on_images(layer)
    assert (layer.kernel_shape, layer.pool_shape, layer.pool_stride) == ([4, 2], [1, 3], [1, 3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"irange": None}, "needs irange"),
        ({"kernel_shape": [6, 2]}, "larger than the images"),
        ({"pool_stride": [2, 2]}, "leaves out pixels"),
        ({"pool_shape": [4, 4]}, "larger than the images that are pooled"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        on_images(maxout(**arguments))
    with pytest.raises(ValueError, match="takes images"):
        MLP(nvis=4, layers=[maxout()])


def test_normalizations_see_the_axes_of_the_layer():
    seen = []

    def normalization(images):
        seen.append(tuple(images.shape))
        return images

    layer = maxout(
        input_normalization=normalization,
        detector_normalization=normalization,
        output_normalization=normalization,
    )
    on_images(layer).fprop(torch.randn(3, 4, 5, 6))
    assert seen == [(3, 4, 5, 6), (2, 3, 4, 6), (2, 3, 4, 6)]


def test_it_trains_on_images_with_its_axes():
    dataset = random_one_hot_topological_dense_design_matrix(0, 30, (4, 5), 3, C01B, 2)
    layer = maxout(max_kernel_norm=1.0, W_lr_scale=0.5, b_lr_scale=0.5)
    model = on_images(layer, more=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    algorithm = SGD(
        learning_rate=0.2,
        batch_size=10,
        monitoring_dataset=dataset,
        termination_criterion=EpochCounter(20),
    )
    Train(dataset, model, algorithm).main_loop()
    channels = model.monitor.channels
    assert channels["objective"].val_record[-1] < 0.5 * channels["objective"].val_record[0]
    assert channels["h_kernel_norms_max"].val_record[-1] <= 1.001
    assert "h_range_x.mean_u" in channels
