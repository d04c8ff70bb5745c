"""The multi-layer perceptron; and its layers, under the names that YAML files use."""

__all__ = [
    "MLP",
    "CompositeLayer",
    "ConvElemwise",
    "ConvNonlinearity",
    "ConvRectifiedLinear",
    "FlattenerLayer",
    "IdentityConvNonlinearity",
    "L1WeightDecay",
    "Layer",
    "Linear",
    "LinearGaussian",
    "PretrainedLayer",
    "RectifiedLinear",
    "RectifierConvNonlinearity",
    "Sigmoid",
    "SigmoidConvNonlinearity",
    "Softmax",
    "SoftmaxPool",
    "Softplus",
    "SpaceConverter",
    "Tanh",
    "TanhConvNonlinearity",
    "WeightDecay",
    "WindowLayer",
    "beta_from_design",
    "beta_from_features",
    "beta_from_targets",
    "mean_of_targets",
]

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.costs.mlp import Default, L1WeightDecay, WeightDecay
from pylearn2_jobman.pylearn2.models.layers.composite import (
    CompositeLayer,
    Container,
    FlattenerLayer,
    PretrainedLayer,
)
from pylearn2_jobman.pylearn2.models.layers.conv_nonlinearity import (
    ConvNonlinearity,
    IdentityConvNonlinearity,
    RectifierConvNonlinearity,
    SigmoidConvNonlinearity,
    TanhConvNonlinearity,
)
from pylearn2_jobman.pylearn2.models.layers.converting import SpaceConverter, WindowLayer
from pylearn2_jobman.pylearn2.models.layers.convolution import ConvElemwise, ConvRectifiedLinear
from pylearn2_jobman.pylearn2.models.layers.gaussian import (
    LinearGaussian,
    beta_from_design,
    beta_from_features,
    beta_from_targets,
    mean_of_targets,
)
from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.layers.linear import Linear, RectifiedLinear, Softplus, Tanh
from pylearn2_jobman.pylearn2.models.layers.sigmoid import Sigmoid
from pylearn2_jobman.pylearn2.models.layers.softmax import Softmax
from pylearn2_jobman.pylearn2.models.layers.softmax_pool import SoftmaxPool
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import Data, DataSpecs, Space, VectorSpace
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, Seed, make_np_rng, stream_for_call

if TYPE_CHECKING:
    from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout


# From a layer's input and name to what it is multiplied with on the way; None for nothing.
_Factors = Callable[[Any, str], torch.Tensor | None]


