"""Costs of autoencoders that no recorded run has."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.costs.autoencoder import (
    MeanSquaredReconstructionError,
    SparseActivation,
)
from pylearn2_jobman.pylearn2.costs.cost import SumOfCosts
from pylearn2_jobman.pylearn2.models.autoencoder import Autoencoder


def test_sparse_activation_is_the_divergence_from_the_wanted_mean():
    model = Autoencoder(4, 3, "sigmoid", None, irange=0.5)
    X = torch.rand(5, 4)
    H = model.encode(X).detach().numpy().mean(0)
    p = 0.05
    expected = 2 * np.sum(p * np.log(p / H) + (1 - p) * np.log((1 - p) / (1 - H)))
    cost = SparseActivation(coeff=2, p=p)
    assert cost.expr(model, (X, None)).item() == pytest.approx(expected, rel=1e-5)


def test_there_is_none_where_the_mean_is_as_wanted():
    model = Autoencoder(4, 3, "sigmoid", None, irange=0.0)
    cost = SparseActivation(coeff=1, p=0.5).expr(model, (torch.rand(5, 4), None))
    assert cost.item() == pytest.approx(0, abs=1e-6)


def test_its_channel_in_a_sum_is_named_after_it():
    model = Autoencoder(4, 3, "sigmoid", None)
    both = SumOfCosts([MeanSquaredReconstructionError(), [0.1, SparseActivation(1, 0.1)]])
    channels = both.get_monitoring_channels(model, (torch.rand(5, 4), None))
    assert list(channels) == ["term_0_mean", "term_1_sparse_activation_penalty"]
