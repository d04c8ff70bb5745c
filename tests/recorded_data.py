"""The data of the recorded runs, under the file names that their YAML files use."""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data" / "pylearn2"


def write_to(folder):
    """Write the files into a directory."""
    digits = np.load(DATA / "digits.npz")
    X, labels = digits["pixels"] / 16, digits["labels"].astype(np.int64).reshape(-1, 1)
    parts = {
        "digits": slice(None),
        "digits_train": slice(0, 1000),
        "digits_valid": slice(1000, 1400),
        "digits_test": slice(1400, None),
    }
    for name, part in parts.items():
        arrays = {"X": X[part], "y": np.eye(10)[labels[part, 0]], "labels": labels[part]}
        np.savez(folder / f"{name}.npz", **arrays)
        for key, array in arrays.items():
            np.save(folder / f"{name}_{key}.npy", array)
    np.savez(folder / "random_small.npz", **np.load(DATA / "random_small.npz"))
