"""Convolutions and pooling, and their gradients, are Theano's."""

import numpy as np
import pytest
import scipy.signal
import theano
import theano.tensor as T
from theano.gradient import verify_grad
from theano.tensor.nnet.conv import ConvOp, conv2d
from theano.tensor.nnet.Conv3D import conv3D
from theano.tensor.signal.pool import pool_2d

rng = np.random.RandomState(0)
X, W = rng.randn(2, 3, 5, 6), rng.randn(4, 3, 2, 3)


def by_scipy(mode):
    return np.array([[sum(scipy.signal.convolve2d(c, f, mode) for c, f in zip(x, w, strict=True))
                      for w in W] for x in X])  # fmt: skip


def test_convolutions_are_those_of_scipy():
    x, w = T.tensor4("x"), T.tensor4("w")
    kinds = [
        conv2d(x, w),
        conv2d(x, w, border_mode="full"),
        conv2d(x, w, subsample=(2, 2), image_shape=X.shape, filter_shape=W.shape),
        conv2d(x, w[:, :, ::-1, ::-1], filter_flip=False),
        conv2d(x, w, border_mode=(1, 2)),
        conv2d(x, w, border_mode="full", filter_shape=W.shape),
    ]
    valid, full, strided, flipped, padded, known = theano.function([x, w], kinds)(X, W)
    np.testing.assert_array_equal(known, full)
    np.testing.assert_allclose(valid, by_scipy("valid"))
    np.testing.assert_allclose(full, by_scipy("full"))
    np.testing.assert_allclose(strided, by_scipy("valid")[:, :, ::2, ::2])
    np.testing.assert_allclose(flipped, valid)
    np.testing.assert_allclose(padded, by_scipy("full"))
    assert ConvOp.getOutputShape((5, 6), (2, 3)) == valid.shape[2:]
    assert ConvOp.getOutputShape((5, 6), (2, 3), mode="full") == full.shape[2:]


def test_their_gradients_have_gradients():
    x, w = X[:1, :1, :3, :3], W[:1, :1]

    def steepness(x, w):
        cost = (conv2d(x, w) ** 3).sum() + (conv2d(x, w, border_mode="full") ** 2).sum()
        return sum((grad**2).sum() for grad in T.grad(cost, [x, w]))

    verify_grad(steepness, [x, w], n_tests=1)


def test_with_shapes_known_a_gradient_needs_not_the_images():
    x, w, unused = T.tensor4("x"), T.tensor4("w"), T.tensor4()
    made = conv2d(unused, w, image_shape=X.shape, filter_shape=W.shape)
    back, _ = made.owner.op.grad((unused, w), (x,))
    turned = W[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    y = rng.randn(2, 4, 4, 4)
    expected = theano.function([x], conv2d(x, turned, border_mode="full"))(y)
    np.testing.assert_allclose(theano.function([x, w], back)(y, W), expected)


def test_volumes_are_correlated():
    V, filters, b = rng.randn(1, 3, 4, 3, 2), rng.randn(2, 2, 2, 2, 2), np.array([1.0, 2.0])
    v = T.TensorType("float64", (False,) * 5)("v")
    made = theano.function([v], conv3D(v, filters, b, (1, 1, 1)))(V)
    windows = np.lib.stride_tricks.sliding_window_view(V, (2, 2, 2), (1, 2, 3))
    expected = np.einsum("brstcijk,oijkc->brsto", windows, filters) + b
    np.testing.assert_allclose(made, expected)


POOLED = np.array([[[[1.0, 5, 2, 2], [3, 4, 2, 0], [6, 0, 1, 1]]]])


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"ignore_border": True}, [[5, 2]]),
        ({"ignore_border": False}, [[5, 2], [6, 1]]),
        ({"ignore_border": True, "st": (1, 1)}, [[5, 5, 2], [6, 4, 2]]),
        ({"ignore_border": True, "mode": "sum"}, [[13, 6]]),
        ({"ignore_border": True, "mode": "average_inc_pad"}, [[3.25, 1.5]]),
        ({"ignore_border": False, "mode": "average_exc_pad"}, [[3.25, 1.5], [3, 1]]),
        ({"ignore_border": True, "padding": (1, 1)}, [[1, 5, 2], [6, 4, 1]]),
    ],
)
def test_regions_are_pooled(kwargs, expected):
    x = T.tensor4("x")
    pooled, flat = theano.function(
        [x], [pool_2d(x, (2, 2), **kwargs), pool_2d(x[0, 0], (2, 2), **kwargs)]
    )(POOLED)
    np.testing.assert_allclose(pooled[0, 0], expected)
    np.testing.assert_allclose(flat, expected)
    images = rng.permutation(24).reshape(1, 2, 3, 4) / 3.0
    verify_grad(lambda x: (pool_2d(x, (2, 2), **kwargs) ** 2).sum(), [images], n_tests=1)


def test_every_element_that_is_the_largest_gets_the_gradient():
    x = T.tensor4("x")
    total = pool_2d(x, (2, 2), ignore_border=True).sum()
    made = theano.function([x], T.grad(total, x))(POOLED)
    assert made[0, 0].tolist() == [[0, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0]]
