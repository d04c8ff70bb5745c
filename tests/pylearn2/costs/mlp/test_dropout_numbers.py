"""Dropout gives the numbers of an independent computation in NumPy."""

import numpy as np
from numpy_mlp import LAYER_SEED, Dense, MRG31k3p, batches, monitored, softmax_cost, uniform

from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax, Tanh
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

N, INPUTS, CLASSES = 23, 5, 3
RNG = np.random.RandomState(7)
X, ONE_HOT = RNG.randn(N, INPUTS), np.eye(CLASSES)[RNG.randint(0, CLASSES, N)]
BATCH, RATE = 6, 0.1


def test_each_expression_has_masks_of_its_own(monkeypatch):
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    rng = np.random.RandomState(LAYER_SEED)
    h0 = Dense("tanh", uniform(rng, (INPUTS, 4), 0.5), np.zeros(4))
    y = Dense("softmax", rng.uniform(-0.5, 0.5, (4, CLASSES)), np.zeros(CLASSES))

    def masked():
        """The cost with masks of its own, as a function of a batch."""
        streams = MRG31k3p(max(rng.randint(2**15), 1))
        for_h0, for_y = streams.call(BATCH * INPUTS), streams.call(BATCH * 4)

        def cost(X, Y):
            H = h0.forward(X * (for_h0(X.shape) < 0.8) * 1.25)
            y.mask = (for_y(H.shape) < 0.5) * 2.0
            y.forward(H * y.mask)
            return softmax_cost(y, Y)

        return cost

    masked()  # the expression that pylearn2 built and did not use
    training, test, train = masked(), masked(), masked()

    dataset = DenseDesignMatrix(X=X, y=ONE_HOT)
    model = MLP(
        nvis=INPUTS,
        layers=[
            Tanh(layer_name="h0", dim=4, irange=0.5),
            Softmax(layer_name="y", n_classes=CLASSES, irange=0.5),
        ],
    )
    algorithm = SGD(
        RATE,
        Dropout(input_include_probs={"h0": 0.8}, input_scales={"h0": 1.25}),
        BATCH,
        monitoring_dataset={"train": dataset, "test": dataset},
        termination_criterion=EpochCounter(2),
    )
    Train(dataset, model, algorithm).main_loop()

    objectives = {"test": [], "train": []}

    def monitor():
        for name, cost in (("test", test), ("train", train)):
            channels = monitored(lambda *data, cost=cost: {"x": cost(*data)[0]}, X, ONE_HOT, BATCH)
            objectives[name].append(channels["x"])

    monitor()
    for subsets in batches(N, 2, BATCH):
        for subset in subsets:
            _, G = training(X[subset], ONE_HOT[subset])
            h0.backward(y.backward_linear(G) * y.mask)
            for layer in (h0, y):
                layer.W, layer.b = layer.W - RATE * layer.gW, layer.b - RATE * layer.gb
        monitor()
    for name, values in objectives.items():
        record = model.monitor.channels[f"{name}_objective"].val_record
        np.testing.assert_allclose(record, values, rtol=1e-10)
    for value, expected in zip(model.get_param_values(), (h0.W, h0.b, y.b, y.W), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)
