"""Convolutional layers: kernels over images, a nonlinearity, and pooling."""

__all__ = ["ConvElemwise", "ConvRectifiedLinear"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from pylearn2_jobman.pylearn2.models.layers.conv_nonlinearity import (
    ConvNonlinearity,
    RectifierConvNonlinearity,
)
from pylearn2_jobman.pylearn2.models.layers.kernels import KernelLayer, Normalization
from pylearn2_jobman.pylearn2.models.layers.linear import ranges
from pylearn2_jobman.pylearn2.models.layers.pooling import max_pool, mean_pool, pooled_shape
from pylearn2_jobman.pylearn2.space import Conv2DSpace, Space


class ConvElemwise(KernelLayer):
    """Convolves images with kernels, applies a nonlinearity, and pools.

    It is a convolution in the mathematical sense: kernels are flipped.

    Parameters
    ----------
    output_channels
        Number of kernels.
    kernel_shape
        (rows, columns) of a kernel.
    layer_name
        Prefix of the names of parameters and channels.
    nonlinearity
        Function of the detectors, before pooling.
    irange
        Draw kernels from the uniform distribution over -irange to irange.
    border_mode
        'valid': a kernel stays within the image; 'full': it overlaps with at least one pixel.
    sparse_init
        Give each kernel so many standard normal weights; the others are 0.
    include_prob
        Not used, as in pylearn2.
    init_bias
        Initial biases: a number, or an array of their shape.
    W_lr_scale, b_lr_scale
        Factors of the learning rate, for kernels and for biases.
    max_kernel_norm
        The most that a kernel's norm may be.
    pool_type
        'max', 'mean', or None for no pooling.
    pool_shape, pool_stride
        (rows, columns) of a pooling window, and from one to the next. Windows reach over the lower
        and right border where that is needed for every pixel to be in one; such a window is over
        its pixels only.
    tied_b
        Whether all detectors of a kernel share a bias.
    detector_normalization, output_normalization
        Functions of the detectors and of the output, or None. Detectors that are not pooled are
        not normalised, as in pylearn2.
    kernel_stride
        Rows and columns from one position of a kernel to the next.
    monitor_style
        Not used.
    """

    kernel_axes = (1, 2, 3)

    def __init__(
        self,
        output_channels: int,
        kernel_shape: Sequence[int],
        layer_name: str,
        nonlinearity: ConvNonlinearity,
        irange: float | None = None,
        border_mode: str = "valid",
        sparse_init: int | None = None,
        include_prob: float = 1.0,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        max_kernel_norm: float | None = None,
        pool_type: str | None = None,
        pool_shape: Sequence[int] | None = None,
        pool_stride: Sequence[int] | None = None,
        tied_b: bool = False,
        detector_normalization: Normalization | None = None,
        output_normalization: Normalization | None = None,
        kernel_stride: Sequence[int] = (1, 1),
        monitor_style: str = "classification",
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
        if (irange is None) == (sparse_init is None):
            raise ValueError(f"layer {layer_name!r} needs irange or sparse_init, one of the two")
        if border_mode not in ("valid", "full"):
            raise ValueError(
                f"layer {layer_name!r}: border_mode is {border_mode!r}; it takes 'valid' or 'full'"
            )
        if pool_type not in ("max", "mean", None):
            raise ValueError(
                f"layer {layer_name!r}: pool_type is {pool_type!r}; it takes 'max', 'mean' or None"
            )
        if pool_type is not None and (pool_shape is None or pool_stride is None):
            raise ValueError(f"layer {layer_name!r}: pooling needs pool_shape and pool_stride")
        if output_channels < 1:
            raise ValueError(
                f"layer {layer_name!r}: output_channels is {output_channels}; it must be positive"
            )
        if not isinstance(nonlinearity, ConvNonlinearity):
            raise TypeError(
                f"layer {layer_name!r}: nonlinearity is {nonlinearity!r}, not an object such as "
                "TanhConvNonlinearity()"
            )
        self.output_channels = int(output_channels)
        self.kernel_shape = self._pair("kernel_shape", kernel_shape)
        self.nonlinearity = nonlinearity
        self.border_mode = border_mode
        self.sparse_init = sparse_init
        self.pool_type = pool_type
        self.pool_shape = None if pool_shape is None else self._pair("pool_shape", pool_shape)
        self.pool_stride = None if pool_stride is None else self._pair("pool_stride", pool_stride)
        self.kernel_stride = self._pair("kernel_stride", kernel_stride)

    def _pair(self, name: str, sizes: Any) -> tuple[int, int]:
        if np.shape(sizes) != (2,) or min(sizes) < 1:
            raise ValueError(
                f"layer {self.layer_name!r}: {name} is {sizes}; it must be two positive numbers, "
                "for rows and for columns"
            )
        return int(sizes[0]), int(sizes[1])

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Draw the kernels, and make the biases."""
        images = self.take_images_from(space)
        shape = self._detector_shape(images.shape)
        self.add_param("W", self._initial_kernels(images.num_channels, rng))
        self.add_bias(self.output_channels, shape)
        if self.pool_shape is not None and self.pool_stride is not None and self.pool_type:
            shape = pooled_shape(shape, self.pool_shape, self.pool_stride, self.layer_name)
        self.output_space = Conv2DSpace(
            shape, num_channels=self.output_channels, axes=self.images.axes
        )

    def _detector_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        sizes = []
        for size, kernel, stride in zip(shape, self.kernel_shape, self.kernel_stride, strict=True):
            positions = size + kernel - 1 if self.border_mode == "full" else size - kernel + 1
            if positions <= 0:
                raise ValueError(
                    f"layer {self.layer_name!r}: kernels of {self.kernel_shape} are larger than "
                    f"the images of {shape}"
                )
            sizes.append((positions - 1) // stride + 1)
        return tuple(sizes)

    def _initial_kernels(self, channels: int, rng: np.random.RandomState) -> Any:
        shape = (self.output_channels, channels, *self.kernel_shape)
        if self.irange is not None:
            return rng.uniform(-self.irange, self.irange, shape)
        assert self.sparse_init is not None
        if self.sparse_init > np.prod(shape[1:]):
            raise ValueError(
                f"layer {self.layer_name!r}: sparse_init={self.sparse_init} is more than the "
                f"{np.prod(shape[1:])} weights of a kernel"
            )
        W = np.zeros(shape)
        for kernel in W:
            for _ in range(self.sparse_init):
                place = tuple(rng.randint(size) for size in kernel.shape)
                while kernel[place] != 0:
                    place = tuple(rng.randint(size) for size in kernel.shape)
                kernel[place] = rng.randn()
        return W

    def preactivation(self, X: torch.Tensor) -> torch.Tensor:
        """Return the detectors before the nonlinearity: (examples, channels, rows, columns)."""
        images = self.input_space.format_as(X, self.images)
        padding = [k - 1 for k in self.kernel_shape] if self.border_mode == "full" else 0
        Z = F.conv2d(images, self.W.flip(2, 3), stride=self.kernel_stride, padding=padding)
        return self.plus_bias(Z)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the pooled nonlinearity."""
        H = self.nonlinearity.apply(Z)
        if self.pool_type is not None:
            assert self.pool_shape is not None
            assert self.pool_stride is not None
            if self.detector_normalization is not None:
                H = self.detector_normalization(H)
            pool = max_pool if self.pool_type == "max" else mean_pool
            H = pool(H, self.pool_shape, self.pool_stride)
        return H if self.output_normalization is None else self.output_normalization(H)

    def cost(self, Y: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
        """Return the nonlinearity's cost; without pooling, for those that have one."""
        if self.pool_type is not None or not self.nonlinearity.has_cost:
            return super().cost(Y, Z)
        return self.nonlinearity.cost(Y, Z)

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the norms of the kernels, and how far each output goes over the batch."""
        channels = self.kernel_norms() | ranges(H)
        if Y is not None and self.pool_type is None:
            channels |= self.nonlinearity.get_target_channels(Y, Z)
        return channels


class ConvRectifiedLinear(ConvElemwise):
    """`ConvElemwise` with rectified linear detectors, which always pools.

    Parameters
    ----------
    left_slope
        Slope below 0.
    *args, **kwargs
        From ``tied_b`` on, and all others: as a `ConvElemwise`'s.
    """

    def __init__(
        self,
        output_channels: int,
        kernel_shape: Sequence[int],
        pool_shape: Sequence[int],
        pool_stride: Sequence[int],
        layer_name: str,
        irange: float | None = None,
        border_mode: str = "valid",
        sparse_init: int | None = None,
        include_prob: float = 1.0,
        init_bias: Any = 0.0,
        W_lr_scale: float | None = None,
        b_lr_scale: float | None = None,
        left_slope: float = 0.0,
        max_kernel_norm: float | None = None,
        pool_type: str = "max",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            output_channels,
            kernel_shape,
            layer_name,
            RectifierConvNonlinearity(left_slope),
            irange,
            border_mode,
            sparse_init,
            include_prob,
            init_bias,
            W_lr_scale,
            b_lr_scale,
            max_kernel_norm,
            pool_type,
            pool_shape,
            pool_stride,
            *args,
            **kwargs,
        )
