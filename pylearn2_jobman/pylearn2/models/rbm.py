"""Restricted Boltzmann machines."""

__all__ = ["RBM", "BlockGibbsSampler", "GaussianBinaryRBM", "build_stacked_RBM"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from pylearn2_jobman.pylearn2 import backend
from pylearn2_jobman.pylearn2.blocks import Block, StackedBlocks
from pylearn2_jobman.pylearn2.costs.cost import Cost
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.energy_functions.rbm_energy import GRBM_Type_1
from pylearn2_jobman.pylearn2.models.gibbs import BlockGibbsSampler, ChainLearner
from pylearn2_jobman.pylearn2.models.model import Array
from pylearn2_jobman.pylearn2.space import Data, VectorSpace
from pylearn2_jobman.pylearn2.utils.rng import MRGStreams, Seed, make_np_rng, stream_for_call


class RBM(Block):
    """A restricted Boltzmann machine with binary units (Smolensky 1986).

    Parameters
    ----------
    nvis, nhid
        Number of visible and of hidden units.
    irange
        The weights begin between -irange and irange.
    rng
        Generator or seed of the initial weights, and then of the chains.
    init_bias_vis, init_bias_hid
        Initial biases: a number, or one for each unit.
    init_bias_vis_marginals
        Instead of ``init_bias_vis``: a dataset, with numbers of 0 to 1; the visible units begin
        with its means.
    base_lr, anneal_start, nchains, sml_gibbs_steps
        For training by `pylearn2.training_algorithms.default.DefaultTrainingAlgorithm`: the
        learning rate, the update after which it decreases as 1/t (never, by default), and the
        number of chains and their steps for an update.
    random_patches_src
        Instead of drawn weights: a dataset, from which so many examples as there are hidden units
        are taken, or such a matrix; multiplied by ``irange``.
    monitor_reconstruction
        Ignored: the reconstruction error is always monitored.
    """

    def __init__(
        self,
        nvis: int,
        nhid: int,
        irange: float = 0.5,
        rng: Seed = None,
        init_bias_vis: Any = None,
        init_bias_vis_marginals: DenseDesignMatrix | None = None,
        init_bias_hid: Any = 0.0,
        base_lr: float = 1e-3,
        anneal_start: float | None = None,
        nchains: int = 100,
        sml_gibbs_steps: int = 1,
        random_patches_src: Any = None,
        monitor_reconstruction: bool = False,
    ) -> None:
        super().__init__()
        if nvis < 1 or nhid < 1:
            raise ValueError(f"an RBM needs units: nvis is {nvis}, nhid is {nhid}")
        if init_bias_vis_marginals is not None:
            if init_bias_vis is not None:
                raise ValueError("give init_bias_vis or init_bias_vis_marginals, not both")
            init_bias_vis = _logits_of_means(init_bias_vis_marginals.get_design_matrix())
        self.nvis = nvis
        self.nhid = nhid
        self.rng = make_np_rng(rng, 1001)
        self.input_space = VectorSpace(nvis)
        self.output_space = VectorSpace(nhid)
        self.base_lr = base_lr
        self.anneal_start = anneal_start
        self.nchains = nchains
        self.sml_gibbs_steps = sml_gibbs_steps
        if random_patches_src is None:
            W = self.rng.uniform(-irange, irange, (nvis, nhid))
        else:
            W = irange * _patches(random_patches_src, nvis, nhid).T
        self.weights = self.add_param("weights", W)
        self.bias_vis = self.add_param("bias_vis", _biases(init_bias_vis, nvis, "init_bias_vis"))
        self.bias_hid = self.add_param("bias_hid", _biases(init_bias_hid, nhid, "init_bias_hid"))

    def param_name(self, attribute: str) -> str:
        """Return W, bias_vis or bias_hid."""
        return "W" if attribute == "weights" else attribute

    # The distribution

    def input_to_h_from_v(self, v: torch.Tensor) -> torch.Tensor:
        """Return the preactivation of the hidden units: (examples, nhid)."""
        return self.bias_hid + v @ self.weights

    def input_to_v_from_h(self, h: torch.Tensor) -> torch.Tensor:
        """Return the preactivation of the visible units: (examples, nvis)."""
        return self.bias_vis + h @ self.weights.T

    def mean_h_given_v(self, v: torch.Tensor) -> torch.Tensor:
        """Return the probabilities that the hidden units are 1."""
        return torch.sigmoid(self.input_to_h_from_v(v))

    def mean_v_given_h(self, h: torch.Tensor) -> torch.Tensor:
        """Return the means of the visible units."""
        return torch.sigmoid(self.input_to_v_from_h(h))

    def free_energy(self, v: torch.Tensor) -> torch.Tensor:
        """Return minus the logarithm of the unnormalized probability, of shape (examples,)."""
        return -(v @ self.bias_vis) - functional.softplus(self.input_to_h_from_v(v)).sum(1)

    def free_energy_given_v(self, v: torch.Tensor) -> torch.Tensor:
        """Return `free_energy`."""
        return self.free_energy(v)

    def free_energy_given_h(self, h: torch.Tensor) -> torch.Tensor:
        """Return the same of hidden units, of shape (examples,)."""
        return -(h @ self.bias_hid) - functional.softplus(self.input_to_v_from_h(h)).sum(1)

    def fprop(self, X: torch.Tensor) -> torch.Tensor:
        """Return the probabilities that the hidden units are 1: the representation."""
        return self.mean_h_given_v(X)

    def reconstruct(self, X: torch.Tensor) -> torch.Tensor:
        """Return the means of the visible units, given the hidden units' probabilities."""
        return self.mean_v_given_h(self.mean_h_given_v(X))

    # Samples

    def sample_hiddens(self, v: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
        """Return hidden units drawn given the visible ones."""
        mean = self.mean_h_given_v(v)
        return rng.binomial(mean, mean)

    def sample_visibles(self, mean: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
        """Return visible units drawn around their ``mean``."""
        return rng.binomial(mean, mean)

    def gibbs_step_for_v(self, v: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
        """Return visible units drawn given hidden ones, which are drawn given ``v``."""
        return self.sample_visibles(self.mean_v_given_h(self.sample_hiddens(v, rng)), rng)

    def reconstruction_error(self, v: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
        """Return the squared error of the visible units' means, given drawn hidden units.

        It is summed over units; its mean is over examples.
        """
        mean = self.mean_v_given_h(self.sample_hiddens(v, rng))
        return (mean - v).square().sum(1).mean()

    # Training

    def ml_gradients(self, pos_v: torch.Tensor, neg_v: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the gradient, for each parameter, of minus the log-likelihood.

        Parameters
        ----------
        pos_v
            Data, of shape (examples, nvis).
        neg_v
            Samples of the model, of shape (samples, nvis).
        """
        cost = self.free_energy(pos_v).mean() - self.free_energy(neg_v).mean()
        return torch.autograd.grad(cost, self.get_params(), materialize_grads=True)

    def set_up_training(self) -> None:
        """Make the chains for `train_batch`, unless they are there."""
        if self._learner is None:
            self._learner = ChainLearner(self)

    def train_batch(self, dataset: DenseDesignMatrix, batch_size: int) -> bool:
        """Train on a batch by stochastic maximum likelihood; return True: it never ends."""
        self.set_up_training()
        assert self._learner is not None
        batch = dataset.get_batch_design(batch_size)
        self._learner.learn(self, backend.to_tensor(batch))
        return True

    def get_default_cost(self) -> Cost:
        """Refuse: there are several ways to train an RBM."""
        raise NotImplementedError(
            f"a {type(self).__name__} has no default cost: give the algorithm one of "
            "pylearn2.costs.ebm_estimation (CDk, SML, SMD), or train by "
            "pylearn2.training_algorithms.default.DefaultTrainingAlgorithm"
        )

    def get_monitoring_channels(self, data: Data) -> dict[str, torch.Tensor]:
        """Return extremes and means of the biases and hidden units, and the error."""
        v = data[0]
        channels: dict[str, torch.Tensor] = {}
        for name, values in (
            ("bias_hid", self.bias_hid),
            ("bias_vis", self.bias_vis),
            ("h", self.mean_h_given_v(v).mean(0)),
        ):
            low, high = values.aminmax()
            channels |= {f"{name}_min": low, f"{name}_mean": values.mean(), f"{name}_max": high}
        rng = stream_for_call(lambda: MRGStreams(42), "the streams of a reconstruction")
        return channels | {"reconstruction_error": self.reconstruction_error(v, rng)}

    _learner: "ChainLearner | None" = None

    def __getstate__(self) -> dict[str, Any]:
        # As in pylearn2, chains are not part of a saved model.
        state = super().__getstate__()
        state["attributes"].pop("_learner", None)
        return state


class GaussianBinaryRBM(RBM):
    """A restricted Boltzmann machine with Gaussian visible and binary hidden units.

    Parameters
    ----------
    energy_function_class
        Its energy: ``!obj:pylearn2.energy_functions.rbm_energy.grbm_type_1 {}``.
    nvis, nhid, irange, rng, init_bias_hid
        As an `RBM`'s.
    mean_vis
        Whether the visible units are not drawn, but their means taken.
    init_sigma
        Initial standard deviation of the visible units.
    learn_sigma
        Whether it is a parameter.
    sigma_lr_scale
        Divisor of the parameter: the sigma learns with the square of it.
    min_sigma, max_sigma
        Where it is kept.
    """

    def __init__(
        self,
        energy_function_class: type[GRBM_Type_1],
        nvis: int,
        nhid: int,
        irange: float = 0.5,
        rng: Seed = None,
        mean_vis: bool = False,
        init_sigma: float = 2.0,
        learn_sigma: bool = False,
        sigma_lr_scale: float = 1.0,
        init_bias_hid: Any = 0.0,
        min_sigma: float = 0.1,
        max_sigma: float = 10.0,
    ) -> None:
        super().__init__(nvis, nhid, irange, rng, init_bias_hid=init_bias_hid)
        self.energy_function_class = energy_function_class
        self.mean_vis = mean_vis
        self.learn_sigma = learn_sigma
        self.sigma_lr_scale = float(sigma_lr_scale)
        self.min_sigma = min_sigma
        self.max_sigma = max_sigma
        driver = init_sigma / self.sigma_lr_scale
        if learn_sigma:
            self.sigma_driver: torch.Tensor = self.add_param("sigma_driver", driver)
        else:
            self.register_buffer("sigma_driver", backend.to_tensor(driver))

    @property
    def sigma(self) -> torch.Tensor:
        """The standard deviation of the visible units, given the hidden ones: a scalar."""
        return self.sigma_driver * self.sigma_lr_scale

    @property
    def energy_function(self) -> GRBM_Type_1:
        """The energy, of the present parameters."""
        return self.energy_function_class(
            weights=self.weights,
            bias_hid=self.bias_hid,
            bias_vis=self.bias_vis,
            sigma=self.sigma,
        )

    @torch.no_grad()
    def enforce_constraints(self) -> None:
        """Put sigma where it is allowed to be."""
        if self.learn_sigma:
            scale = self.sigma_lr_scale
            self.sigma_driver.clamp_(self.min_sigma / scale, self.max_sigma / scale)

    def mean_h_given_v(self, v: torch.Tensor) -> torch.Tensor:
        """Return the probabilities that the hidden units are 1."""
        return self.energy_function.mean_H_given_V(v)

    def mean_v_given_h(self, h: torch.Tensor) -> torch.Tensor:
        """Return the means of the visible units."""
        return self.energy_function.mean_V_given_H(h)

    def free_energy(self, v: torch.Tensor) -> torch.Tensor:
        """Return minus the logarithm of the unnormalized density, of shape (examples,)."""
        return self.energy_function.free_energy(v)

    def free_energy_given_h(self, h: torch.Tensor) -> torch.Tensor:
        """Refuse: it is not defined by the energy function."""
        raise NotImplementedError("a GaussianBinaryRBM has no free energy of hidden units")

    def score(self, v: torch.Tensor) -> torch.Tensor:
        """Return the derivative of the log-density: (examples, nvis)."""
        return self.energy_function.score(v)

    def sample_visibles(self, mean: torch.Tensor, rng: MRGStreams) -> torch.Tensor:
        """Return visible units drawn around their ``mean``, or that with ``mean_vis``."""
        return mean if self.mean_vis else rng.normal(mean) * self.sigma + mean


def build_stacked_RBM(
    nvis: int,
    nhids: Sequence[int],
    irange: float = 1e-3,
    rng: Seed = None,
    vis_type: str = "binary",
    input_mean_vis: bool = False,
) -> StackedBlocks:
    """Return a stack of RBMs, the lowest with Gaussian visible units where ``vis_type`` says so.

    Parameters
    ----------
    nvis
        Number of visible units of the lowest.
    nhids
        Number of hidden units of each.
    irange, rng
        As an `RBM`'s.
    vis_type
        'binary' or 'gaussian'.
    input_mean_vis
        ``mean_vis`` of a `GaussianBinaryRBM`.
    """
    if vis_type not in ("binary", "gaussian"):
        raise ValueError(f"vis_type is {vis_type!r}; it takes 'binary' or 'gaussian'")
    layers: list[Block] = []
    for level, nhid in enumerate(nhids):
        if level == 0 and vis_type == "gaussian":
            layers.append(
                GaussianBinaryRBM(GRBM_Type_1, nvis, nhid, irange, rng, mean_vis=input_mean_vis)
            )
        else:
            layers.append(RBM(nvis, nhid, irange, rng))
        nvis = nhid
    return StackedBlocks(layers)


def _biases(given: Any, units: int, argument: str) -> Array:
    try:
        return np.zeros(units) + (0.0 if given is None else np.asarray(given, dtype=float))
    except ValueError:
        raise ValueError(
            f"{argument} has shape {np.shape(given)}; it must be a number, or one for each of the "
            f"{units} units"
        ) from None


def _logits_of_means(X: Array) -> Array:
    """Return visible biases that make units as likely to be 1 as in the data."""
    if X.min() < 0 or X.max() > 1:
        raise ValueError(
            f"init_bias_vis_marginals holds numbers of {X.min()} to {X.max()}; binary units need "
            "0 to 1"
        )
    means = 0.01 + 0.98 * X.mean(0)
    logits: Array = np.log(means / (1 - means))
    return logits


def _patches(source: Any, nvis: int, nhid: int) -> Array:
    """Return the rows that the weights of each hidden unit begin with: (nhid, nvis)."""
    if hasattr(source, "get_batch_design"):
        source = source.get_batch_design(nhid)
    patches = np.asarray(source)
    if patches.shape != (nhid, nvis):
        raise ValueError(
            f"random_patches_src has shape {patches.shape}; ({nhid}, {nvis}) is needed, a row for "
            "each hidden unit"
        )
    return patches
