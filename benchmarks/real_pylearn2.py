"""An epoch of ours and of the real pylearn2, each in a process of its own.

    python benchmarks/real_pylearn2.py CHECKOUT [--repeats N]

One thread, float32: a network of 784-500-10 with sigmoid units, batches of 100 out of 10,000 random
examples, momentum. Prints the best of some epochs after the first, which compiles.
"""

import sys

sys.path.pop(0)  # this directory's queue.py would hide the standard library's

import argparse
import os
import subprocess
import time

TEXT = """
!obj:pylearn2.train.Train {
    dataset: !obj:pylearn2.testing.datasets.random_one_hot_dense_design_matrix {
        rng: !obj:numpy.random.RandomState { seed: 0 },
        num_examples: 10000, dim: 784, num_classes: 10 },
    model: !obj:pylearn2.models.mlp.MLP {
        nvis: 784,
        layers: [
            !obj:pylearn2.models.mlp.Sigmoid { layer_name: h0, dim: 500, irange: 0.05 },
            !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 10, irange: 0.05 } ] },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        learning_rate: 0.1, batch_size: 100,
        learning_rule: !obj:pylearn2.training_algorithms.learning_rule.Momentum {
            init_momentum: 0.5 } } }
"""


def epochs(repeats):
    """Print how many seconds the best epoch takes."""
    import torch

    from pylearn2_jobman.pylearn2.config import yaml_parse

    torch.set_num_threads(1)
    train = yaml_parse.load(TEXT)
    train.setup()
    taken = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        train.algorithm.train(train.dataset)
        taken.append(time.perf_counter() - began)
    print(f"{min(taken[1:]):.3f} s (the first: {taken[0]:.1f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", nargs="?")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    if chosen.checkout is None:
        epochs(chosen.repeats)
        return
    for backend in ("torch", "theano"):
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYLEARN2_BACKEND": backend,
            "PYTHONPATH": chosen.checkout,
        }
        print(f"{backend:8}", end="", flush=True)
        again = [sys.executable, __file__, "--repeats", str(chosen.repeats)]
        subprocess.run(again, env=environment, check=True)


if __name__ == "__main__":
    main()
