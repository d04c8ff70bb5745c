"""The common part of the convolutional layers, whichever way their kernels lie in memory."""

__all__ = ["KernelLayer", "Normalization"]

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from pylearn2_jobman.pylearn2.models.layers.weights import NormLimits, WeightedLayer
from pylearn2_jobman.pylearn2.space import Conv2DSpace, Space

Normalization = Callable[[torch.Tensor], torch.Tensor]

# The order of axes that PyTorch's convolutions take.
_AXES = ("b", "c", 0, 1)


class KernelLayer(WeightedLayer):
    """A layer that moves kernels over images.

    Parameters
    ----------
    layer_name, irange, init_bias, max_kernel_norm, tied_b
        As a `ConvElemwise`'s.
    detector_normalization, output_normalization, **kwargs
        Likewise; ``W_lr_scale`` and ``b_lr_scale`` as well.

    Attributes
    ----------
    kernel_axes : tuple of int
        The axes of W that make up one kernel.
    """

    kernel_axes: ClassVar[tuple[int, ...]]
    output_space: Conv2DSpace

    def __init__(
        self,
        layer_name: str,
        irange: float | None,
        init_bias: Any,
        max_kernel_norm: float | None,
        tied_b: bool,
        detector_normalization: Normalization | None,
        output_normalization: Normalization | None,
        **kwargs: Any,
    ) -> None:
        limited = max_kernel_norm is not None
        norm_limits = [NormLimits(max_kernel_norm, axis=self.kernel_axes)] if limited else []
        super().__init__(layer_name, norm_limits, **kwargs)
        self.irange = irange
        self.init_bias = init_bias
        self.tied_b = tied_b
        self.detector_normalization = detector_normalization
        self.output_normalization = output_normalization

    def take_images_from(self, space: Space) -> Conv2DSpace:
        """Remember where the input lies, and return its space, which must be one of images."""
        if not isinstance(space, Conv2DSpace):
            raise ValueError(
                f"layer {self.layer_name!r} is a {type(self).__name__}, which takes images "
                f"(Conv2DSpace); it gets {space}"
            )
        self.input_space = space
        self.images = space.with_axes(_AXES)
        return space

    def add_bias(self, kernels: int, detector_shape: Sequence[int]) -> None:
        """Make ``b``, for each kernel or for each of its detectors."""
        shape = (kernels,) if self.tied_b else (kernels, *detector_shape)
        self.add_param("b", np.zeros(shape) + self.init_bias)

    def plus_bias(self, Z: torch.Tensor) -> torch.Tensor:
        """Return detectors of (examples, kernels, rows, columns) plus ``b``."""
        assert self.b is not None
        return Z + (self.b[:, None, None] if self.tied_b else self.b)

    def get_output_space(self) -> Space:
        """Return where the pooled images lie."""
        return self.output_space

    def kernel_norms(self) -> dict[str, torch.Tensor]:
        """Return the smallest, mean and largest norm of the kernels."""
        norms = torch.linalg.vector_norm(self.W, dim=self.kernel_axes)
        least, most = norms.aminmax()
        return {
            "kernel_norms_min": least,
            "kernel_norms_mean": norms.mean(),
            "kernel_norms_max": most,
        }
