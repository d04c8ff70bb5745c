"""The same dataset, layer, cost, training extension and extractor, written as today."""

from typing import Any

import numpy as np
import torch
from torch import nn

from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import Layer
from pylearn2_jobman.pylearn2.space import Space, VectorSpace
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension


class Moons(DenseDesignMatrix):
    """Two half circles, one in the other, with noise."""

    def __init__(self, which_set: str, num_examples: int = 200) -> None:
        rng = np.random.RandomState({"train": 1, "valid": 2}[which_set])
        label = np.arange(num_examples) % 2
        angle = rng.uniform(0.0, np.pi, num_examples)
        X = np.stack([np.cos(angle) + label, (1 - 2 * label) * np.sin(angle)], axis=1)
        X += rng.normal(0.0, 0.1, X.shape)
        super().__init__(X=X, y=np.eye(2)[label])


class SoftSign(Layer):
    """x / (1 + |x|) of an affine function."""

    def __init__(self, layer_name: str, dim: int, irange: float) -> None:
        super().__init__(layer_name)
        self.dim = dim
        self.irange = irange

    def set_input_space(self, space: Space, rng: np.random.RandomState) -> None:
        """Make W and b, which become attributes."""
        self.input_space = space
        inputs = space.get_total_dimension()
        self.add_param("W", rng.uniform(-self.irange, self.irange, (inputs, self.dim)))
        self.add_param("b", np.zeros(self.dim))

    def get_output_space(self) -> Space:
        """Return where the output lies."""
        return VectorSpace(self.dim)

    def preactivation(self, X: torch.Tensor) -> torch.Tensor:
        """Return ``X W + b``."""
        return torch.addmm(self.b, X, self.W)

    def activation(self, Z: torch.Tensor) -> torch.Tensor:
        """Return the output."""
        return nn.functional.softsign(Z)

    def get_layer_monitoring_channels(
        self, X: Any, Z: Any, H: Any, Y: Any
    ) -> dict[str, torch.Tensor]:
        """Return the channel ``<layer_name>_mean_abs``."""
        return {"mean_abs": H.abs().mean()}


class SquaredError(Cost):
    """The squared distance of the output and the targets."""

    supervised = True

    def expr(self, model: Any, data: Any) -> torch.Tensor:
        """Return the mean over the batch."""
        X, Y = data
        return (model.fprop(X) - Y).square().sum(1).mean()


class Anneal(TrainExtension):
    """Multiplies the learning rate after every epoch."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def on_monitor(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Change the learning rate, which is a number and kept in checkpoints."""
        algorithm.learning_rate *= self.factor


def results(train: Train) -> dict[str, Any]:
    """Return the best validation error, and what the parameters were."""
    record = train.model.monitor.channels["valid_objective"].val_record
    best = int(np.argmin(record))
    return {
        "epoch": best,
        "valid_error": record[best],
        "learning_rate": train.algorithm.learning_rate,
        "largest": {name: p.abs().max().item() for name, p in train.model.named_params()},
    }