@takes_old_arguments("pylearn2.models.mlp.MLP")
class MLP(Container):
    """Layers, one on top of the other.

    Parameters
    ----------
    layers
        From the input to the output.
    batch_size
        The only batch size that the model takes; None for any.
    input_space, nvis
        Where the input lies; ``nvis`` for vectors of that many numbers. An MLP that is itself a
        layer gets it from the MLP around it, another one may get it later, by `set_input_space`.
    input_source, target_source
        Names of the dataset's sources.
    seed
        Of the initial parameters.
    layer_name
        Name, for an MLP that is itself a layer.
    monitor_targets
        Whether channels that need targets are recorded.
    dropout
        What the model's own cost drops while training. It comes from arguments of before May 2013;
        today an algorithm is given such a cost.

    Raises
    ------
    ValueError
        If the layers are not layers, two have the same name, or the input space is not clear.
    """

    _memory: list[Any] | None = None
    batch_size: int | None = None
    dropout: "Dropout | None" = None  # of models in files of before

    def __init__(
        self,
        layers: Sequence[Layer],
        batch_size: int | None = None,
        input_space: Space | None = None,
        input_source: Any = "features",
        target_source: Any = "targets",
        nvis: int | None = None,
        seed: Seed = None,
        layer_name: str | None = None,
        monitor_targets: bool = True,
        dropout: "Dropout | None" = None,
    ) -> None:
        super().__init__(layer_name or "")
        _check_layers(layers)
        self.layers = nn.ModuleList(layers)  # type: ignore[assignment]
        self._adopt()
        self.batch_size = self.force_batch_size = batch_size
        self.input_source = input_source
        self.target_source = target_source
        self.monitor_targets = monitor_targets
        self.dropout = dropout
        self.seed = seed
        if nvis is not None and input_space is not None:
            raise ValueError("give the MLP nvis or input_space, not both")
        if nvis is not None:
            input_space = VectorSpace(nvis)
        if input_space is not None:
            self.set_input_space(input_space)

    def _adopt(self) -> None:
        for layer in self.layers:
            layer.set_mlp(self)

    def set_mlp(self, mlp: Model) -> None:
        """Tell this MLP, which is a layer, which one is around it; its own layers stay its own."""
        Layer.set_mlp(self, mlp)

    def set_batch_size(self, batch_size: int) -> None:
        """Make the model take batches of this size."""
        super().set_batch_size(batch_size)
        self.batch_size = self.force_batch_size

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._adopt()

    def set_input_space(self, space: Space, rng: np.random.RandomState | None = None) -> None:
        """Let each layer make its parameters, for the output of the one below."""
        self.input_space = space
        if rng is None:
            self.setup_rng()
        else:
            self.rng = rng
        for layer in self.layers:
            layer.set_input_space(space, self.rng)
            space = layer.get_output_space()

    def setup_rng(self) -> None:
        """Make the generator of the initial parameters, which dropping draws from as well."""
        self.rng = make_np_rng(self.seed, [2013, 1, 4])

    @property
    def layer_names(self) -> set[str]:
        """The names of the layers."""
        return {layer.layer_name for layer in self.layers}

    def get_output_space(self) -> Space:
        """Return where the last layer's output lies."""
        return self.layers[-1].get_output_space()

    def get_target_space(self) -> Space:
        """Return where the last layer wants its targets."""
        return self.layers[-1].get_target_space()

    def get_input_source(self) -> Any:
        """Return ``input_source``."""
        return self.input_source

    def get_target_source(self) -> Any:
        """Return ``target_source``."""
        return self.target_source

    @property
    def monitors_targets(self) -> bool:
        """Whether the model's monitoring channels need targets."""
        return self.monitor_targets

    @property
    def cost_name(self) -> str:  # type: ignore[override]
        """pylearn2's name for the last layer's cost."""
        return self.layers[-1].cost_name

    @property
    def cost_names(self) -> dict[str, str]:
        """pylearn2's names for the costs that are methods."""
        return {"cost_from_X": self.cost_name}

    def get_default_cost(self) -> Cost:
        """Return `pylearn2.costs.mlp.Default`, or ``dropout``."""
        return Default() if self.dropout is None else self.dropout

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Remember, inside, the states of all layers for the last batch, and what layers do."""
        with ExitStack() as layers:
            for layer in self.layers:
                layers.enter_context(layer.remembering())
            self._memory = []
            try:
                yield
            finally:
                self._memory = None

    def _states(self, X: Any) -> list[tuple[Any, Any, Any]]:
        """Return the input, the preactivation and the output of each layer."""
        if self._memory and self._memory[0] is X:
            remembered: list[tuple[Any, Any, Any]] = self._memory[1]
            return remembered
        batch, states = X, []
        for layer in self.layers:
            Z = layer.preactivation(X)
            H = layer.activation(Z)
            states.append((X, Z, H))
            X = H
        if self._memory is not None:
            self._memory[:] = batch, states
        return states

    def preactivation(self, X: Any) -> Any:
        """Return the last layer's preactivation."""
        if self._memory is not None:
            return self._states(X)[-1][1]
        for layer in self.layers[:-1]:
            X = layer.fprop(X)
        return self.layers[-1].preactivation(X)

    def activation(self, Z: Any) -> Any:
        """Return the last layer's output, given its preactivation."""
        return self.layers[-1].activation(Z)

    def decided(self, H: Any) -> Any:
        """Return what the last layer's output says."""
        return self.layers[-1].decided(H)

    def cost(self, Y: Any, Z: Any) -> torch.Tensor:
        """Return the last layer's cost, given its preactivation."""
        return self.layers[-1].cost(Y, Z)

    def cost_from_X(self, data: Data) -> torch.Tensor:
        """Return the cost on a batch of inputs and targets, with ``dropout`` if there is any."""
        if self.dropout is not None:
            return self.dropout.expr(self, data)
        X, Y = data
        return self.cost(Y, self.preactivation(X))

    def cost_from_X_data_specs(self) -> DataSpecs:
        """Return the data specs of `cost_from_X`."""
        return self.get_data_specs(targets=True)

    def get_monitoring_channels(self, data: Data) -> dict[str, torch.Tensor]:
        """Return the channels of each layer, named ``<layer_name>_<channel>``."""
        X, Y = data
        return self.get_layer_monitoring_channels(
            X, None, None, Y if self.monitor_targets else None
        )

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the channels of each layer, named ``<layer_name>_<channel>``."""
        channels = {}
        for layer, state in zip(self.layers, self._states(X), strict=True):
            targets = Y if layer is self.layers[-1] else None
            for name, value in layer.get_layer_monitoring_channels(*state, targets).items():
                channels[f"{layer.layer_name}_{name}"] = value
        return channels

    def dropout_fprop(self, X: Any, dropout: "Dropout") -> Any:
        """Return the last layer's preactivation, where every layer's input is dropped from.

        Parameters
        ----------
        X
            Inputs.
        dropout
            How much of each layer's input is dropped.
        """
        streams = self._streams_of(dropout)
        for layer in self.layers:
            X = dropout.drop(X, layer.layer_name, streams)
            Z = layer.preactivation(X)
            X = layer.activation(Z)
        return Z

    def _streams_of(self, dropout: "Dropout") -> MRGStreams:
        dropout.check_names([layer.layer_name for layer in self.layers])
        make = lambda: MRGStreams(max(self.rng.randint(2**15), 1))  # noqa: E731
        return stream_for_call(make, "the streams of a dropout")

    # The steps backward

    def has_backward(self, *methods: str) -> bool:
        """Return whether `cost_from_X` or `dropout_fprop` has a step backward: all layers need."""
        if self.dropout is not None and "cost_from_X" in methods:
            return False
        own = (has_backward(self, method, "preactivation", "cost") for method in methods)
        *hidden, last = self.layers
        return (
            all(own)
            and last.has_backward("preactivation", "cost")
            and all(each.has_backward("fprop", "preactivation", "activation") for each in hidden)
        )

    def cost_from_X_backward(self, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the gradients of ``seed``, a scalar, times the cost on a batch."""
        return self._backward(data, seed, lambda X, layer_name: None)

    def dropout_fprop_backward(
        self, data: Data, seed: torch.Tensor, dropout: "Dropout"
    ) -> Contributions:
        """Return those of ``seed`` times the cost where every layer's input is dropped from."""
        drop = partial(dropout.factors, rng=self._streams_of(dropout))
        return self._backward(data, seed, drop)

    def _backward(self, data: Data, seed: torch.Tensor, drop: _Factors) -> Contributions:
        """Return the gradients where the inputs of layers are multiplied by ``drop``."""
        X, Y = data
        last = self.layers[-1]
        passed: list[Any] = []
        for layer in self.layers:
            factors = drop(X, layer.layer_name)
            if factors is not None:
                X = X * factors
            Z = layer.preactivation(X)
            H = None if layer is last else layer.activation(Z)
            passed.append((layer, factors, X, Z, H))
            X = H
        layer, factors, X, Z, H = passed.pop()
        dX: Any
        dX, parts = last.preactivation_backward(X, last.cost_backward(Y, Z, seed), bool(passed))
        while passed:
            if factors is not None:
                dX = dX * factors
            layer, factors, X, Z, H = passed.pop()
            dX, own = layer.fprop_backward(X, Z, H, dX, bool(passed))
            parts += own
        return parts


def _check_layers(layers: Sequence[Layer]) -> None:
    if not layers:
        raise ValueError("an MLP needs at least one layer")
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"the layers of an MLP are objects such as pylearn2.models.mlp.Sigmoid; "
                f"{layer!r} is a {type(layer).__name__}"
            )
    twice = [name for name, n in Counter(layer.layer_name for layer in layers).items() if n > 1]
    if twice:
        raise ValueError(f"an MLP has more than one layer named {', '.join(map(repr, twice))}")
