"""Stochastic gradient descent does what its arguments say, or refuses them."""

import logging

import numpy as np
import pytest
import torch

from pylearn2_jobman.errors import OldNameWarning
from pylearn2_jobman.pylearn2.costs.mlp import Default
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.models.mlp import MLP, Linear, Sigmoid, Softmax
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.learning_rule import AdaDelta, Momentum, RMSProp
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


def set_up(model, dataset, **kwargs):
    algorithm = SGD(**{"learning_rate": 0.5, "batch_size": 10} | kwargs)
    Train(dataset, model, algorithm).setup()
    return algorithm


class Watched(Default):
    """Remembers what the model was trained on, and how large the monitored batches were."""

    def __init__(self):
        self.trained_on, self.monitored_sizes = [], []

    def get_gradients(self, model, data):
        self.trained_on += data[0].tolist()
        return super().get_gradients(model, data)

    def get_monitoring_channels(self, model, data):
        self.monitored_sizes.append(len(data[0]))
        return super().get_monitoring_channels(model, data)


def test_a_batch_moves_parameters_against_the_gradient(blobs, mlp):
    algorithm = set_up(mlp, blobs, batch_size=40, train_iteration_mode="sequential")
    data = next(blobs.batches("sequential", 40, data_specs=mlp.get_data_specs(targets=True)))
    gradients = Default().get_gradients(mlp, data)
    expected = [p.detach() - 0.5 * g for p, g in zip(mlp.get_params(), gradients, strict=True)]
    algorithm.train(blobs)
    for parameter, value in zip(mlp.get_params(), expected, strict=True):
        torch.testing.assert_close(parameter.detach(), value)


def test_a_parameter_with_a_scaler_moves_so_much_more(blobs):
    def trained(**scales):
        model = MLP(nvis=3, layers=[Softmax(layer_name="y", n_classes=2, irange=0.5, **scales)])
        before = model.get_param_values()
        set_up(model, blobs, batch_size=40).train(blobs)
        pairs = zip(model.get_param_values(), before, strict=True)
        return [after - before for after, before in pairs]

    b, W = trained()
    b2, W3 = trained(b_lr_scale=2.0, W_lr_scale=3.0)
    np.testing.assert_allclose(b2, 2 * b, rtol=1e-4)
    np.testing.assert_allclose(W3, 3 * W, rtol=1e-4)


def test_an_epoch_may_be_shorter_than_the_dataset(blobs, mlp):
    algorithm = set_up(mlp, blobs, batches_per_iter=2)
    algorithm.train(blobs)
    assert mlp.monitor.get_examples_seen() == 20


def test_the_last_batch_may_be_smaller(blobs, mlp):
    set_up(mlp, blobs, batch_size=15).train(blobs)
    assert (mlp.monitor.get_batches_seen(), mlp.monitor.get_examples_seen()) == (3, 40)


def test_data_that_are_no_numbers_are_blamed_and_not_the_learning_rate(blobs, mlp):
    blobs.X[17, 1] = np.nan
    with pytest.raises(FloatingPointError) as caught:
        set_up(mlp, blobs).train(blobs)
    assert "1 of the 40 training examples hold NaN or infinity in 'features'" in str(caught.value)
    assert "the first one at index 17" in str(caught.value)
    assert "learning_rate" not in str(caught.value)


def test_training_that_diverges_ends_with_the_name_of_the_parameter(blobs):
    model = MLP(nvis=3, layers=[Linear(layer_name="y", dim=2, irange=0.5)])
    algorithm = set_up(model, blobs, learning_rate=1e30)
    with pytest.raises(FloatingPointError, match=r"y_W holds NaN or infinity after 0 whole epochs"):
        algorithm.train(blobs)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_parameters_that_are_no_numbers_are_refused_before_training(blobs, mlp, bad):
    mlp.set_param_vector(np.where(np.arange(mlp.get_param_vector().size) == 0, bad, 0.5))
    with pytest.raises(FloatingPointError, match=r"h0_W holds NaN or infinity after 0 whole epoch"):
        set_up(mlp, blobs)


def test_the_log_says_with_which_rate_each_parameter_begins(blobs, caplog):
    softmax = Softmax(layer_name="y", n_classes=2, irange=0.5, b_lr_scale=2.0)
    with caplog.at_level(logging.INFO):
        set_up(MLP(nvis=3, layers=[softmax]), blobs)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[-3:] == [
        "Parameter and initial learning rate summary:",
        "\tsoftmax_b: 1.0",
        "\tsoftmax_W: 0.5",
    ]


