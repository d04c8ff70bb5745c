"""Random numbers from seeds."""

import random

import numpy


def main(state, channel):
    random.seed(1)
    numpy.random.seed(2)
    state.results = {
        "python": [random.random() for _ in range(3)],
        "numpy": [float(x) for x in numpy.random.randn(3)],
        "generator": float(numpy.random.default_rng(3).standard_normal()),
    }


if __name__ == "__main__":
    import as_script

    as_script.run(main)
