"""The handwritten digits as a dataset, and what to keep of a training run."""

from pathlib import Path

import numpy
from pylearn2.datasets.dense_design_matrix import DenseDesignMatrix

SETS = {"train": slice(0, 1000), "valid": slice(1000, 1400), "test": slice(1400, 1797)}


def digits(which_set):
    """Return one of the three sets: 8x8 pixels between 0 and 1, labels 0 to 9."""
    with numpy.load(Path(__file__).with_name("digits.npz")) as data:
        pixels = data["pixels"][SETS[which_set]] / 16.0
        labels = data["labels"][SETS[which_set]].astype("int64")
    return DenseDesignMatrix(X=pixels, y=labels.reshape(-1, 1), y_labels=10)


def best_epoch(train_obj):
    """Return the scores of the epoch with the lowest validation NLL."""
    channels = train_obj.model.monitor.channels
    valid_nll = channels["valid_y_nll"].val_record
    best = min(range(len(valid_nll)), key=valid_nll.__getitem__)
    return {
        "epoch": best,
        "valid_nll": valid_nll[best],
        "valid_error": channels["valid_y_misclass"].val_record[best],
        "test_error": channels["test_y_misclass"].val_record[best],
    }
