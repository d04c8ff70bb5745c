"""Values with the methods of Theano's shared variables, which people's extensions call.

A parameter is a `torch.nn.Parameter` itself, which is given these methods: PyTorch takes 0.4 us
more for every operand of a subclass. A number, such as a learning rate, is a float, and the
attribute that holds it is special only in how it is set: to read it, at every step, is quick.
"""

__all__ = ["SharedNumber", "name_of", "set_name", "shares"]

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

Array = np.ndarray[Any, Any]
_Class = TypeVar("_Class", bound=type)


class SharedNumber(float):
    """The number in an attribute of an object, which can be changed from here.

    Attributes
    ----------
    owner, name
        The object, and the name of its attribute.
    """

    owner: Any
    name: str

    def get_value(self, borrow: bool = False) -> Array:
        """Return the number that the attribute holds now, as an array without axes.

        Parameters
        ----------
        borrow
            Not used: it is always a copy.
        """
        return np.array(float(vars(self.owner)[self.name]))

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Put another number into the attribute.

        Parameters
        ----------
        value
            A number, or an array or tensor of one.
        borrow
            Not used.
        """
        setattr(self.owner, self.name, value)


class _SharedAttribute:
    """What an attribute is set by. It has no ``__get__``, so that reading finds the number."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __set__(self, owner: Any, value: Any) -> None:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        if np.size(value) != 1:
            raise ValueError(
                f"{self._name} of a {type(owner).__name__} is one number; "
                f"a value of shape {np.shape(value)} was given"
            )
        number = SharedNumber(np.asarray(value).item())
        number.owner, number.name = owner, self._name
        vars(owner)[self._name] = number


def shares(*names: str) -> Callable[[_Class], _Class]:
    """Return a decorator of a class: what these attributes hold becomes a `SharedNumber`."""

    def decorate(cls: _Class) -> _Class:
        for name in names:
            setattr(cls, name, _SharedAttribute(name))
        return cls

    return decorate


def name_of(parameter: torch.Tensor) -> str | None:
    """Return the ``name`` that a parameter was given."""
    name: str | None = parameter.name  # type: ignore[attr-defined]
    return name


def set_name(parameter: nn.Parameter, name: str | None) -> None:
    """Give a parameter a ``name``."""
    parameter.name = name  # type: ignore[attr-defined]


def _get_value(self: nn.Parameter, borrow: bool = False) -> Array:
    """Return the parameter's value; borrowed, the array has the parameter's memory, on a CPU."""
    value: Array = self.detach().cpu().numpy()
    return value if borrow else value.copy()


@torch.no_grad()
def _set_value(self: nn.Parameter, value: Any, borrow: bool = False) -> None:
    """Change the parameter, in place; it is always a copy of ``value``."""
    if np.shape(value) != tuple(self.shape):
        raise ValueError(
            f"{name_of(self) or 'the parameter'} has shape {tuple(self.shape)}; "
            f"a value of {np.shape(value)} was given"
        )
    self.copy_(torch.as_tensor(value))


nn.Parameter.name = None  # type: ignore[attr-defined]  # a tensor's cannot be set
nn.Parameter.get_value = _get_value  # type: ignore[attr-defined]
nn.Parameter.set_value = _set_value  # type: ignore[attr-defined]
nn.Parameter.eval = _get_value  # type: ignore[attr-defined]
