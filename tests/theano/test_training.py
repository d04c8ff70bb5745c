"""People's own Theano code trains, with PyTorch's numbers; it is stopped, and gone on with."""

import pickle

import numpy as np
import pytest
import theano
import theano.tensor as T
import torch
from theano.gradient import verify_grad
from theano_library import Cube, Descent, Halve, Model, Train

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.running.checkpoint import CheckpointFile
from pylearn2_jobman.running.preemption import Preemption
from pylearn2_jobman.running.runner import PhaseRunner, TrainingStopped


def by_pytorch(model, train):
    """The same training, written with PyTorch."""
    W, b, V, c = (torch.tensor(p.get_value(), requires_grad=True) for p in model.params)
    params, velocities = [W, b, V, c], [torch.zeros_like(p) for p in (W, b, V, c)]
    rng, costs = np.random.RandomState(5), []
    x_all, y_all = map(torch.tensor, train.dataset)
    for _ in range(train.algorithm.epochs):
        order, seen = rng.permutation(21), []
        for rows in np.split(order, 3):
            x, y = x_all[rows], y_all[rows]
            p = torch.softmax(torch.sigmoid(x @ W + b) @ V + c, 1)
            cost = -(y * p.log()).sum(1).mean() + 0.01 * (W.abs() ** 3).sum()
            for param, velocity, grad in zip(
                params, velocities, torch.autograd.grad(cost, params), strict=True
            ):
                velocity.mul_(0.5).sub_(0.5 * grad)
                with torch.no_grad():
                    param.add_(velocity)
            seen.append(float(cost.detach()))
        costs.append(float(np.mean(seen)))
    return params, costs


def test_a_library_of_ones_own_trains_with_the_numbers_of_pytorch():
    train = Train(Model(), Descent(epochs=3))
    params, costs = by_pytorch(train.model, train)
    train.main_loop()
    np.testing.assert_allclose(train.algorithm.costs, costs, rtol=1e-10)
    for ours, theirs in zip(train.model.params, params, strict=True):
        np.testing.assert_allclose(ours.get_value(), theirs.detach(), rtol=1e-10, atol=1e-12)


def test_an_op_of_ones_own_has_its_gradient_and_its_shape():
    verify_grad(Cube(), [np.random.RandomState(0).randn(2, 3)])
    x = T.matrix()
    assert theano.function([x], Cube()(x).shape)(np.ones((2, 5))).tolist() == [2, 5]


class TestStopped:
    EPOCHS = 4

    def build(self):
        return Train(Model(noise=9), Descent(self.EPOCHS), [Halve()])

    def run(self, tmp_path, *, until):
        """Train in a fresh object, from where the checkpoint says, until an epoch's end."""
        train = self.build()
        runner = PhaseRunner([train], CheckpointFile(tmp_path, "the text"))

        def switch(text):
            return "stop" if train.model.seen == until else None

        def main_loop(phase):
            Preemption(runner, switch).attach(phase)
            phase.main_loop()

        runner.restore()
        runner.train(main_loop)
        return train

    def result(self, train):
        halve = train.extensions[0]
        return pickle.dumps(
            [
                [p.get_value() for p in train.model.params],
                train.algorithm.costs,
                float(train.algorithm.rate.get_value()),
                halve.best,
                halve.best_values,
            ]
        )

    def test_it_ends_as_if_it_had_not_been(self, tmp_path):
        whole = self.build()
        whole.main_loop()
        for until in (1, 3):
            with pytest.raises(TrainingStopped):
                self.run(tmp_path, until=until)
        assert self.result(self.run(tmp_path, until=None)) == self.result(whole)

    def test_a_checkpoint_of_a_training_that_is_built_otherwise_is_refused(self, tmp_path):
        with pytest.raises(TrainingStopped):
            self.run(tmp_path, until=1)
        self.build = lambda: Train(Model(), Descent(self.EPOCHS), [Halve()])  # without noise
        with pytest.raises(CheckpointError, match="built otherwise than it was"):
            self.run(tmp_path, until=None)

    def test_the_checkpoint_says_what_it_is_of(self, tmp_path):
        with pytest.raises(TrainingStopped):
            self.run(tmp_path, until=1)
        with (
            theano.config.change_flags(floatX="float32"),
            pytest.raises(CheckpointError, match="floatX was float64, and is float32"),
        ):
            self.run(tmp_path, until=None)
