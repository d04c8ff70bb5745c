"""`HasState`: an object whose state can be saved, and resumed later."""

__all__ = ["HasState", "has_state_dict", "is_plain_dtype"]

from typing import Any, Protocol, TypeGuard

import numpy as np


class HasState(Protocol):
    """A part of a training run whose state can be kept: PyTorch's modules are such, for example."""

    def state_dict(self) -> dict[str, Any]:
        """Return the values that training changes."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Resume from a state that `state_dict` returned."""


def has_state_dict(value: Any) -> TypeGuard[HasState]:
    """Return whether a value keeps its state itself."""
    return (
        callable(getattr(value, "state_dict", None))
        and callable(getattr(value, "load_state_dict", None))
        and not isinstance(value, type)
    )


def is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    """Return whether an array of this type is just its bytes: no objects, no fields."""
    return not dtype.hasobject and dtype.names is None
