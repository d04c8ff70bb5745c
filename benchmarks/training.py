"""How fast the learner trains, against the same arithmetic written by hand, and against others.

    python benchmarks/training.py [--repeats N] [--peers]

One thread, float32, momentum; examples that are random. Prints the time of a step as a multiple of
that of a loop written by hand with PyTorch, all taken in turns, the median of some repeats; then
the time from YAML text to the first update of a small MLP. With ``--peers``, Lightning, skorch and
scikit-learn are installed into an environment of their own, with the PyTorch that is here, and
take their turns in it.
"""

import sys

sys.path.pop(0)  # this directory's queue.py would hide the standard library's

import argparse
import gc
import os
import statistics
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

EXAMPLES = 5_000
SIZES = {  # inputs, hidden units, classes, examples in a batch
    "64-50-10": (64, 50, 10, 50),
    "784-500-10": (784, 500, 10, 100),
}
MAXOUT = (784, 240, 10, 100)  # two layers of units of five pieces, with dropout
PIECES = 5
PEERS = ["lightning", "skorch", "scikit-learn", f"torch=={torch.__version__.split('+')[0]}"]

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


# Each of these returns a function that trains for an epoch.


def products(X, y, hidden, batch):
    """The matrix products of the steps, and nothing else."""
    classes = y.shape[1]
    X = torch.from_numpy(X[:batch])
    W, V = torch.rand(X.shape[1], hidden), torch.rand(hidden, classes)
    H, Z = torch.rand(batch, hidden), torch.rand(batch, classes)

    def epoch():
        for _ in range(EXAMPLES // batch):
            X @ W, H @ V, Z @ V.T, H.T @ Z, X.T @ H

    return epoch


def hand_written(model, X, y, batch):
    """A loop as one writes it with PyTorch."""
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)

    def epoch():
        order = torch.randperm(EXAMPLES)
        for i in range(0, EXAMPLES, batch):
            chosen = order[i : i + batch]
            loss = torch.nn.functional.cross_entropy(model(X[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def network(inputs, hidden, classes):
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, classes)
    )


def by_hand(X, y, hidden, batch):
    return hand_written(network(X.shape[1], hidden, y.shape[1]), X, y, batch)


class Maxout(torch.nn.Linear):
    """Units that are the largest of some linear ones."""

    def __init__(self, inputs, units):
        super().__init__(inputs, units * PIECES)

    def forward(self, X):
        return super().forward(X).unflatten(1, (-1, PIECES)).amax(2)


def maxout_by_hand(X, y, hidden, batch):
    model = torch.nn.Sequential(
        torch.nn.Dropout(0.2),
        Maxout(X.shape[1], hidden),
        torch.nn.Dropout(),
        Maxout(hidden, hidden),
        torch.nn.Dropout(),
        torch.nn.Linear(hidden, y.shape[1]),
    )
    return hand_written(model, X, y, batch)


def trained(layers, X, y, batch, cost=None):
    """An epoch of `SGD`."""
    from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
    from pylearn2_jobman.pylearn2.models.mlp import MLP
    from pylearn2_jobman.pylearn2.train import Train
    from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import Momentum
    from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

    dataset = DenseDesignMatrix(X=X, y=y)
    algorithm = SGD(learning_rate=0.1, batch_size=batch, learning_rule=Momentum(0.5), cost=cost)
    Train(dataset, MLP(nvis=X.shape[1], layers=layers), algorithm).setup()
    return lambda: algorithm.train(dataset)


def ours(X, y, hidden, batch):
    from pylearn2_jobman.pylearn2.models.mlp import Sigmoid, Softmax

    layers = [
        Sigmoid(layer_name="h0", dim=hidden, irange=0.05),
        Softmax(layer_name="y", n_classes=y.shape[1], irange=0.05),
    ]
    return trained(layers, X, y, batch)


def our_maxout(X, y, hidden, batch):
    from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout
    from pylearn2_jobman.pylearn2.models import maxout
    from pylearn2_jobman.pylearn2.models.mlp import Softmax

    layers = [
        maxout.Maxout(layer_name="h0", num_units=hidden, num_pieces=PIECES, irange=0.005),
        maxout.Maxout(layer_name="h1", num_units=hidden, num_pieces=PIECES, irange=0.005),
        Softmax(layer_name="y", n_classes=y.shape[1], irange=0.005),
    ]
    cost = Dropout(input_include_probs={"h0": 0.8}, input_scales={"h0": 1.25})
    return trained(layers, X, y, batch, cost)


def lightning(X, y, hidden, batch):
    import logging

    import lightning as L  # noqa: N812

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.network = network(X.shape[1], hidden, y.shape[1])

        def training_step(self, batch, index):
            return torch.nn.functional.cross_entropy(self.network(batch[0]), batch[1])

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.5)

    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    loader = torch.utils.data.DataLoader(data, batch_size=batch, shuffle=True)
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}

    def epoch():
        L.Trainer(max_epochs=1, accelerator="cpu", enable_checkpointing=False, **quiet).fit(
            Module(), loader
        )

    return epoch


