"""``theano.tensor.nnet.neighbours``: images cut into patches."""

__all__ = ["images2neibs", "neibs2images"]

from typing import Any


def images2neibs(ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Any:
    """Return the patches of images, one a row, those of an image from left to right, row by row.

    Parameters
    ----------
    ten4
        Images: (batch, channel, row, column).
    neib_shape
        Rows and columns of a patch.
    neib_step
        The steps from patch to patch; by default, and only, those that cut the images up.
    mode
        ``'valid'``: a patch that does not fit is an error; ``'ignore_borders'``: it is left out.
    """
    rows, columns = neib_shape
    if neib_step is not None and tuple(neib_step) != tuple(neib_shape):
        raise NotImplementedError("images2neibs with patches that overlap")
    if mode == "ignore_borders":
        height, width = (ten4.shape[2] // rows) * rows, (ten4.shape[3] // columns) * columns
        ten4 = ten4[:, :, :height, :width]
    number, channels, height, width = (ten4.shape[axis] for axis in range(4))
    parts = (number, channels, height // rows, rows, width // columns, columns)
    cut = ten4.reshape(parts, ndim=6).dimshuffle(0, 1, 2, 4, 3, 5)
    return cut.reshape((-1, rows * columns), ndim=2)


def neibs2images(neibs: Any, neib_shape: Any, original_shape: Any) -> Any:
    """Return the images that `images2neibs` cut into patches."""
    rows, columns = neib_shape
    number, channels, height, width = (original_shape[axis] for axis in range(4))
    parts = (number, channels, height // rows, width // columns, rows, columns)
    images = neibs.reshape(parts, ndim=6).dimshuffle(0, 1, 2, 4, 3, 5)
    return images.reshape((number, channels, height, width), ndim=4)
