"""The area under the ROC curve is that of the pairs that are in order."""

import math

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.train_extensions.roc_auc import RocAucChannel
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

RNG = np.random.RandomState(0)
X, LABELS = RNG.randn(24, 3).astype(np.float32), RNG.randint(0, 3, 24)


def area(scores, positive):
    """The part of the pairs of a positive and a negative in which the positive scores higher."""
    pairs = scores[positive][:, None] - scores[~positive][None]
    return (np.sign(pairs) / 2 + 0.5).mean()


def recorded(labels, **arguments):
    dataset = DenseDesignMatrix(X=X, y=np.eye(3)[labels])
    model = MLP(nvis=3, layers=[Softmax(layer_name="y", n_classes=3, irange=1.0)])
    scores = model.fprop(torch.from_numpy(X)).detach().numpy()
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=12,
        monitoring_dataset={"valid": dataset},
        termination_criterion=EpochCounter(0),
    )
    Train(dataset, model, algorithm, extensions=[RocAucChannel(**arguments)]).main_loop()
    return model.monitor.channels, scores


@pytest.mark.parametrize("negative", [None, 0])
def test_it_is_averaged_over_batches(negative):
    channels, scores = recorded(LABELS, positive_class_index=2, negative_class_index=negative)
    kept = np.full(24, True) if negative is None else (LABELS == 2) | (negative == LABELS)
    expected = np.mean(
        [
            area(scores[part, 2][kept[part]], LABELS[part][kept[part]] == 2)
            for part in (slice(0, 12), slice(12, 24))
        ]
    )
    assert channels["valid_roc_auc"].val_record[-1] == pytest.approx(expected)


def test_a_batch_of_one_side_has_none():
    channels, _ = recorded(LABELS * 0, channel_name_suffix="auc")
    assert math.isnan(channels["valid_auc"].val_record[-1])
