"""The handwritten digits for every trainer, a network, and what to keep of a training."""

from pathlib import Path

import numpy

SETS = {"train": slice(0, 1000), "valid": slice(1000, 1400), "test": slice(1400, 1797)}


def digits(which_set):
    """Return the pixels of a set, between 0 and 1, and its labels: arrays, as any library has."""
    with numpy.load(Path(__file__).with_name("digits.npz")) as data:
        pixels = data["pixels"][SETS[which_set]] / 16.0
        labels = data["labels"][SETS[which_set]].astype("int64")
    return pixels, labels


def network(nhid):
    """Return a PyTorch module, the same at every call."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(64, nhid), nn.ReLU(), nn.Dropout(0.2), nn.Linear(nhid, 10))


def best_epoch(trainer):
    """Return the scores of the epoch with the lowest validation NLL, whatever trained it."""
    channels = trainer.model.monitor.channels
    valid_nll = channels["valid_y_nll"].val_record
    best = min(range(len(valid_nll)), key=valid_nll.__getitem__)
    return {
        "epoch": channels["valid_y_nll"].epoch_record[best],
        "valid_nll": valid_nll[best],
        "valid_error": channels["valid_y_misclass"].val_record[best],
    }
