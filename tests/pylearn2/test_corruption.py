"""Corruptors put on the noise that they say, from the streams that pylearn2 drew it from."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.corruption import (
    BinomialCorruptor,
    BinomialSampler,
    ComposedCorruptor,
    Corruptor,
    DropoutCorruptor,
    DummyCorruptor,
    GaussianCorruptor,
    MultinomialSampler,
    OneHotCorruptor,
    SaltPepperCorruptor,
    SmoothOneHotCorruptor,
)
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams


@pytest.fixture
def X():
    return torch.full((200, 10), 0.3)


@pytest.fixture
def one_hot():
    return torch.eye(10)[torch.arange(200) % 10]


@pytest.fixture
def streams():
    """The uniform numbers that the calls of a corruptor with the default seed draw, in turn."""
    mrg = MRGStreams(int(np.random.RandomState(2001).randint(2**30)))
    return lambda: mrg.streams().uniform((200, 10), torch.float32)


def test_binomial(X, streams):
    assert torch.equal(BinomialCorruptor(0.3)(X), X * (streams() < 0.7))


def test_dropout_keeps_the_mean(X, streams):
    torch.testing.assert_close(DropoutCorruptor(0.5)(X), 2 * X * (streams() < 0.5))
    assert DropoutCorruptor(0)(X) is X


def test_salt_and_pepper(X, streams):
    kept, salt = streams() < 0.6, streams() < 0.5
    assert torch.equal(SaltPepperCorruptor(0.4)(X), torch.where(kept, X, salt.to(X.dtype)))


def test_gaussian(X):
    noise = GaussianCorruptor(0.5)(X) - X
    assert noise.std().item() == pytest.approx(0.5, rel=0.1)
    assert noise.mean().item() == pytest.approx(0, abs=0.05)


def test_the_energy_of_gaussian_noise():
    corruptor = GaussianCorruptor(0.5)
    energy = corruptor.corruption_free_energy(
        torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 0.0]])
    )
    assert energy.tolist() == [5 / (2 * 0.25)]


def test_one_hot_vectors_are_replaced_by_others(one_hot):
    hot = OneHotCorruptor(1.0)(one_hot[:1].expand(200, 10))
    assert hot.sum(1).eq(1).all()
    assert (hot.sum(0) > 0).all()
    assert torch.equal(OneHotCorruptor(0.0)(one_hot), one_hot)


def test_smooth_one_hot_vectors_are_distributions(one_hot):
    smooth = SmoothOneHotCorruptor(0.1)(one_hot)
    torch.testing.assert_close(smooth.sum(1), torch.ones(200))
    assert torch.equal(smooth.argmax(1), one_hot.argmax(1))


def test_samplers_take_their_input_as_probabilities(X, one_hot, streams):
    assert torch.equal(BinomialSampler()(X), (streams() < X).float())
    assert torch.equal(MultinomialSampler()(one_hot), one_hot)
    even = MultinomialSampler()(torch.full((200, 10), 0.1))
    assert even.sum(1).eq(1).all()
    assert (even.sum(0) > 0).all()


def test_several_are_applied_last_first(X):
    zeros, noise = BinomialCorruptor(1.0), GaussianCorruptor(1.0)
    assert ComposedCorruptor(corruptors=[zeros, noise])(X).eq(0).all()
    assert ComposedCorruptor(noise, zeros)(X).ne(0).any()
    with pytest.raises(ValueError, match=r"needs corruptors: \[\.\.\.\]"):
        ComposedCorruptor()


def test_none_is_none(X):
    assert DummyCorruptor(0.5)(X) is X


@pytest.mark.parametrize("kind", [BinomialCorruptor, SaltPepperCorruptor, OneHotCorruptor])
def test_a_level_that_is_no_probability_is_refused(kind):
    with pytest.raises(ValueError, match=r"corruption_level is 1\.5; it is a probability"):
        kind(1.5)


def test_noise_without_a_density_has_no_energy(X):
    with pytest.raises(ValueError, match="a Corruptor has no density with a gradient"):
        Corruptor(0.1).corruption_free_energy(X, X)