def skorch(X, y, hidden, batch):
    from skorch import NeuralNet

    net = NeuralNet(
        partial(network, X.shape[1], hidden, y.shape[1]),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        lr=0.1,
        optimizer__momentum=0.5,
        batch_size=batch,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    ).initialize()
    return lambda: net.partial_fit(X, y, epochs=1)


def scikit_learn(X, y, hidden, batch):
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        (hidden,),
        "logistic",
        solver="sgd",
        batch_size=batch,
        learning_rate_init=0.1,
        momentum=0.5,
        nesterovs_momentum=False,
        alpha=0.0,
    )
    labels, classes = y.argmax(1), np.arange(y.shape[1])
    return lambda: net.partial_fit(X, labels, classes=classes)


OF_PEERS = {"Lightning": lightning, "skorch": skorch, "scikit-learn": scikit_learn}


def in_turns(contenders, repeats):
    """Return the median seconds of each, taken in turns: what else runs here meets all of them."""
    times = {name: [] for name in contenders}
    for epoch in contenders.values():
        epoch()
    for _ in range(repeats):
        for name, epoch in contenders.items():
            gc.collect()
            began = time.perf_counter()
            epoch()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in times.items()}


def compare(title, makers, sizes, repeats):
    inputs, hidden, classes, batch = sizes
    rng = np.random.RandomState(0)
    X = rng.rand(EXAMPLES, inputs).astype(np.float32)
    y = np.eye(classes, dtype=np.float32)[rng.randint(0, classes, EXAMPLES)]
    times = in_turns({name: make(X, y, hidden, batch) for name, make in makers.items()}, repeats)
    unit = times["PyTorch by hand"]
    print(f"{title}, batches of {batch}; by hand {unit * batch / EXAMPLES * 1e6:.0f} us a step:")
    for name, seconds in times.items():
        print(f"  {name:24}{seconds / unit:6.2f}", flush=True)


def first_update():
    """From text to the first update of a small MLP."""
    from pylearn2_jobman.pylearn2.config import yaml_parse

    train_obj = yaml_parse.load(SMALL)
    train_obj.setup()
    train_obj.algorithm.train(train_obj.dataset)


def with_peers(repeats):
    """Run this script again in an environment that has the peers."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        command = [python, "-W", "ignore", __file__, "--only-peers", "--repeats", str(repeats)]
        settings = {"PYTHONPATH": "", "OMP_NUM_THREADS": "1"}  # for NumPy, too
        subprocess.run(command, check=True, cwd=folder, env=os.environ | settings)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", action="store_true", help="install others, and measure them")
    parser.add_argument("--only-peers", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    repeats = arguments.repeats
    torch.set_num_threads(1)
    if arguments.only_peers:
        for title, sizes in SIZES.items():
            compare(title, {"PyTorch by hand": by_hand} | OF_PEERS, sizes, repeats)
        return
    makers = {"PyTorch by hand": by_hand, "matrix products alone": products}
    for title, sizes in SIZES.items():
        compare(title, makers | {"pylearn2_jobman": ours}, sizes, repeats)
    maxout = {"PyTorch by hand": maxout_by_hand, "pylearn2_jobman": our_maxout}
    compare("maxout 784-240-240-10 with dropout", maxout, MAXOUT, repeats)

    from pylearn2_jobman.naming import aliases

    aliases.install()
    seconds = in_turns({"": first_update}, max(repeats, 20))[""]
    print(f"YAML text to first update of a small MLP: {seconds * 1e3:.1f} ms")
    if arguments.peers:
        with_peers(repeats)


if __name__ == "__main__":
    main()
