"""The base class of the layers of a multi-layer perceptron."""

__all__ = ["Layer"]

import inspect
import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Space
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward


class Layer(Model):
    """A step of a multi-layer perceptron: an ``activation`` of a ``preactivation`` of its input.

    A layer of one's own may define ``fprop`` in place of both; its cost is then given its output.

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
    output_space : Space
        Where the output lies, once the layer has its input.
    """

    layer_name: str
    cost_name = ""
    output_space: Space
    _mlp: Callable[[], Model | None] = staticmethod(lambda: None)

    def __init__(self, layer_name: str | None = None) -> None:
        super().__init__()
        if layer_name is not None:  # a class of one's own may set it itself
            self.layer_name = layer_name

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let two methods be written, and called, as pylearn2's layers have them."""
        super().__init_subclass__(**kwargs)
        for name, adapted in _ADAPTED.items():
            if name in vars(cls):
                setattr(cls, name, adapted(vars(cls)[name]))

    @property
    def mlp(self) -> Any:
        """The MLP around the layer; None outside of one."""
        return self._mlp()

    def get_mlp(self) -> Any:
        """Return `mlp`."""
        return self.mlp

    def set_mlp(self, mlp: Model) -> None:
        """Tell the layer which MLP is around it."""
        self._mlp = weakref.ref(mlp)

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state["attributes"].pop("_mlp", None)  # the MLP tells it again
        return state

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
            Generator of the initial parameters, of one layer after the other; the MLP's, if it is
            not given. One's own method may do without, and use ``self.mlp.rng``.
        """
        raise NotImplementedError

    def get_output_space(self) -> Space:
        """Return where the output lies: ``output_space``, unless redefined."""
        return self.output_space

    def get_target_space(self) -> Space:
        """Return where the targets lie, when this is the last layer."""
        return self.get_output_space()

    def preactivation(self, X: Any) -> Any:
        """Return the preactivation of a batch; the input itself unless redefined."""
        return self.fprop(X) if self._has_only_fprop() else X

    def activation(self, Z: Any) -> Any:
        """Return the output, given the preactivation."""
        if self._has_only_fprop():
            return Z
        raise NotImplementedError

    def _has_only_fprop(self) -> bool:
        return type(self).fprop is not Layer.fprop

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


def _with_generator(function: Callable[..., None]) -> Callable[..., None]:
    """Return a ``set_input_space`` that takes a generator or not, whatever ``function`` takes."""
    (_, _, *more) = inspect.signature(function).parameters.values()

    @wraps(function)
    def set_input_space(self: Layer, space: Space, rng: Any = None) -> None:
        if not more:
            function(self, space)
        elif rng is not None or self.mlp is not None:
            function(self, space, self.mlp.rng if rng is None else rng)
        else:
            function(self, space)
        if type(self).set_input_space is set_input_space:  # not one that a subclass goes on from
            self.output_space = self.get_output_space()

    return set_input_space


def _with_states(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``get_layer_monitoring_channels`` that also takes what pylearn2's was given.

    That were ``state_below``, ``state`` and ``targets``, by place or by name, without the
    preactivation in between.
    """
    of_pylearn2 = len(inspect.signature(function).parameters) < 5

    @wraps(function)
    def get_layer_monitoring_channels(self: Layer, *states: Any, **named: Any) -> Any:
        if len(states) == 4:
            X, Z, H, Y = states
        else:
            names = ("state_below", "state", "targets")
            given = dict(zip(names, states, strict=False)) | named
            X, H, Y = (given.get(name) for name in names)
            Z = None
        if of_pylearn2:
            return function(self, X, H, Y)
        if Z is None and X is not None:
            Z = self.preactivation(X)
            H = self.activation(Z) if H is None else H
        return function(self, X, Z, H, Y)

    return get_layer_monitoring_channels


_ADAPTED = {"set_input_space": _with_generator, "get_layer_monitoring_channels": _with_states}
