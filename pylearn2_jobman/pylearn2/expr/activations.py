"""Activation functions, and how models find them by the names that YAML files use."""

__all__ = [
    "Activation",
    "by_name",
    "hard_tanh",
    "identity",
    "is_elementwise",
    "relu",
    "rescaled_softmax",
    "rescaled_softplus",
]

from collections.abc import Callable

import torch
from torch.nn import functional

from pylearn2_jobman.errors import suggest

Activation = Callable[[torch.Tensor], torch.Tensor]


def identity(x: torch.Tensor) -> torch.Tensor:
    """Return ``x``."""
    return x


def relu(x: torch.Tensor) -> torch.Tensor:
    """Return ``max(0, x)``."""
    return functional.relu(x)


def hard_tanh(x: torch.Tensor) -> torch.Tensor:
    """Return ``x``, limited to -1 to 1."""
    return x.clamp(-1, 1)


def rescaled_softplus(x: torch.Tensor, min_x: float = -10.0) -> torch.Tensor:
    """Return a softplus that is ``x`` above 0 and 0 at ``min_x``, by shift and scale."""
    zero, low = (functional.softplus(torch.as_tensor(v, dtype=x.dtype)) for v in (0.0, min_x))
    return (functional.softplus(x) - low) / (zero - low)


def rescaled_softmax(x: torch.Tensor, min_val: float = 1e-5) -> torch.Tensor:
    """Return a softmax over the last axis that is at least ``min_val``, by shift and scale."""
    return torch.softmax(x, dim=-1) * (1 - x.shape[-1] * min_val) + min_val


# By Theano's names: theano.tensor.nnet first, then theano.tensor.
_BY_NAME: dict[str, Activation] = {
    "abs_": torch.abs,
    "cos": torch.cos,
    "erf": torch.erf,
    "exp": torch.exp,
    "hard_sigmoid": lambda x: (0.2 * x + 0.5).clamp(0, 1),
    "linear": identity,
    "relu": relu,
    "sigmoid": torch.sigmoid,
    "sin": torch.sin,
    "softmax": lambda x: torch.softmax(x, dim=1),
    "softplus": functional.softplus,
    "sqr": torch.square,
    "tanh": torch.tanh,
}


def by_name(name: str, argument: str) -> Activation:
    """Return the activation function that Theano called ``name``.

    Parameters
    ----------
    name
        The name, such as 'sigmoid'.
    argument
        What the name was given as, for the error message.

    Raises
    ------
    ValueError
        If there is none.
    """
    try:
        return _BY_NAME[name]
    except (KeyError, TypeError):
        raise ValueError(
            f"{argument} is {name!r}, which is no activation function"
            f"{suggest(str(name), _BY_NAME)}; there are {', '.join(sorted(_BY_NAME))}, null for "
            "linear units, and functions by !import"
        ) from None


def is_elementwise(function: Activation) -> bool:
    """Return whether a function of a matrix treats each of its numbers by itself."""
    probe = torch.linspace(-2, 2, 6).reshape(2, 3)
    with torch.no_grad():
        one_by_one = [function(x.reshape(1, 1)).flatten() for x in probe.flatten()]
        return torch.allclose(function(probe).flatten(), torch.cat(one_by_one))
