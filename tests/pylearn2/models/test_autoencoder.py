"""Autoencoders, and what they are made of."""

import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.blocks import StackedBlocks
from pylearn2_jobman.pylearn2.corruption import (
    BinomialCorruptor,
    ComposedCorruptor,
    GaussianCorruptor,
    OneHotCorruptor,
    SaltPepperCorruptor,
)
from pylearn2_jobman.pylearn2.costs.autoencoder import MeanBinaryCrossEntropy
from pylearn2_jobman.pylearn2.models.autoencoder import Autoencoder, ContractiveAutoencoder


def test_a_tied_decoder_uses_the_encoders_weights():
    model = Autoencoder(4, 3, "tanh", None, tied_weights=True)
    assert [name for name, _ in model.named_params()] == ["vb", "hb", "W"]
    assert torch.equal(model.w_prime, model.weights.T)


def test_an_unknown_activation_names_the_near_one():
    with pytest.raises(ValueError, match=r"act_enc is 'sigmod'.*did you mean 'sigmoid'"):
        Autoencoder(4, 3, "sigmod", None)


def test_a_contractive_encoder_must_be_elementwise():
    with pytest.raises(ValueError, match="treat each unit by itself"):
        ContractiveAutoencoder(4, 3, "softmax", "sigmoid")


def test_a_saturated_sigmoid_has_a_finite_cross_entropy():
    model = Autoencoder(4, 3, "sigmoid", "sigmoid")
    with torch.no_grad():
        model.visbias.fill_(200)
    cost = MeanBinaryCrossEntropy().expr(model, (torch.zeros(2, 4), None))
    assert cost.item() == pytest.approx(800)


def test_a_stack_is_its_blocks_one_after_the_other_and_pickles():
    stack = StackedBlocks([Autoencoder(4, 3, "tanh", None), Autoencoder(3, 2, "tanh", None)])
    X = np.ones((5, 4), dtype="float32")
    assert [level.shape[1] for level in stack(torch.as_tensor(X))] == [4, 3, 2]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(stack)).perform(X), stack.perform(X))
    with pytest.raises(ValueError, match="the one below gives VectorSpace"):
        stack.append(Autoencoder(4, 3, "tanh", None))


def test_corruptors_do_what_they_say():
    X = torch.full((200, 10), 0.3)
    assert set(BinomialCorruptor(0.5)(X).unique().tolist()) == {0, X[0, 0].item()}
    assert set(SaltPepperCorruptor(1.0)(X).unique().tolist()) == {0, 1}
    assert GaussianCorruptor(0.5)(X).std().item() == pytest.approx(0.5, rel=0.1)
    hot = OneHotCorruptor(1.0)(torch.eye(10)[torch.zeros(200, dtype=torch.long)])
    assert hot.sum(1).eq(1).all()
    assert (hot.sum(0) > 0).all()
    both = ComposedCorruptor(corruptors=[BinomialCorruptor(1.0), GaussianCorruptor(1.0)])
    assert both(X).eq(0).all()