def test_how_to_monitor_is_no_use_without_what():
    with pytest.raises(ValueError, match="but no monitoring_dataset"):
        SGD(learning_rate=0.1, monitoring_batches=3)


def test_what_is_monitored_has_names(blobs):
    with pytest.raises(TypeError, match=r"such as \{'train': \.\.\., 'valid': \.\.\.\}"):
        SGD(learning_rate=0.1, monitoring_dataset=[blobs, blobs])
    with pytest.raises(TypeError, match="monitoring_costs are costs by the names"):
        SGD(learning_rate=0.1, monitoring_costs=[Default()])


def test_callbacks_come_after_each_batch(blobs, mlp):
    rates = []
    algorithm = set_up(
        mlp, blobs, update_callbacks=[lambda a: rates.append(a.monitor.get_batches_seen())]
    )
    algorithm.train(blobs)
    assert rates == [1, 2, 3, 4]


def test_one_callback_needs_no_list(blobs, mlp):
    seen = []
    set_up(mlp, blobs, update_callbacks=seen.append).train(blobs)
    assert len(seen) == 4


def test_the_order_changes_from_epoch_to_epoch_and_repeats_with_the_seed(blobs, mlp):
    def orders(seed):
        cost = Watched()
        algorithm = set_up(mlp, blobs, seed=seed, cost=cost)
        algorithm.train(blobs)
        algorithm.train(blobs)
        return [cost.trained_on[:40], cost.trained_on[40:]]

    first, second = orders(1)
    assert first != second
    assert sorted(first) == sorted(second) == sorted(blobs.X.astype("float32").tolist())
    assert orders(1) == [first, second]
    assert orders(2) != [first, second]


def test_without_a_criterion_training_goes_on(mlp):
    assert SGD(learning_rate=0.1, batch_size=10).continue_learning(mlp)


def test_only_the_number_of_monitored_batches_divides_the_whole_dataset(blobs, mlp):
    cost = Watched()
    set_up(mlp, blobs, cost=cost, monitoring_dataset=blobs, monitoring_batches=2)
    cost.monitored_sizes.clear()
    mlp.monitor()
    assert cost.monitored_sizes == [20, 20]


def test_the_batch_size_of_the_model_is_the_default(blobs):
    model = MLP(nvis=3, batch_size=8, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    assert set_up(model, blobs, batch_size=None).batch_size == 8


def test_two_batch_sizes_are_refused_unless_one_may_be_set(blobs):
    def model():
        return MLP(nvis=3, batch_size=8, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])

    with pytest.raises(ValueError, match="batch_size=10, but the model takes only batches of 8"):
        set_up(model(), blobs)
    changed = model()
    set_up(changed, blobs, set_batch_size=True)
    assert changed.force_batch_size == 10


