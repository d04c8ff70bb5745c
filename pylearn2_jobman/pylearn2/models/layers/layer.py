"""The base class of the layers of a multi-layer perceptron."""

__all__ = ["Layer"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Space


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
        raise ValueError(
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
