"""Layers that are made of layers: side by side, flattened, or taken from another model."""

__all__ = ["CompositeLayer", "Container", "FlattenerLayer", "PretrainedLayer"]

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.naming.arguments import takes_old_arguments
from pylearn2_jobman.pylearn2.models.layers.layer import Layer
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.space import CompositeSpace, Space, VectorSpace


class Container(Layer):
    """A layer made of ``layers``, whose constraints and learning rate scalers are theirs."""

    layers: Sequence[Layer]

    def with_weights(self) -> Any:
        """Return what has the weights of the first layer."""
        return self.layers[0].with_weights()

    def set_mlp(self, mlp: Model) -> None:
        """Tell each layer which MLP is around it."""
        super().set_mlp(mlp)
        for layer in self.layers:
            layer.set_mlp(mlp)

    def enforce_constraints(self) -> None:
        """Put each layer's parameters where they are allowed to be."""
        for layer in self.layers:
            layer.enforce_constraints()

    def get_lr_scalers(self) -> dict[nn.Parameter, float]:
        """Return the scalers of all layers."""
        scalers: dict[nn.Parameter, float] = {}
        for layer in self.layers:
            scalers |= layer.get_lr_scalers()
        return scalers


class CompositeLayer(Container):
    """Layers side by side, each of which gets the input, or a part of it.

    Parameters
    ----------
    layer_name
        Name of the layer.
    layers
        The layers. The output is the tuple of theirs.
    inputs_to_layers
        Where the input is a `CompositeSpace`: for the number of an input, the numbers of the layers
        that get it, an empty list for none. An input that is not mentioned goes to all.
    """

    def __init__(
        self,
        layer_name: str,
        layers: Sequence[Layer],
        inputs_to_layers: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        super().__init__(layer_name)
        for source, targets in (inputs_to_layers or {}).items():
            if source < 0 or not all(0 <= target < len(layers) for target in targets):
                raise ValueError(
                    f"layer {layer_name!r}: inputs_to_layers sends input {source} to the layers "
                    f"{list(targets)}; there are layers 0 to {len(layers) - 1}"
                )
        # pylearn2 put the parameters of each layer before those of the ones before it.
        self.last_first = nn.ModuleList(reversed(layers))
        self.inputs_to_layers = inputs_to_layers

    @property
    def layers(self) -> list[Layer]:  # type: ignore[override]
        """The layers, in their order."""
        return list(self.last_first)[::-1]  # type: ignore[return-value]

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Give each layer its part of the input."""
        self.input_space = space
        self.inputs_of: list[list[int]] | None = None
        if self.inputs_to_layers is not None:
            self.inputs_of = self._routes(space)
        for i, layer in enumerate(self.layers):
            part = space
            if self.inputs_of is not None:
                assert isinstance(space, CompositeSpace)
                part = space.restrict(self.inputs_of[i])
            layer.set_input_space(part, rng)

    def _routes(self, space: Space) -> list[list[int]]:
        assert self.inputs_to_layers is not None
        inputs = range(len(space.components)) if isinstance(space, CompositeSpace) else range(0)
        if not set(self.inputs_to_layers) <= set(inputs):
            raise ValueError(
                f"layer {self.layer_name!r}: inputs_to_layers speaks of the inputs "
                f"{sorted(self.inputs_to_layers)}, but the input is {space}"
            )
        everyone = range(len(self.layers))
        routes = [
            [source for source in inputs if layer in self.inputs_to_layers.get(source, everyone)]
            for layer in everyone
        ]
        for layer, route in zip(self.layers, routes, strict=True):
            if not route:
                raise ValueError(f"layer {layer.layer_name!r} gets no input")
        return routes

    def get_output_space(self) -> Space:
        """Return the outputs' spaces side by side."""
        return CompositeSpace([layer.get_output_space() for layer in self.layers])

    def get_target_space(self) -> Space:
        """Return the targets' spaces side by side."""
        return CompositeSpace([layer.get_target_space() for layer in self.layers])

    def _parts(self, X: Any) -> Iterator[tuple[Layer, Any]]:
        for i, layer in enumerate(self.layers):
            if self.inputs_of is None:
                yield layer, X
            else:
                parts = tuple(X[source] for source in self.inputs_of[i])
                yield layer, parts[0] if len(parts) == 1 else parts

    def preactivation(self, X: Any) -> tuple[Any, ...]:
        """Return each layer's preactivation."""
        return tuple(layer.preactivation(part) for layer, part in self._parts(X))

    def activation(self, Z: Any) -> tuple[Any, ...]:
        """Return each layer's output."""
        return tuple(layer.activation(z) for layer, z in zip(self.layers, Z, strict=True))

    def decided(self, H: Any) -> tuple[Any, ...]:
        """Return what each layer's output says."""
        return tuple(layer.decided(h) for layer, h in zip(self.layers, H, strict=True))

    def cost(self, Y: Any, Z: Any) -> torch.Tensor:
        """Return the sum of the layers' costs."""
        costs = [layer.cost(y, z) for layer, y, z in zip(self.layers, Y, Z, strict=True)]
        return torch.stack(costs).sum()

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return each layer's channels, named ``<layer_name>_<channel>``."""
        channels = {}
        for i, (layer, x) in enumerate(self._parts(X)):
            y = None if Y is None else Y[i]
            for name, value in layer.get_layer_monitoring_channels(x, Z[i], H[i], y).items():
                channels[f"{layer.layer_name}_{name}"] = value
        return channels


class FlattenerLayer(Container):
    """Another layer, whose outputs are put side by side in one vector.

    Parameters
    ----------
    raw_layer
        The layer, most often a `CompositeLayer`. Targets are vectors too, and are taken apart.
    """

    def __init__(self, raw_layer: Layer) -> None:
        super().__init__(raw_layer.layer_name)
        self.raw_layer = raw_layer

    @property
    def layers(self) -> list[Layer]:  # type: ignore[override]
        """The layer."""
        return [self.raw_layer]

    @property
    def cost_name(self) -> str:  # type: ignore[override]
        """pylearn2's name for the layer's cost."""
        return self.raw_layer.cost_name

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Pass the input on."""
        self.input_space = space
        self.raw_layer.set_input_space(space, rng)

    def get_output_space(self) -> Space:
        """Return the vectors of all outputs."""
        return VectorSpace(self.raw_layer.get_output_space().get_total_dimension())

    def preactivation(self, X: Any) -> Any:
        """Return the layer's preactivation."""
        return self.raw_layer.preactivation(X)

    def activation(self, Z: Any) -> Any:
        """Return the layer's output, flattened."""
        output = self.raw_layer.activation(Z)
        return self.raw_layer.get_output_space().format_as(output, self.get_output_space())

    def cost(self, Y: Any, Z: Any) -> torch.Tensor:
        """Return the layer's cost."""
        return self.raw_layer.cost(self._raw_targets(Y), Z)

    def _raw_targets(self, Y: Any) -> Any:
        return self.get_target_space().format_as(Y, self.raw_layer.get_target_space())

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the layer's channels."""
        raw_H = self.raw_layer.activation(Z)
        raw_Y = None if Y is None else self._raw_targets(Y)
        return self.raw_layer.get_layer_monitoring_channels(X, Z, raw_H, raw_Y)


@takes_old_arguments("pylearn2.models.mlp.PretrainedLayer")
class PretrainedLayer(Layer):
    """A model that was trained before, as a layer.

    Parameters
    ----------
    layer_name
        Name of the layer; the parameters keep their own names.
    layer_content
        A model with ``upward_pass``: an autoencoder or an RBM.
    freeze_params
        Whether its parameters stay as they are.
    """

    def __init__(self, layer_name: str, layer_content: Model, freeze_params: bool = False) -> None:
        super().__init__(layer_name)
        if not callable(getattr(layer_content, "upward_pass", None)):
            raise TypeError(
                f"layer {layer_name!r}: a PretrainedLayer takes a model with upward_pass, such as "
                f"an autoencoder; a {type(layer_content).__name__} has none"
            )
        self.layer_content = layer_content
        self.freeze_params = freeze_params
        layer_content.requires_grad_(not freeze_params)

    def with_weights(self) -> Any:
        """Return the model."""
        return self.layer_content

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Check that the input lies in the space that the model was trained on."""
        expected = self.layer_content.get_input_space()
        if not space.alike(expected):
            raise ValueError(
                f"layer {self.layer_name!r} was trained on {expected}; it now gets {space}"
            )
        self.input_space = space

    def get_output_space(self) -> Space:
        """Return where the model's output lies."""
        space: Space = self.layer_content.get_output_space()  # type: ignore[operator]
        return space

    def activation(self, Z: Any) -> Any:
        """Return the model's upward pass."""
        return self.layer_content.upward_pass(Z)  # type: ignore[operator]

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.layer_content.requires_grad_(not self.freeze_params)