@pytest.mark.parametrize(
    "arguments",
    [{}, {"train_iteration_mode": "even_sequential", "monitoring": True}],
)
def test_a_smaller_last_batch_is_refused_where_the_model_cannot_take_it(blobs, arguments):
    arguments = dict(arguments)
    if arguments.pop("monitoring", False):
        arguments["monitoring_dataset"] = blobs
        expected = "use monitor_iteration_mode: even_sequential"
    else:
        expected = "use train_iteration_mode: even_sequential"
    model = MLP(nvis=3, batch_size=15, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    with pytest.raises(ValueError, match=f"40 examples leave a last batch of 10: {expected}"):
        set_up(model, blobs, batch_size=15, **arguments)


def test_a_missing_batch_size_is_asked_for(blobs, mlp):
    with pytest.raises(ValueError, match="SGD needs batch_size"):
        set_up(mlp, blobs, batch_size=None)


def test_wrong_nvis_is_found_before_training(blobs):
    model = MLP(nvis=5, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    with pytest.raises(ValueError, match=r"features .* VectorSpace\(dim=3\), but .*\(dim=5\)"):
        set_up(model, blobs)


def test_a_wrong_number_of_classes_is_found_before_training(blobs):
    model = MLP(nvis=3, layers=[Softmax(layer_name="y", n_classes=3, irange=0.1)])
    with pytest.raises(ValueError, match=r"targets .* VectorSpace\(dim=2\), but .*\(dim=3\)"):
        set_up(model, blobs)


def test_a_dataset_without_targets_is_refused_for_a_cost_that_needs_them(mlp):
    with pytest.raises(ValueError, match="needs targets"):
        set_up(mlp, DenseDesignMatrix(X=np.zeros((10, 3))))


def test_several_costs_are_their_sum():
    with pytest.warns(OldNameWarning, match="a list of costs is now called SumOfCosts"):
        algorithm = SGD(learning_rate=0.1, cost=[Default(), [0.5, Default()]])
    assert algorithm.cost.coeffs == [1, 0.5]


def test_a_cost_that_is_none_is_refused():
    with pytest.raises(TypeError, match=r"the cost of SGD must be a .*Cost; it is a float"):
        SGD(learning_rate=0.1, cost=0.5)


def test_a_callback_that_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="update_callbacks holds a float"):
        SGD(learning_rate=0.1, update_callbacks=[0.5])


def test_theano_modes_are_ignored_with_a_note(caplog):
    with caplog.at_level(logging.INFO):
        SGD(learning_rate=0.1, theano_function_mode="FAST_RUN")
    assert "theano_function_mode is ignored" in caplog.text


def test_labels_train_as_one_hot_targets_do(blobs):
    def trained(y, **labels):
        layers = [
            Sigmoid(layer_name="h", dim=4, irange=0.5),
            Softmax(layer_name="y", n_classes=2, irange=0.5),
        ]
        model = MLP(nvis=3, layers=layers)
        dataset = DenseDesignMatrix(X=blobs.X, y=y, **labels)
        set_up(model, dataset).train(dataset)
        return model.get_param_vector().tolist()

    one_hot = trained(blobs.y)
    assert trained(blobs.y.argmax(1), y_labels=2) == one_hot
    assert trained(blobs.y.argmax(1)[:, None], y_labels=2) == one_hot


def test_nothing_is_lost_when_a_layer_takes_no_part(blobs):
    # The gradient of what the cost does not depend on is zero, as it was in pylearn2.
    model = MLP(nvis=3, layers=[Linear(layer_name="y", dim=2, irange=0.1, use_bias=False)])
    set_up(model, blobs).train(blobs)
    assert np.isfinite(model.get_param_vector()).all()


@pytest.mark.parametrize("rule", [None, Momentum(0.5), Momentum(0.5, True), AdaDelta(), RMSProp()])
def test_parameters_side_by_side_end_where_each_by_itself_does(blobs, rule):
    def trained(rule):
        layers = [
            Sigmoid(layer_name="h", dim=5, irange=0.5, W_lr_scale=0.5),
            Softmax(layer_name="y", n_classes=2, irange=0.5),
        ]
        model = MLP(nvis=3, layers=layers)
        algorithm = set_up(model, blobs, learning_rule=rule)
        for _ in range(3):
            algorithm.train(blobs)
        return model.get_param_vector().tolist()

    def by_itself(params, gradients, rates):
        type(rule).step(rule, list(params), gradients, rates)

    together = trained(rule)
    if rule is not None:
        rule.setup, setup = lambda params: setup(list(params)), rule.setup
        rule.step = by_itself
        assert trained(rule) == together


def test_a_parameter_that_is_replaced_is_trained_from_the_next_epoch_on(blobs, mlp):
    algorithm = set_up(mlp, blobs, learning_rule=Momentum(0.5))
    algorithm.train(blobs)
    W = torch.rand(3, 4)
    mlp.layers[0].W = torch.nn.Parameter(W.clone())
    mlp.layers[1].b.data = torch.ones(2)
    algorithm.train(blobs)
    assert not torch.equal(mlp.layers[0].W, W)
    assert not torch.equal(mlp.layers[1].b, torch.ones(2))


def test_examples_are_the_same_however_many_are_gathered_at_once(blobs, monkeypatch):
    def seen(size):
        monkeypatch.setattr("pylearn2_jobman.pylearn2.datasets.batches._BLOCK", size)
        return [(X.tolist(), len(X)) for X in blobs.iterator("shuffled_sequential", 7, rng=1)]

    assert seen(0) == seen(7 * 3 * 4 * 2) == seen(2**20)
