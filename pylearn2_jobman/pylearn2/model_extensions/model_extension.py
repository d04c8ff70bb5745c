"""`ModelExtension`, the base class of what changes a layer's parameters after every update."""

__all__ = ["ModelExtension"]

from typing import Any

import torch


class ModelExtension:
    """Changes the parameters of a layer after every update; one's own redefines the method."""

    def post_modify_updates(self, updates: dict[Any, torch.Tensor], model: Any) -> None:
        """Put other values into ``updates``.

        Parameters
        ----------
        updates
            The new value of each parameter, by the parameter.
        model
            The layer, of which ``W`` are the weights.
        """
