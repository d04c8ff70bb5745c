"""The cost of targets of which some are not known."""

__all__ = ["MissingTargetCost"]

from collections.abc import Mapping
from typing import Any

import torch

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout
from pylearn2_jobman.pylearn2.space import Data


class MissingTargetCost(Cost):
    """The cost of an MLP's last layer, a Linear or Sigmoid, without the targets that are -1.

    The errors of the others are summed over units; the mean is over all examples of the batch.

    Parameters
    ----------
    dropout_args
        Arguments of a `pylearn2.costs.mlp.dropout.Dropout`, if inputs are to be dropped.
    """

    supervised = True

    def __init__(self, dropout_args: Mapping[str, Any] | None = None) -> None:
        self.dropout = Dropout(**dropout_args) if dropout_args else None

    def expr(self, model: Any, data: Data) -> torch.Tensor:
        """Return the cost of the targets that are known."""
        X, Y = data
        drop = self.dropout
        Z = model.preactivation(X) if drop is None else model.dropout_fprop(X, drop)
        layer = model.layers[-1]
        if not hasattr(layer, "cost_matrix"):
            raise ValueError(
                f"layer {layer.layer_name!r} is a {type(layer).__name__}, of which the error is "
                "not known unit by unit: MissingTargetCost wants a Linear or Sigmoid at the end"
            )
        cost: torch.Tensor = layer.cost_from_cost_matrix(layer.cost_matrix(Y, Z) * (Y != -1))
        return cost
