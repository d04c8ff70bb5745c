"""Batch gradient descent gives the numbers of an independent computation in NumPy."""

import numpy as np
import pytest
from numpy_mlp import Dense, LineSearches, softmax_cost

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.bgd import BGD

N, INPUTS, CLASSES = 23, 5, 3
RNG = np.random.RandomState(7)
X, ONE_HOT = RNG.randn(N, INPUTS), np.eye(CLASSES)[RNG.randint(0, CLASSES, N)]


@pytest.mark.parametrize(
    ("searches", "scale_step"),
    [
        ({}, 1.0),
        ({"conjugate": True, "reset_alpha": False}, 1.0),
        ({"line_search_mode": "exhaustive"}, 0.5),
        ({"line_search_mode": "exhaustive", "conjugate": True, "reset_conjugate": False}, 0.5),
    ],
)
def test_line_searches_take_the_same_steps(searches, scale_step, monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    dataset = DenseDesignMatrix(X=X, y=ONE_HOT)
    model = MLP(nvis=INPUTS, layers=[Softmax(layer_name="y", n_classes=CLASSES, irange=0.1)])
    y = Dense("softmax", None)

    def evaluated(at, batch):
        y.b, y.W = at[:CLASSES], at[CLASSES:].reshape(INPUTS, CLASSES)
        y.forward(X[batch])
        return softmax_cost(y, ONE_HOT[batch])

    def gradient(at, batch):
        y.backward_linear(evaluated(at, batch)[1])
        return np.concatenate([y.gb, y.gW.ravel()])

    theirs = LineSearches(
        lambda at, batch: evaluated(at, batch)[0],
        gradient,
        searches.get("line_search_mode"),
        searches.get("conjugate", False),
        searches.get("reset_alpha", True),
        searches.get("reset_conjugate", True),
    )
    at = model.get_param_vector()
    algorithm = BGD(
        batch_size=12,
        updates_per_batch=3,
        monitoring_dataset=dataset,
        scale_step=scale_step,
        termination_criterion=EpochCounter(2),
        **searches,
    )
    Train(dataset, model, algorithm).main_loop()

    rng = np.random.RandomState([2012, 10, 16])
    for _ in range(2):
        order = np.arange(N)
        rng.shuffle(order)
        for batch in (order[:12], order[12:]):
            at = (1 - scale_step) * at + scale_step * theirs.minimize(at, batch, 3)
    np.testing.assert_allclose(model.get_param_vector(), at, rtol=1e-8, atol=1e-10)
    for name, mean in theirs.means.items():
        assert model.monitor.channels[name].val_record[-1] == pytest.approx(mean, rel=1e-8)
