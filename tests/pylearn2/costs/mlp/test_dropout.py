"""Dropout leaves out what it says, and nothing when monitored without it."""

import pytest
import torch

from pylearn2_jobman.pylearn2.costs.mlp import Default
from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams

X = torch.ones(50, 40)


def test_numbers_are_dropped_or_scaled():
    dropped = Dropout(0.25, default_input_scale=4.0).drop(X, "h0", MRGStreams(1))
    assert set(dropped.unique().tolist()) == {0, 4}
    assert dropped.mean().item() == pytest.approx(1, abs=0.1)


def test_single_layers_have_their_own_settings():
    dropout = Dropout(input_include_probs={"h0": 1.0}, input_scales={"y": 3.0})
    assert torch.equal(dropout.drop(X, "h0", MRGStreams(1)), X)
    assert dropout.drop(X, "y", MRGStreams(1)).max() == 3


def test_all_examples_of_a_batch_may_lose_the_same():
    same = Dropout(per_example=False).drop(X, "h0", MRGStreams(1))
    assert (same == same[0]).all()
    assert set(same.unique().tolist()) == {0, 2}
    each = Dropout().drop(X, "h0", MRGStreams(1))
    assert not (each == each[0]).all()


def test_the_parts_of_a_composite_input_are_dropped_from_one_by_one():
    first, second = Dropout().drop((X, X[:, :3]), "h0", MRGStreams(1))
    assert first.shape == X.shape
    assert second.shape == (50, 3)


def test_keeping_everything_is_the_cost_without_dropout(mlp):
    data = (torch.randn(4, 3), torch.eye(2)[[0, 1, 0, 1]])
    torch.testing.assert_close(Dropout(1.0).expr(mlp, data), Default().expr(mlp, data))


def test_a_setting_for_no_layer_is_refused(mlp):
    data = (torch.randn(4, 3), torch.eye(2)[[0, 1, 0, 1]])
    with pytest.raises(ValueError, match="no layer 'h00'; did you mean 'h0'"):
        Dropout(input_include_probs={"h00": 0.8}).expr(mlp, data)


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match=r"1\.5 is not a probability"):
        Dropout(input_include_probs={"h0": 1.5})
