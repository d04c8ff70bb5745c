"""How fast the learner trains, against the same arithmetic written by hand.

    python benchmarks/training.py [--repeats N]

One thread, float32: an MLP of 784-500-10 with sigmoid units, batches of 100 out of 10,000
examples, momentum. Prints the time of an epoch as a multiple of that of its matrix products alone,
the best of some repeats taken in turns; then the time from YAML text to the first update of a
small MLP.
"""

import sys

sys.path.pop(0)  # this directory's queue.py would hide the standard library's

import argparse
import gc
import time

import numpy as np
import torch

from pylearn2_jobman.naming import aliases
from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Sigmoid, Softmax
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import Momentum
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

EXAMPLES, INPUTS, HIDDEN, CLASSES, BATCH = 10_000, 784, 500, 10, 100

SMALL = """
!obj:pylearn2.train.Train {
    dataset: !obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix {
        rng: 0, num_examples: 100, dim: 20, num_classes: 3 },
    model: !obj:pylearn2.models.mlp.MLP {
        nvis: 20,
        layers: [
            !obj:pylearn2.models.mlp.Sigmoid { layer_name: h0, dim: 30, irange: 0.1 },
            !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 3, irange: 0.1 } ] },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        learning_rate: 0.1, batch_size: 100,
        learning_rule: !obj:pylearn2.training_algorithms.learning_rule.Momentum {
            init_momentum: 0.5 } } }
"""


def ours(X, y):
    """An epoch of `SGD`."""
    layers = [
        Sigmoid(layer_name="h0", dim=HIDDEN, irange=0.05),
        Softmax(layer_name="y", n_classes=CLASSES, irange=0.05),
    ]
    dataset = DenseDesignMatrix(X=X, y=y)
    algorithm = SGD(learning_rate=0.1, batch_size=BATCH, learning_rule=Momentum(0.5))
    Train(dataset, MLP(nvis=INPUTS, layers=layers), algorithm).setup()
    return lambda: algorithm.train(dataset)


def by_hand(X, y):
    """An epoch of a loop as one writes it with PyTorch."""
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    model = torch.nn.Sequential(
        torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Sigmoid(), torch.nn.Linear(HIDDEN, CLASSES)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)

    def epoch():
        order = torch.randperm(EXAMPLES)
        for i in range(0, EXAMPLES, BATCH):
            batch = order[i : i + BATCH]
            loss = torch.nn.functional.cross_entropy(model(X[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def products(X, y):
    """The matrix products of an epoch, and nothing else."""
    X = torch.from_numpy(X[:BATCH])
    W, V = torch.rand(INPUTS, HIDDEN), torch.rand(HIDDEN, CLASSES)
    H, Z = torch.rand(BATCH, HIDDEN), torch.rand(BATCH, CLASSES)

    def epoch():
        for _ in range(EXAMPLES // BATCH):
            X @ W, H @ V, Z @ V.T, H.T @ Z, X.T @ H

    return epoch


def seconds(function):
    gc.collect()
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def first_update():
    """From text to the first update of a small MLP."""
    train_obj = yaml_parse.load(SMALL)
    train_obj.setup()
    train_obj.algorithm.train(train_obj.dataset)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    aliases.install()
    rng = np.random.RandomState(0)
    X = rng.rand(EXAMPLES, INPUTS).astype(np.float32)
    y = np.eye(CLASSES, dtype=np.float32)[rng.randint(0, CLASSES, EXAMPLES)]
    contenders = {
        "matrix products alone": products(X, y),
        "PyTorch by hand": by_hand(X, y),
        "pylearn2_jobman": ours(X, y),
    }
    # In turns, so that whatever else the machine does meets all of them.
    times = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, epoch in contenders.items():
            times[name].append(seconds(epoch))
    unit = min(times["matrix products alone"])
    print(f"an epoch, as a multiple of its matrix products ({unit:.3f} s):")
    for name, measured in times.items():
        print(f"  {name:24}{min(measured) / unit:6.2f}")
    first_update()
    fastest = min(seconds(first_update) for _ in range(repeats))
    print(f"YAML text to first update of a small MLP: {fastest * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
