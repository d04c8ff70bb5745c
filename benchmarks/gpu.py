"""How fast the learner trains on a GPU, against the same arithmetic written by hand.

    python benchmarks/gpu.py [--device cuda]

For a checkout on a machine with PyTorch and NumPy; takes less than two minutes. Prints the time of
an epoch as a multiple of that of a loop written by hand with PyTorch, whose data is on the GPU too,
taken in turns, the median of five; then whether a step waits for the GPU, and whether gradients by
the steps backward have the same bits as autograd's.
"""

import sys
from pathlib import Path

sys.path.pop(0)  # this directory's queue.py would hide the standard library's
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import argparse
import gc
import itertools
import os
import statistics
import time

import numpy as np
import torch
from torch import nn

EXAMPLES, CLASSES, REPEATS = 20_000, 10, 5
SIZES = {  # inputs, hidden units of each layer, examples in a batch
    "64-50-10, batches of 50": (64, [50], 50),
    "784-500-10, batches of 100": (784, [500], 100),
    "784-1200-1200-10, batches of 500": (784, [1200, 1200], 500),
}


def by_hand(X, y, hidden, batch, device):
    """An epoch of a loop as one writes it with PyTorch."""
    X, y = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
    sizes = [X.shape[1], *hidden]
    layers = [
        layer
        for below, above in itertools.pairwise(sizes)
        for layer in (nn.Linear(below, above), nn.Sigmoid())
    ]
    model = nn.Sequential(*layers, nn.Linear(sizes[-1], CLASSES)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)

    def epoch():
        order = torch.randperm(EXAMPLES, device=device)
        for i in range(0, EXAMPLES, batch):
            chosen = order[i : i + batch]
            loss = nn.functional.cross_entropy(model(X[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def ours(X, y, hidden, batch, cost=None):
    """The algorithm and the dataset of an epoch of ours."""
    from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
    from pylearn2_jobman.pylearn2.models.mlp import MLP, Sigmoid, Softmax
    from pylearn2_jobman.pylearn2.train import Train
    from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import Momentum
    from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

    layers = [Sigmoid(layer_name=f"h{i}", dim=units, irange=0.05) for i, units in enumerate(hidden)]
    model = MLP(
        nvis=X.shape[1], layers=[*layers, Softmax(layer_name="y", n_classes=CLASSES, irange=0.05)]
    )
    dataset = DenseDesignMatrix(X=X, y=y)
    algorithm = SGD(learning_rate=0.1, batch_size=batch, learning_rule=Momentum(0.5), cost=cost)
    Train(dataset, model, algorithm).setup()
    return algorithm, dataset


def batch_of(algorithm, dataset):
    specs = algorithm.model.get_data_specs(targets=True)
    return next(dataset.iterator("sequential", algorithm.batch_size, data_specs=specs))


def waits(algorithm, dataset):
    """Return the first thing in a step that waits for the GPU; empty if none does."""
    data = batch_of(algorithm, dataset)
    algorithm.step(data)
    torch.cuda.set_sync_debug_mode("error")
    try:
        algorithm.step(data)
    except RuntimeError as error:
        return str(error).splitlines()[0]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return ""


def same_bits(algorithm, dataset):
    model, cost, data = algorithm.model, algorithm.cost, batch_of(algorithm, dataset)
    assert cost.has_backward(model)
    expected = torch.autograd.grad(cost.expr(model, data), model.get_params())
    return all(map(torch.equal, cost.get_gradients(model, data), expected))


def in_turns(contenders, synchronize):
    times = {name: [] for name in contenders}
    for repeat in range(REPEATS + 1):
        for name, epoch in contenders.items():
            gc.collect()
            synchronize()
            began = time.perf_counter()
            epoch()
            synchronize()
            if repeat:  # the first is for warming up
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    device = parser.parse_args().device
    os.environ["PYLEARN2_DEVICE"] = device
    on_gpu = device.startswith("cuda")
    print(torch.cuda.get_device_name() if on_gpu else device, torch.__version__)
    synchronize = torch.cuda.synchronize if on_gpu else lambda: None
    rng = np.random.RandomState(0)
    y = np.eye(CLASSES, dtype=np.float32)[rng.randint(0, CLASSES, EXAMPLES)]
    for title, (inputs, hidden, batch) in SIZES.items():
        X = rng.rand(EXAMPLES, inputs).astype(np.float32)
        algorithm, dataset = ours(X, y, hidden, batch)

        def epoch(algorithm=algorithm, dataset=dataset):
            algorithm.train(dataset)

        contenders = {"by hand": by_hand(X, y, hidden, batch, device), "ours": epoch}
        times = in_turns(contenders, synchronize)
        steps = EXAMPLES // batch
        print(f"{title}:", end=" ")
        print(", ".join(f"{name} {t / steps * 1e6:.0f} us a step" for name, t in times.items()))
        print(f"  ours, as a multiple: {times['ours'] / times['by hand']:.2f}")
        print(f"  gradients have autograd's bits: {same_bits(algorithm, dataset)}")
        if on_gpu:
            print(f"  a step waits for the GPU: {waits(algorithm, dataset) or 'never'}", flush=True)
    from pylearn2_jobman.pylearn2.costs.mlp.dropout import Dropout

    algorithm, dataset = ours(X, y, [500], 100, Dropout())
    if on_gpu:
        print(f"with dropout, a step waits for the GPU: {waits(algorithm, dataset) or 'never'}")


if __name__ == "__main__":
    main()
