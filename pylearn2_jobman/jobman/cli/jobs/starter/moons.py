"""A dataset, and what to keep of a training run."""

import numpy as np
from pylearn2.datasets.dense_design_matrix import DenseDesignMatrix


class Moons(DenseDesignMatrix):
    """Two half circles, one in the other, with noise."""

    def __init__(self, which_set, num_examples=400):
        rng = np.random.RandomState({"train": 1, "valid": 2}[which_set])
        label = np.arange(num_examples) % 2
        angle = rng.uniform(0, np.pi, num_examples)
        x = np.cos(angle) + label
        y = (1 - 2 * label) * np.sin(angle) + label / 2
        points = np.stack([x, y], axis=1) + rng.normal(0, 0.2, (num_examples, 2))
        super().__init__(X=points, y=label.reshape(-1, 1), y_labels=2)


def best_epoch(train):
    """Return the scores of the epoch with the lowest validation NLL."""
    channels = train.model.monitor.channels
    valid_nll = channels["valid_y_nll"].val_record
    best = int(np.argmin(valid_nll))
    return {
        "epoch": best,
        "valid_nll": valid_nll[best],
        "valid_error": channels["valid_y_misclass"].val_record[best],
    }
