"""Autoencoders, and what they are made of."""

import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.blocks import StackedBlocks
from pylearn2_jobman.pylearn2.corruption import BinomialCorruptor
from pylearn2_jobman.pylearn2.costs.autoencoder import MeanBinaryCrossEntropy
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.autoencoder import (
    Autoencoder,
    ContractiveAutoencoder,
    DeepComposedAutoencoder,
    DenoisingAutoencoder,
    StackedDenoisingAutoencoder,
    UntiedAutoencoder,
    build_stacked_ae,
)
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


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


def test_normal_initial_weights_are_drawn_in_the_order_of_pylearn2():
    model = Autoencoder(4, 3, "tanh", None, irange=None, istdev=0.1, rng=5)
    rng = np.random.RandomState(5)
    W = rng.randn(4, 3) * 0.1
    rng.randint(2**30)
    np.testing.assert_allclose(model.weights.detach(), W, rtol=1e-6)
    np.testing.assert_allclose(model.untied.detach(), rng.randn(3, 4) * 0.1, rtol=1e-6)
    with pytest.raises(ValueError, match="by irange, or by istdev with irange: null"):
        Autoencoder(4, 3, "tanh", None, istdev=0.1)


def test_an_untied_copy_begins_with_what_the_tied_one_does():
    tied = Autoencoder(4, 3, "tanh", None, tied_weights=True, irange=0.5)
    with torch.no_grad():
        tied.hidbias.fill_(0.1)
    untied = UntiedAutoencoder(tied)
    assert [name for name, _ in untied.named_params()] == ["vb", "hb", "weights", "w_prime"]
    X = torch.ones(2, 4)
    torch.testing.assert_close(untied.reconstruct(X), tied.reconstruct(X))
    with torch.no_grad():
        untied.weights.zero_()
    assert tied.weights.any()
    assert untied.w_prime.any()
    with pytest.raises(ValueError, match="with tied_weights: True"):
        UntiedAutoencoder(untied)


class TestDeepAutoencoders:
    @pytest.fixture
    def parts(self):
        return [
            Autoencoder(4, 3, "tanh", "sigmoid", irange=0.5),
            Autoencoder(3, 2, "sigmoid", None, irange=0.5),
        ]

    def test_encoders_then_decoders_in_reverse(self, parts):
        deep, X = DeepComposedAutoencoder(parts), torch.rand(5, 4)
        H = parts[1].encode(parts[0].encode(X))
        torch.testing.assert_close(deep.encode(X), H)
        torch.testing.assert_close(deep.reconstruct(X), parts[0].decode(parts[1].decode(H)))
        assert [name for name, _ in deep.named_params()] == ["vb", "hb", "W", "Wprime"] * 2
        assert deep.get_output_space() == parts[1].get_output_space()

    def test_the_cross_entropy_is_that_of_the_last_sigmoid(self, parts):
        deep, X = DeepComposedAutoencoder(parts), torch.rand(5, 4)
        restored = deep.reconstruct(X)
        entropy = -(X * restored.log() + (1 - X) * (1 - restored).log()).sum(1).mean()
        torch.testing.assert_close(MeanBinaryCrossEntropy().expr(deep, (X, None)), entropy)

    def test_a_stacked_denoising_one_corrupts_its_input_once(self, parts):
        deep = StackedDenoisingAutoencoder(parts, BinomialCorruptor(1.0))
        X = torch.rand(5, 4)
        torch.testing.assert_close(deep.reconstruct(X), deep.decode(deep.encode(X * 0)))

    def test_all_of_it_is_trained(self, parts):
        dataset = DenseDesignMatrix(X=np.random.RandomState(0).rand(20, 4))
        deep = DeepComposedAutoencoder(parts)
        before = deep.get_param_values()
        algorithm = SGD(0.1, batch_size=5)
        algorithm.setup(deep, dataset)
        algorithm.train(dataset)
        assert all((a != b).any() for a, b in zip(before, deep.get_param_values(), strict=True))

    def test_they_have_to_fit_and_be_there(self, parts):
        with pytest.raises(ValueError, match="the one below gives"):
            DeepComposedAutoencoder(parts[::-1])
        with pytest.raises(ValueError, match="needs autoencoders"):
            DeepComposedAutoencoder([])


class TestBuildStackedAe:
    def test_each_level_has_its_kind_and_size(self):
        stack = build_stacked_ae(
            5,
            [4, 3, 2],
            "tanh",
            [None, None, "sigmoid"],
            corruptor=[BinomialCorruptor(0.1), None, None],
            contracting=[False, True, False],
            rng=3,
        )
        kinds = [type(layer) for layer in stack.layers()]
        assert kinds == [DenoisingAutoencoder, ContractiveAutoencoder, Autoencoder]
        assert [layer.act_dec for layer in stack.layers()] == [None, None, "sigmoid"]
        assert stack.get_output_space().dim == 2

    def test_what_makes_no_sense_is_refused(self):
        with pytest.raises(ValueError, match="irange has 1 items for 2 autoencoders"):
            build_stacked_ae(5, [4, 3], "tanh", None, irange=[0.1])
        with pytest.raises(ValueError, match="denoising and contractive at once"):
            build_stacked_ae(
                5, [4], "tanh", None, corruptor=BinomialCorruptor(0.1), contracting=True
            )
