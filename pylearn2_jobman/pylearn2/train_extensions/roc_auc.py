"""The area under the ROC curve, as a channel."""

__all__ = ["RocAucChannel"]

from typing import Any

import numpy as np
import torch

from pylearn2_jobman.pylearn2.space import Data
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils.state import Stateless


class RocAucChannel(TrainExtension, Stateless):
    """Records, on every monitored dataset, how well one class is told from others.

    It is computed by scikit-learn for each batch, and averaged; NaN where a batch lacks one side.

    Parameters
    ----------
    channel_name_suffix
        The channel's name, behind the dataset's.
    positive_class_index
        Number of the class: of the output that is its score.
    negative_class_index
        Number of the only class that it is to be told from; all others by default.
    """

    def __init__(
        self,
        channel_name_suffix: str = "roc_auc",
        positive_class_index: int = 1,
        negative_class_index: int | None = None,
    ) -> None:
        self.channel_name_suffix = channel_name_suffix
        self.positive_class_index = positive_class_index
        self.negative_class_index = negative_class_index

    def setup(self, model: Any, dataset: Any, algorithm: Any) -> None:
        """Add the channel."""

        def channel(data: Data) -> dict[str, float]:
            X, Y = data
            if Y is None:
                raise ValueError("RocAucChannel needs a model that monitors targets")
            return {self.channel_name_suffix: self._area(Y, model.fprop(X))}

        model.monitor.add_source(channel)

    def _area(self, Y: torch.Tensor, H: torch.Tensor) -> float:
        from sklearn.metrics import roc_auc_score

        labels = Y.argmax(1).cpu().numpy()
        scores = H[:, self.positive_class_index].detach().cpu().numpy()
        positive = labels == self.positive_class_index
        if self.negative_class_index is not None:
            kept = positive | (labels == self.negative_class_index)
            positive, scores = positive[kept], scores[kept]
        if len(np.unique(positive)) < 2:
            return float("nan")
        return float(roc_auc_score(positive, scores))
