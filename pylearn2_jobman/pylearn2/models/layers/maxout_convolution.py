"""Maxout units in a convolutional layer, as cuda-convnet computed them."""

__all__ = ["MaxoutConvC01B"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.pylearn2.expr.maximum import largest
from pylearn2_jobman.pylearn2.models.layers.kernels import KernelLayer, Normalization
from pylearn2_jobman.pylearn2.models.layers.pooling import max_pool, pooled_shape
from pylearn2_jobman.pylearn2.space import Conv2DSpace, Space

_AXES = ("c", 0, 1, "b")


class MaxoutConvC01B(KernelLayer):
    """Kernels over images, the largest of ``num_pieces`` neighbouring ones, and max pooling.

    Images go in and out with the axes 'c', 0, 1, 'b'; kernels have the axes channels, rows,
    columns, kernels. It is a correlation: kernels are not flipped.

    Parameters
    ----------
    num_channels
        Number of channels of the output.
    num_pieces
        Number of kernels for each of them.
    kernel_shape
        (rows, columns) of a kernel.
    pool_shape, pool_stride
        (rows, columns) of a pooling window, and from one to the next.
    layer_name
        Prefix of the names of parameters and channels.
    irange
        Draw kernels from the uniform distribution over -irange to irange.
    init_bias
        Initial biases: a number, or an array of their shape.
    W_lr_scale, b_lr_scale
        Factors of the learning rate, for kernels and for biases.
    pad
        Rows and columns of zeros around the image.
    fix_pool_shape, fix_pool_stride, fix_kernel_shape
        Whether sizes that are too large are made smaller instead of refused.
    partial_sum
        Not used: it was about the memory of cuda-convnet.
    tied_b
        Whether all detectors of a kernel share a bias.
    max_kernel_norm
        The most that a kernel's norm may be.
    input_normalization, detector_normalization, output_normalization
        Functions of the input, of the units before pooling, and of the output, or None.
    min_zero
        Whether the output is at least 0.
    input_groups
        Number of groups of channels, each with kernels of its own.
    kernel_stride
        Rows and columns from one position of a kernel to the next.
    """

    kernel_axes = (0, 1, 2)

    def __init__(
        self,
        num_channels: int,
        num_pieces: int,
        kernel_shape: Sequence[int],
        pool_shape: Sequence[int],
        pool_stride: Sequence[int],
        layer_name: str,
        irange: float | None = None,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        pad: int = 0,
        fix_pool_shape: bool = False,
        fix_pool_stride: bool = False,
        fix_kernel_shape: bool = False,
        partial_sum: int = 1,
        tied_b: bool = False,
        max_kernel_norm: float | None = None,
        input_normalization: Normalization | None = None,
        detector_normalization: Normalization | None = None,
        min_zero: bool = False,
        output_normalization: Normalization | None = None,
        input_groups: int = 1,
        kernel_stride: Sequence[int] = (1, 1),
    ) -> None:
        super().__init__(
            layer_name,
            irange=irange,
            init_bias=init_bias,
            max_kernel_norm=max_kernel_norm,
            tied_b=tied_b,
            detector_normalization=detector_normalization,
            output_normalization=output_normalization,
            W_lr_scale=W_lr_scale,
            b_lr_scale=b_lr_scale,
        )
        if irange is None:
            raise ValueError(f"layer {layer_name!r} needs irange")
        self.num_channels = int(num_channels)
        self.num_pieces = int(num_pieces)
        self.kernel_shape = list(kernel_shape)
        self.pool_shape = list(pool_shape)
        self.pool_stride = list(pool_stride)
        self.pad = int(pad)
        self.fix_pool_shape = fix_pool_shape
        self.fix_pool_stride = fix_pool_stride
        self.fix_kernel_shape = fix_kernel_shape
        self.input_normalization = input_normalization
        self.min_zero = min_zero
        self.input_groups = int(input_groups)
        self.kernel_stride = tuple(kernel_stride)

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw the kernels, and make the biases."""
        images = self.take_images_from(space)
        detectors = self._detector_shape(images.shape)
        channels = images.num_channels
        # cuda-convnet took up to 3 channels or a multiple of 4; the missing ones are zeros. Their
        # weights are drawn, and stay.
        self.dummy_channels = -channels % 4 if channels > 3 else 0
        kernels = self.num_channels * self.num_pieces
        inputs = (channels + self.dummy_channels) // self.input_groups
        shape = (inputs, *self.kernel_shape, kernels)
        assert self.irange is not None
        self.add_param("W", rng.uniform(-self.irange, self.irange, shape))
        self.add_bias(kernels, detectors)
        self._fit_pools(detectors)
        pooled = pooled_shape(detectors, self.pool_shape, self.pool_stride, self.layer_name)
        self.output_space = Conv2DSpace(pooled, num_channels=self.num_channels, axes=_AXES)

    def _detector_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        room = [size + 2 * self.pad for size in shape]
        if self.fix_kernel_shape:
            self.kernel_shape = [min(pair) for pair in zip(self.kernel_shape, room, strict=True)]
        if any(kernel > size for kernel, size in zip(self.kernel_shape, room, strict=True)):
            raise ValueError(
                f"layer {self.layer_name!r}: kernels of {tuple(self.kernel_shape)} are larger than "
                f"the images of {shape} with pad={self.pad}"
            )
        sizes = list(zip(room, self.kernel_shape, self.kernel_stride, strict=True))
        steps = [-(-(size - kernel) // stride) for size, kernel, stride in sizes]
        # As cuda-convnet did, the last kernels reach over the lower and right border.
        self.overhang = [
            step * stride + kernel - size
            for step, (size, kernel, stride) in zip(steps, sizes, strict=True)
        ]
        return tuple(step + 1 for step in steps)

    def _fit_pools(self, detectors: tuple[int, ...]) -> None:
        if self.fix_pool_shape:
            self.pool_shape = [min(pair) for pair in zip(self.pool_shape, detectors, strict=True)]
        if self.fix_pool_stride:
            pairs = zip(self.pool_stride, self.pool_shape, strict=True)
            self.pool_stride = [min(pair) for pair in pairs]
        if any(s > p for s, p in zip(self.pool_stride, self.pool_shape, strict=True)):
            raise ValueError(
                f"layer {self.layer_name!r}: a pool_stride of {self.pool_stride} leaves out pixels "
                f"between windows of {self.pool_shape}; fix_pool_stride makes it smaller"
            )

    def preactivation(self, X: torch.Tensor) -> torch.Tensor:
        """Return the detectors: (examples, kernels, rows, columns)."""
        if self.input_normalization is not None:
            X = self.input_normalization(X)
        images = self.input_space.format_as(X, self.images)
        below, right = (self.pad + more for more in self.overhang)
        images = F.pad(images, (self.pad, right, self.pad, below, 0, self.dummy_channels))
        kernels = self.W.permute(3, 0, 1, 2)
        Z = F.conv2d(images, kernels, stride=self.kernel_stride, groups=self.input_groups)
        return self.plus_bias(Z)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the pooled units: (channels, rows, columns, examples)."""
        pieces = Z.reshape(len(Z), self.num_channels, self.num_pieces, *Z.shape[2:])
        H = largest(pieces.movedim(2, -1))
        if self.detector_normalization is not None:
            H = self.detector_normalization(H.permute(1, 2, 3, 0)).permute(3, 0, 1, 2)
        H = max_pool(H, self.pool_shape, self.pool_stride).permute(1, 2, 3, 0)
        if self.min_zero:
            H = H.relu()
        return H if self.output_normalization is None else self.output_normalization(H)

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the kernels, and how far each channel of the output goes."""
        channels = self.kernel_norms()
        low, high = H.amin((1, 2, 3)), H.amax((1, 2, 3))
        units = {"max_x": high, "min_x": low, "range_x": high - low, "mean_x": H.mean((1, 2, 3))}
        for name, values in units.items():
            channels[f"{name}.max_u"] = values.max()
            channels[f"{name}.mean_u"] = values.mean()
            channels[f"{name}.min_u"] = values.min()
        return channels
