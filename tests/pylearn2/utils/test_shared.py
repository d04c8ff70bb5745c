"""Parameters, rates and times have the methods of Theano's shared variables."""

import copy
import pickle

import numpy as np
import pytest
from torch import nn

from pylearn2_jobman.pylearn2.models.mlp import MLP, Sigmoid, Softmax
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import Momentum
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils import sharedX
from pylearn2_jobman.running.packing import pack, unpack


class Halved(TrainExtension):
    """Changes rates as people's extensions do."""

    def on_monitor(self, model, dataset, algorithm):
        for shared in (algorithm.learning_rate, algorithm.learning_rule.momentum):
            shared.set_value(np.float32(0.5) * shared.get_value(borrow=True))


def new_training(dataset, epochs=2, **kwargs):
    layers = [Sigmoid(layer_name="h0", dim=4, irange=0.1), Softmax(2, "y", irange=0.1)]
    algorithm = SGD(
        learning_rate=0.5,
        batch_size=10,
        learning_rule=Momentum(0.8),
        monitoring_dataset=dataset,
        termination_criterion=EpochCounter(epochs),
        **kwargs,
    )
    return Train(dataset, MLP(layers, nvis=dataset.X.shape[1]), algorithm, extensions=[Halved()])


def test_rates_that_an_extension_sets_are_used_recorded_and_kept_in_checkpoints(blobs):
    train = new_training(blobs)
    train.main_loop()
    algorithm = train.algorithm
    assert algorithm.learning_rate == 0.0625
    assert algorithm.learning_rule.momentum == pytest.approx(0.1)
    assert train.model.monitor.channels["learning_rate"].val_record == [0.5, 0.25, 0.125]
    again = new_training(blobs)
    again.load_state_dict(unpack(pack(train.state_dict())))
    assert again.algorithm.learning_rate.get_value() == 0.0625
    assert again.training_seconds.get_value() == train.training_seconds > 0
    again.algorithm.termination_criterion = EpochCounter(1)
    again.main_loop()
    assert again.algorithm.learning_rate == 0.03125


def test_a_rate_may_be_set_between_batches(blobs):
    rates = []

    def lower(algorithm):
        rates.append(float(algorithm.learning_rate))
        algorithm.learning_rate.set_value(algorithm.learning_rate.get_value() / 2)

    train = new_training(blobs, epochs=1, update_callbacks=lower)
    train.extensions.clear()
    train.main_loop()
    assert rates == [0.5, 0.25, 0.125, 0.0625]


def test_a_shared_number_is_a_number_that_follows_its_attribute():
    algorithm = SGD("0.5")
    rate = algorithm.learning_rate
    assert rate * 2 == 1.0
    assert isinstance(rate, float)
    algorithm.learning_rate = 0.25
    assert rate.get_value() == 0.25
    rate.set_value(np.array([0.125]))
    assert algorithm.learning_rate == 0.125
    algorithm.learning_rate = sharedX(1.0)
    assert algorithm.learning_rate == 1.0
    with pytest.raises(ValueError, match=r"learning_rate of a SGD is one number; .*\(2,\)"):
        rate.set_value([1, 2])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_a_rate_of_its_own(copied):
    algorithm = SGD(0.5)
    other = copied(algorithm)
    other.learning_rate.set_value(0.1)
    assert (algorithm.learning_rate, other.learning_rate) == (0.5, 0.1)


def test_parameters_have_names_and_values_that_can_be_set(mlp):
    W = mlp.get_params()[0]
    assert type(W) is nn.Parameter  # the quickest
    assert [param.name for param in mlp.get_params()] == [n for n, _ in mlp.named_params()]
    assert W.name == "h0_W"
    W.set_value(np.ones(W.shape), borrow=True)
    assert (W.get_value() == 1).all()
    W.get_value()[:] = 2
    assert (W.get_value() == 1).all()
    assert np.shares_memory(W.get_value(borrow=True), W.detach().numpy())
    assert np.shares_memory(mlp.get_param_values(borrow=True)[0], W.detach().numpy())
    with pytest.raises(ValueError, match=r"h0_W has shape .*; a value of \(1,\) was given"):
        W.set_value([1.0])


def test_names_survive_in_files_and_copies(mlp):
    mlp.layers[0].extra = sharedX(1.0, name="mine")
    names = [name for name, _ in mlp.named_params()]
    assert "mine" in names
    for other in (copy.deepcopy(mlp), pickle.loads(pickle.dumps(mlp))):
        assert [param.name for param in other.get_params()] == names


def test_a_step_reads_rates_from_where_objects_keep_attributes():
    assert "learning_rate" in vars(SGD(0.5))
    assert not hasattr(type(vars(SGD)["learning_rate"]), "__get__")
