"""`Part`: what can be saved and gone on with later."""

__all__ = ["Part", "is_part"]

from typing import Any, Protocol, TypeGuard


class Part(Protocol):
    """A part of a training run whose state can be kept: PyTorch's modules are such, for example."""

    def state_dict(self) -> dict[str, Any]:
        """Return what changes while training goes on."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Go on from what `state_dict` returned."""


def is_part(value: Any) -> TypeGuard[Part]:
    """Return whether a value keeps its state itself."""
    return (
        callable(getattr(value, "state_dict", None))
        and callable(getattr(value, "load_state_dict", None))
        and not isinstance(value, type)
    )
