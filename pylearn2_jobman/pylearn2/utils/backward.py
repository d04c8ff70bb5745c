"""Steps backward: the gradient of a method, written beside it, in place of autograd's.

A method ``f`` may have a companion ``f_backward``. It is made of the kernels that autograd itself
uses, in autograd's order, so that its numbers are autograd's to the last bit; what it spares is the
record of the way forward. Where a subclass redefines ``f`` alone, the companion is not of its ``f``
any more, and autograd is used.
"""

__all__ = ["Contributions", "has_backward", "summed"]

from collections.abc import Sequence

import torch

Contributions = list[tuple[torch.Tensor, torch.Tensor]]
"""Parameters, each with a part of its gradient, in the order in which autograd adds parts up."""


def has_backward(thing: object, method: str, *uses: str) -> bool:
    """Return whether ``<method>_backward`` of an object is the gradient of its ``method``.

    Parameters
    ----------
    thing
        The object.
    method
        The method's name.
    uses
        Names of other methods that the two stand for: those of the same object that it calls.

    Returns
    -------
    bool
        Whether one class defines them all, and neither a subclass, nor the object itself, nor
        a patch of the class has put something else in the place of one.
    """
    names = (method, f"{method}_backward", *uses)
    owners = {_owner(type(thing), name) for name in names}
    return len(owners) == 1 and None not in owners and vars(thing).keys().isdisjoint(names)


def _owner(cls: type, name: str) -> type | None:
    """Return the class that a method comes from; None if it was not written there."""
    owner = next((each for each in cls.__mro__ if name in vars(each)), None)
    if owner is None:
        return None
    found = vars(owner)[name]
    written = (owner.__module__, f"{owner.__qualname__}.{name}")
    return owner if (found.__module__, getattr(found, "__qualname__", "")) == written else None


def summed(parts: Contributions, params: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the gradient for each of ``params``: 0 where there is no part of it."""
    total: dict[int, torch.Tensor] = {}
    for param, part in parts:
        key = id(param)
        total[key] = total[key] + part if key in total else part
    return [
        torch.zeros_like(param) if (gradient := total.get(id(param))) is None else gradient
        for param in params
    ]
