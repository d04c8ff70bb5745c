"""Layers without parameters, that change the form of their input."""

__all__ = ["SpaceConverter", "WindowLayer"]

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.space import Conv2DSpace, Space


class SpaceConverter(Layer):
    """The input, as a batch of another space.

    Parameters
    ----------
    layer_name
        Name of the layer.
    output_space
        The other space.
    """

    def __init__(self, layer_name: str, output_space: Space) -> None:
        super().__init__(layer_name)
        self.output_space = output_space

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Remember where the input lies."""
        self.input_space = space

    def get_output_space(self) -> Space:
        """Return ``output_space``."""
        return self.output_space

    def activation(self, Z: Any) -> Any:
        """Return the input in the other space."""
        return self.input_space.format_as(Z, self.output_space)


class WindowLayer(Layer):
    """A part of each image of the input.

    Parameters
    ----------
    layer_name
        Name of the layer.
    window
        The first row and column, and the last row and column, of the part.
    """

    output_space: Conv2DSpace

    def __init__(self, layer_name: str, window: Sequence[int]) -> None:
        super().__init__(layer_name)
        top, left, bottom, right = self.window = tuple(window)
        if not (0 <= top <= bottom and 0 <= left <= right):
            raise ValueError(
                f"layer {layer_name!r}: window is {self.window}; it must be the first row and "
                "column, then the last ones"
            )

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Check that the window lies in the images."""
        top, left, bottom, right = self.window
        if not isinstance(space, Conv2DSpace):
            raise TypeError(f"layer {self.layer_name!r} takes images; it gets {space}")
        if bottom >= space.shape[0] or right >= space.shape[1]:
            raise ValueError(
                f"layer {self.layer_name!r}: window {self.window} does not lie in images of "
                f"{space.shape}"
            )
        self.input_space = space
        self.output_space = Conv2DSpace(
            (bottom - top + 1, right - left + 1), num_channels=space.num_channels, axes=space.axes
        )

    def get_output_space(self) -> Space:
        """Return the space of the parts."""
        return self.output_space

    def activation(self, Z: Any) -> Any:
        """Return the parts."""
        top, left, bottom, right = self.window
        kept: dict[Any, slice] = {0: slice(top, bottom + 1), 1: slice(left, right + 1)}
        return Z[tuple(kept.get(axis, slice(None)) for axis in self.output_space.axes)]
