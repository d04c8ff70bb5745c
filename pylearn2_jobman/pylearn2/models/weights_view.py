"""A model's weights and biases as arrays, as people's scripts ask for them."""

__all__ = ["WeightsView"]

from typing import Any

import numpy as np
from torch import nn

from pylearn2_jobman.pylearn2.space import Conv2DSpace

Array = np.ndarray[Any, Any]


class WeightsView:
    """The methods that pylearn2's models have for their weights.

    They speak of the parameter ``W`` or ``weights``, and of the parameter ``b``; where there is
    none, they raise NotImplementedError, as pylearn2's did.
    """

    def with_weights(self) -> Any:
        """Return the part of the model whose weights are meant."""
        return self

    def get_weights(self, borrow: bool = False) -> Array:
        """Return the weights, of shape (inputs, units).

        Parameters
        ----------
        borrow
            Whether the array may share the parameter's memory.
        """
        W = self._parameter_named("W", "weights")
        if W.ndim != 2:
            raise NotImplementedError(
                f"the weights of a {type(self.with_weights()).__name__} are {W.ndim}-dimensional: "
                "ask it for get_weights_topo()"
            )
        value: Array = W.get_value(borrow)
        return value

    def set_weights(self, weights: Any) -> None:
        """Change the weights."""
        self._parameter_named("W", "weights").set_value(weights)

    def get_biases(self) -> Array:
        """Return the biases."""
        value: Array = self._parameter_named("b").get_value()
        return value

    def set_biases(self, biases: Any) -> None:
        """Change the biases."""
        self._parameter_named("b").set_value(biases)

    def get_weights_format(self) -> tuple[str, str]:
        """Return what the axes of the weights are: 'v', visible units, before 'h', hidden ones."""
        self.get_weights(borrow=True)
        return "v", "h"

    def get_weights_topo(self) -> Array:
        """Return the weights of each unit as an image: (units, rows, columns, channels).

        Raises
        ------
        NotImplementedError
            If the input is no image.
        """
        owner = self.with_weights()
        W = self._parameter_named("W", "weights").get_value()
        if W.ndim == 4:  # kernels: the axes of one are the channels, the rows and the columns
            units = ({0, 1, 2, 3} - set(owner.kernel_axes)).pop()
            channels, rows, columns = owner.kernel_axes
            return W.transpose(units, rows, columns, channels)  # type: ignore[no-any-return]
        space = owner.get_input_space()
        if not isinstance(space, Conv2DSpace):
            raise NotImplementedError(
                f"the input of this {type(owner).__name__} is {space}, no image: ask the dataset "
                "for get_weights_view(model.get_weights().T)"
            )
        images: Array = W.T.reshape(-1, *space.shape, space.num_channels)
        return images

    def get_weights_view_shape(self) -> tuple[int, int]:
        """Refuse: no model here has an order of its own for its units."""
        raise NotImplementedError(f"a {type(self).__name__} has no get_weights_view_shape")

    def _parameter_named(self, *names: str) -> Any:
        owner = self.with_weights()
        if owner is not self:
            return owner._parameter_named(*names)
        for name in names:
            if isinstance(found := getattr(owner, name, None), nn.Parameter):
                return found
        raise NotImplementedError(f"a {type(owner).__name__} has no {names[0]}")
