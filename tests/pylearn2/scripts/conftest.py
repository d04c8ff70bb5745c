"""A saved model."""

import pytest

from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


@pytest.fixture
def saved(tmp_path, blobs):
    model = MLP(nvis=3, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=10,
        monitoring_dataset={"valid": blobs},
        termination_criterion=EpochCounter(3),
    )
    Train(blobs, model, algorithm, save_path=str(tmp_path / "m.pkl"), save_freq=1).main_loop()
    return model, tmp_path / "m.pkl"
