"""The base class of the layers of a multi-layer perceptron."""

__all__ = ["Layer"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Space
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward


class Layer(Model):
    """A step of a multi-layer perceptron: an ``activation`` of a ``preactivation`` of its input.

    The two are apart because a cost is computed from the preactivation, where it is exact: the
    logarithm of a softmax or of a sigmoid, for instance.

    Parameters
    ----------
    layer_name
        Prefix of the names of its parameters and channels.

    Attributes
    ----------
    cost_name : str
        pylearn2's name for the layer's cost as a term of a sum; may be empty.
    """

    layer_name: str
    cost_name = ""

    def __init__(self, layer_name: str) -> None:
        super().__init__()
        self.layer_name = layer_name

    def param_name(self, attribute: str) -> str:
        """Return ``<layer_name>_<attribute>``."""
        return f"{self.layer_name}_{attribute}"

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Take the output of the layer below as input, and make the parameters for it.

        Parameters
        ----------
        space
            Where the input lies.
        rng
            Generator of the initial parameters, of one layer after the other.
        """
        raise NotImplementedError

    def get_output_space(self) -> Space:
        """Return where the output lies."""
        raise NotImplementedError

    def get_target_space(self) -> Space:
        """Return where the targets lie, when this is the last layer."""
        return self.get_output_space()

    def preactivation(self, X: Any) -> Any:
        """Return the preactivation of a batch; the input itself unless redefined."""
        return X

    def activation(self, Z: Any) -> Any:
        """Return the output, given the preactivation."""
        raise NotImplementedError

    def fprop(self, X: Any) -> Any:
        """Return the output for a batch of inputs."""
        return self.activation(self.preactivation(X))

    # The steps backward: see `pylearn2.utils.backward`

    def has_backward(self, *methods: str) -> bool:
        """Return whether each method has a step backward, and W and b are all there is to learn."""
        plain = not self._modules and self._parameters.keys() <= {"W", "b"}
        return plain and all(has_backward(self, method) for method in methods)

    def preactivation_backward(
        self, X: Any, dZ: Any, to_input: bool
    ) -> tuple[Any | None, Contributions]:
        """Return the gradient for the input, if that is wanted, and those for the parameters.

        Parameters
        ----------
        X
            The input.
        dZ
            The gradient for the preactivation.
        to_input
            Whether the gradient for the input is wanted; None stands for it otherwise.
        """
        return dZ, []

    def activation_backward(self, Z: Any, H: Any, dH: Any) -> Any:
        """Return the gradient for the preactivation ``Z``, given that for the output ``H``."""
        raise NotImplementedError

    def fprop_backward(
        self, X: Any, Z: Any, H: Any, dH: Any, to_input: bool
    ) -> tuple[Any | None, Contributions]:
        """Return what `preactivation_backward` does, given the gradient for the output."""
        return self.preactivation_backward(X, self.activation_backward(Z, H, dH), to_input)

    def cost_backward(self, Y: Any, Z: Any, seed: torch.Tensor) -> Any:
        """Return the gradient of ``seed``, a scalar, times the cost for the preactivation."""
        raise NotImplementedError

    def cost(self, Y: Any, Z: Any) -> torch.Tensor:
        """Return how bad the output is, when this is the last layer.

        Parameters
        ----------
        Y
            Targets.
        Z
            Preactivations.

        Returns
        -------
        Tensor
            A scalar: the mean over the batch.
        """
        raise NotImplementedError(
            f"layer {self.layer_name!r} is a {type(self).__name__}, for which no cost against "
            "targets is defined: make the last layer a Softmax, Sigmoid or Linear, or give the "
            "algorithm another cost"
        )

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return scalars worth recording, by names without the layer's.

        Parameters
        ----------
        X
            Inputs.
        Z
            Preactivations.
        H
            Outputs.
        Y
            Targets, if this is the last layer; else None.
        """
        return {}

    def get_weights_to_decay(self) -> torch.Tensor:
        """Return the weights that a weight decay makes smaller; biases are not among them."""
        raise ValueError(
            f"layer {self.layer_name!r} is a {type(self).__name__}, which has no weights to decay"
        )
