"""Training with parts of every layer's input left out (Hinton et al. 2012)."""

__all__ = ["Dropout"]

from collections.abc import Mapping
from typing import Any

import torch

from pylearn2_jobman.errors import suggest
from pylearn2_jobman.pylearn2.costs.mlp import Default
from pylearn2_jobman.pylearn2.space import Data
from pylearn2_jobman.pylearn2.utils.backward import Contributions, has_backward
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, stream_for_call


class Dropout(Default):
    """The cost of an MLP where each layer's input is randomly set to 0, and scaled up.

    Parameters
    ----------
    default_input_include_prob
        Probability that a number is kept; None is 1.
    input_include_probs
        The same for the inputs of single layers, by layer name.
    default_input_scale
        Factor of the numbers that are kept.
    input_scales
        The same for single layers. An input that is kept whole is not scaled.
    per_example
        Whether each example of a batch loses other numbers.
    """

    def __init__(
        self,
        default_input_include_prob: float | None = 0.5,
        input_include_probs: Mapping[str, float | None] | None = None,
        default_input_scale: float = 2.0,
        input_scales: Mapping[str, float] | None = None,
        per_example: bool = True,
    ) -> None:
        self.default_input_include_prob = default_input_include_prob
        self.input_include_probs = dict(input_include_probs or {})
        self.default_input_scale = default_input_scale
        self.input_scales = dict(input_scales or {})
        self.per_example = per_example
        for prob in (default_input_include_prob, *self.input_include_probs.values()):
            if prob is not None and not 0 <= prob <= 1:
                raise ValueError(f"Dropout: {prob} is not a probability")

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the cost of the targets, with dropout."""
        X, Y = data
        cost: torch.Tensor = model.cost(Y, model.dropout_fprop(X, self))
        return cost

    def has_backward(self, model: Any) -> bool:
        """Return whether the model's `dropout_fprop` has a step backward."""
        own = has_backward(self, "expr", "check_names", "drop", "factors")
        return own and model.has_backward("dropout_fprop")

    def expr_backward(self, model: Any, data: Data, seed: torch.Tensor) -> Contributions:
        """Return the gradients that the model's step backward gives, with dropout."""
        parts: Contributions = model.dropout_fprop_backward(data, seed, self)
        return parts

    def check_names(self, names: list[str]) -> None:
        """Refuse settings for layers that do not exist.

        Raises
        ------
        ValueError
            If one is for none of ``names``.
        """
        for name in {**self.input_include_probs, **self.input_scales}:
            if name not in names:
                raise ValueError(
                    f"Dropout: there is no layer {name!r}{suggest(name, names)}; "
                    f"there are {', '.join(names)}"
                )

    def drop(self, X: Any, layer_name: str, rng: MRGStreams) -> Any:
        """Return the input of a layer with numbers dropped, and scaled.

        Parameters
        ----------
        X
            The input.
        layer_name
            The layer's name.
        rng
            The streams of the masks.
        """
        if isinstance(X, tuple):
            return tuple(self.drop(part, layer_name, rng) for part in X)
        factors = self.factors(X, layer_name, rng)
        return X if factors is None else X * factors

    def factors(self, X: torch.Tensor, layer_name: str, rng: MRGStreams) -> torch.Tensor | None:
        """Return what `drop` multiplies with: 0 or the scale; None if the input is kept whole."""
        include = self.input_include_probs.get(layer_name, self.default_input_include_prob)
        if include is None or include == 1:
            return None
        if self.per_example:
            mask = rng.binomial(X, include)
        else:
            shape = tuple(X.shape[1:])
            streams = stream_for_call(lambda: rng.streams(shape), f"a mask of {shape}")
            mask = streams.uniform(shape, X.dtype).lt_(include)
        return mask.mul_(self.input_scales.get(layer_name, self.default_input_scale))
