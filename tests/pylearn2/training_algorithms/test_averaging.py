"""The mean of the parameters is saved, and training does not notice."""

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD, PolyakAveraging
from pylearn2_jobman.pylearn2.utils import serial


def test_the_saved_parameters_are_the_mean_over_batches_since_the_start(blobs, mlp, tmp_path):
    path, seen = str(tmp_path / "mean.pkl"), []

    def look(algorithm):
        if algorithm.monitor.get_epochs_seen() >= 1:
            seen.append(mlp.get_param_vector())

    algorithm = SGD(
        learning_rate=0.5,
        batch_size=10,
        update_callbacks=look,
        termination_criterion=EpochCounter(3),
    )
    Train(blobs, mlp, algorithm, extensions=[PolyakAveraging(start=1, save_path=path)]).main_loop()
    mean = serial.load(path).get_param_vector()
    np.testing.assert_allclose(mean, np.mean(seen, axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(mlp.get_param_vector(), seen[-1])


def test_a_frequency_of_zero_is_refused():
    with pytest.raises(ValueError, match="save_freq is 0"):
        PolyakAveraging(start=1, save_freq=0)
