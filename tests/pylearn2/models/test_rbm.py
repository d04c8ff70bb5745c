"""Restricted Boltzmann machines, and the costs that train them."""

import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.corruption import BinomialCorruptor
from pylearn2_jobman.pylearn2.costs.cost import LpPenalty, SumOfCosts
from pylearn2_jobman.pylearn2.costs.ebm_estimation import NCE, SMD, SML, CDk
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.energy_functions.rbm_energy import grbm_type_1
from pylearn2_jobman.pylearn2.models.mlp import MLP, PretrainedLayer, Softmax
from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.models.rbm import RBM, GaussianBinaryRBM, build_stacked_RBM
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams

NVIS, NHID, CHAINS = 6, 4, 8


@pytest.fixture(autouse=True)
def float64(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")


@pytest.fixture
def data():
    """Twenty binary examples."""
    return DenseDesignMatrix(X=np.random.RandomState(3).randint(0, 2, (20, NVIS)).astype(float))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class ByHand:
    """An RBM and its chains in NumPy, from the formulas and the order in which numbers are drawn.

    The seed of the chains follows the weights in the generator of the RBM; each Gibbs step has a
    stream for the hidden units, then one for the visible ones.
    """

    def __init__(self, steps, unused_sets):
        rng = np.random.RandomState(1001)
        self.W = rng.uniform(-0.5, 0.5, (NVIS, NHID))
        self.b, self.c = np.zeros(NVIS), np.zeros(NHID)
        mrg = MRGStreams(int(rng.randint(2**30)))
        for _ in range(2 * steps * unused_sets):
            mrg.streams()
        self.streams = [(mrg.streams(), mrg.streams()) for _ in range(steps)]
        self.particles = np.full((CHAINS, NVIS), 0.5)

    def learn(self, X, rate):
        positive, negative = self.statistics(X), self.statistics(self.particles)
        for for_hidden, for_visible in self.streams:
            h_mean = sigmoid(self.c + self.particles @ self.W)
            h = for_hidden.uniform(h_mean.shape, torch.float64).numpy() < h_mean
            v_mean = sigmoid(self.b + h @ self.W.T)
            drawn = for_visible.uniform(v_mean.shape, torch.float64).numpy()
            self.particles = (drawn < v_mean).astype(float)
        for parameter, p, n in zip((self.W, self.b, self.c), positive, negative, strict=True):
            parameter += rate * (p - n)

    def statistics(self, v):
        h = sigmoid(self.c + v @ self.W)
        return v.T @ h / len(v), v.mean(0), h.mean(0)

    def agrees_with(self, model):
        for ours, theirs in zip(model.get_param_values(), (self.W, self.b, self.c), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("wrap", [lambda cost: cost, lambda cost: SumOfCosts([[1.0, cost]])])
def test_stochastic_maximum_likelihood_is_what_the_formulas_say(data, wrap):
    model, cost = RBM(NVIS, NHID), SML(batch_size=CHAINS, nsteps=3)
    algorithm = SGD(0.1, wrap(cost), batch_size=5, train_iteration_mode="sequential")
    algorithm.setup(model, data)
    # pylearn2 wrote the steps down twice, and used the second.
    by_hand = ByHand(steps=3, unused_sets=1)
    for _ in range(3):
        algorithm.train(data)
        for start in range(0, 20, 5):
            by_hand.learn(data.X[start : start + 5], 0.1)
    by_hand.agrees_with(model)
    np.testing.assert_array_equal(cost.sampler.particles.numpy(), by_hand.particles)


def test_an_rbm_that_trains_itself_does_what_the_formulas_say(data):
    model = RBM(NVIS, NHID, nchains=CHAINS, sml_gibbs_steps=2, base_lr=0.1, anneal_start=0.3)
    same_batches = DenseDesignMatrix(X=data.X)
    by_hand = ByHand(steps=2, unused_sets=0)
    for number in range(1, 6):
        assert model.train_batch(data, 5)
        by_hand.learn(same_batches.get_batch_design(5), min(0.1, 0.3 / number))
    by_hand.agrees_with(model)


def test_a_sum_takes_the_gradients_of_costs_without_a_value(data):
    model = RBM(NVIS, NHID)
    X = torch.as_tensor(data.X)
    penalty = LpPenalty(model.weights, 2)
    both = SumOfCosts([[2.0, CDk(1)], [0.5, penalty]])
    assert both.expr(model, (X, None)) is None
    total = both.get_gradients(model, (X, None))[0]
    torch.testing.assert_close(total, 2 * CDk(1).get_gradients(model, (X, None))[0] + model.weights)


def test_a_term_that_no_parameter_changes_has_no_gradient(data):
    model, X = RBM(NVIS, NHID), torch.as_tensor(data.X)
    constant = LpPenalty(torch.ones(3), 1)
    assert not any(g.any() for g in SumOfCosts([constant]).get_gradients(model, (X, None)))
    alone, both = CDk(1), SumOfCosts([constant, CDk(1)])
    for a, b in zip(
        alone.get_gradients(model, (X, None)), both.get_gradients(model, (X, None)), strict=True
    ):
        assert torch.equal(a, b)


def test_free_energy_is_what_is_left_when_hidden_units_are_summed_over():
    grbm = GaussianBinaryRBM(grbm_type_1(), 3, 2, init_sigma=0.7, init_bias_hid=[0.1, -0.2])
    v = torch.randn(5, 3, dtype=torch.float64)
    states = [(0, 0), (0, 1), (1, 0), (1, 1)]
    energies = torch.stack(
        [grbm.energy_function.energy(v, torch.tensor([h]).double().expand(5, 2)) for h in states]
    )
    torch.testing.assert_close(grbm.free_energy(v), -torch.logsumexp(-energies, 0))
    torch.testing.assert_close(
        grbm.energy_function.log_P_H_given_V(torch.ones(5, 2).double(), v),
        -energies[3] + grbm.free_energy(v),
    )
    v.requires_grad_()
    (slope,) = torch.autograd.grad(grbm.free_energy(v).sum(), v)
    torch.testing.assert_close(grbm.score(v), -slope)


def test_free_energies_of_a_binary_rbm_agree():
    rbm = RBM(3, 2, init_bias_vis=0.3, init_bias_hid=-0.1)
    v = torch.tensor([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]).double()
    h = torch.tensor([[a, b] for a in (0, 1) for b in (0, 1)]).double()
    torch.testing.assert_close(
        torch.logsumexp(-rbm.free_energy(v), 0), torch.logsumexp(-rbm.free_energy_given_h(h), 0)
    )


def test_sigma_stays_where_it_is_allowed():
    grbm = GaussianBinaryRBM(grbm_type_1(), 3, 2, init_sigma=99, learn_sigma=True)
    assert [name for name, _ in grbm.named_params()][-1] == "sigma_driver"
    grbm.enforce_constraints()
    assert grbm.sigma.item() == 10
    fixed = GaussianBinaryRBM(grbm_type_1(), 3, 2, init_sigma=99)
    assert len(fixed.get_params()) == 3
    assert pickle.loads(pickle.dumps(fixed)).sigma.item() == 99


def test_gaussian_visible_units_are_drawn_around_their_mean_or_are_it():
    mean = torch.zeros(2000, 3, dtype=torch.float64)
    drawn = GaussianBinaryRBM(grbm_type_1(), 3, 2, init_sigma=0.5)
    assert drawn.sample_visibles(mean, MRGStreams(1)).std().item() == pytest.approx(0.5, rel=0.05)
    kept = GaussianBinaryRBM(grbm_type_1(), 3, 2, mean_vis=True)
    assert kept.sample_visibles(mean, MRGStreams(1)) is mean


def test_visible_biases_from_the_data(data):
    rbm = RBM(NVIS, NHID, init_bias_vis_marginals=data)
    means = sigmoid(rbm.bias_vis.detach().numpy())
    np.testing.assert_allclose(means, 0.01 + 0.98 * data.X.mean(0))
    with pytest.raises(ValueError, match="not both"):
        RBM(NVIS, NHID, init_bias_vis_marginals=data, init_bias_vis=1.0)
    with pytest.raises(ValueError, match="init_bias_hid has shape"):
        RBM(NVIS, NHID, init_bias_hid=[1.0, 2.0])


def test_weights_from_examples(data):
    rbm = RBM(NVIS, NHID, irange=0.1, random_patches_src=data.X[:NHID])
    np.testing.assert_allclose(rbm.weights.detach().numpy(), 0.1 * data.X[:NHID].T)
    assert RBM(NVIS, NHID, random_patches_src=data).weights.unique().numel() <= 2
    with pytest.raises(ValueError, match="a row for each hidden unit"):
        RBM(NVIS, NHID, random_patches_src=data.X)


def test_a_trained_rbm_pickles_without_its_chains_and_is_a_layer(data):
    model = RBM(NVIS, NHID)
    model.train_batch(data, 5)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.perform(data.X), model.perform(data.X))
    loaded.train_batch(data, 5)
    mlp = MLP(
        nvis=NVIS,
        layers=[
            PretrainedLayer("h", loaded),
            Softmax(layer_name="y", n_classes=2, irange=0.1),
        ],
    )
    assert mlp.fprop(torch.as_tensor(data.X)).shape == (20, 2)


def test_a_stack_of_rbms():
    stack = build_stacked_RBM(5, [4, 3], vis_type="gaussian")
    assert [type(layer) for layer in stack.layers()] == [GaussianBinaryRBM, RBM]
    assert stack.perform(np.zeros((2, 5))).shape == (2, 3)


def test_noise_contrastive_estimation_tells_data_from_noise():
    class Uniform:
        """A distribution over 0 to 2, and a model of 0 to 1."""

        def log_prob(self, X):
            return torch.full((len(X),), np.log(0.5), dtype=X.dtype)

        def random_design_matrix(self, m):
            return torch.full((m, 1), 0.5, dtype=torch.float64)

    class Half(Model):
        def log_prob(self, X):
            return torch.where(X[:, 0] < 1, 0.0, -np.inf).to(X.dtype)

    cost = NCE(noise=Uniform(), noise_per_clean=2)
    X = torch.tensor([[0.1], [0.9]], dtype=torch.float64)
    # The ratio of the densities is 2 everywhere: data 2 : 1, noise 1 : 3.
    assert cost.expr(Half(), (X, None)).item() == pytest.approx(np.log(1.5) + np.log(3))


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (CDk(1), "CDk trains models such as pylearn2.models.rbm.RBM"),
        (SML(5, 1), "SML trains models such as"),
        (SMD(BinomialCorruptor(0.1)), "SMD is for models with score"),
        (NCE(None, 1), "NCE is for models with log_prob"),
    ],
)
def test_a_cost_of_another_kind_of_model_is_refused_before_training(blobs, mlp, cost, message):
    with pytest.raises(ValueError, match=message):
        Train(blobs, mlp, SGD(0.1, cost, batch_size=5)).main_loop()


def test_score_matching_needs_noise_with_a_density(data):
    model = GaussianBinaryRBM(grbm_type_1(), NVIS, NHID)
    with pytest.raises(ValueError, match="has no density with a gradient"):
        SGD(0.1, SMD(BinomialCorruptor(0.1)), batch_size=5).setup(model, data)


def test_an_rbm_says_how_it_is_trained(data):
    with pytest.raises(NotImplementedError, match="has no default cost: give the algorithm one of"):
        SGD(0.1, batch_size=5).setup(RBM(NVIS, NHID), data)
