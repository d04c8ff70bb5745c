"""Arguments of constructors that changed are taken where their meaning is certain."""

import pytest

from pylearn2_jobman.errors import ConfigError, OldNameWarning
from pylearn2_jobman.naming import arguments
from pylearn2_jobman.pylearn2.config import yaml_parse

PREFIX = "pylearn2_jobman.pylearn2."


def load(text):
    return yaml_parse.load(f"!obj:pylearn2.{text}")


@pytest.mark.parametrize(
    ("text", "warning", "attribute", "value"),
    [
        (
            "training_algorithms.sgd.SGD { learning_rate: 1, init_momentum: .5 }",
            r"SGD: 'init_momentum' became 'learning_rule'",
            "learning_rule.momentum",
            0.5,
        ),
        (
            "training_algorithms.sgd.SGD { learning_rate: 1, check_for_nan: True }",
            "'check_for_nan' is not needed now",
            "learning_rate",
            1,
        ),
        (
            "space.Conv2DSpace { shape: [2, 2], nchannels: 3 }",
            "Conv2DSpace: 'nchannels' became 'num_channels'",
            "num_channels",
            3,
        ),
        (
            "space.IndexSpace { num_classes: 7, dim: 1 }",
            "IndexSpace: 'num_classes' became 'max_labels'",
            "max_labels",
            7,
        ),
        (
            "models.mlp.Softmax { layer_name: y, n_classes: 3, irange: 0., binary_target: True,"
            " target_dim: 1 }",
            "'binary_target' and 'target_dim' became 'binary_target_dim'",
            "binary_target_dim",
            1,
        ),
        (
            "models.mlp.Softmax { layer_name: y, n_classes: 3, irange: 0., binary_target: False }",
            "became 'binary_target_dim'",
            "binary_target_dim",
            None,
        ),
        (
            "costs.cost.MethodCost { method: f, data_spec: [1, features] }",
            "'data_spec' became 'data_specs'",
            "data_specs",
            [1, "features"],
        ),
    ],
)
def test_an_argument_by_its_old_name(text, warning, attribute, value):
    with pytest.warns(OldNameWarning, match=warning):
        made = load(text)
    for part in attribute.split("."):
        made = getattr(made, part)
    assert made == value


def test_an_old_class_with_its_old_arguments():
    with pytest.warns(OldNameWarning) as caught:
        made = load(
            "costs.autoencoder.ScaleBy { coefficient: 0.5, cost: "
            "!obj:pylearn2.costs.autoencoder.ModelMethodPenalty { method_name: penalty } }"
        )
    assert made.coeffs == [0.5]
    assert made.costs[0].method == "penalty"
    assert [str(warning.message).split(" ")[0] for warning in caught] == [
        "pylearn2.costs.autoencoder.ScaleBy",
        "pylearn2.costs.autoencoder.ModelMethodPenalty",
        "pylearn2.costs.cost.MethodCost:",
        "pylearn2.costs.cost.SumOfCosts:",
    ]


def test_what_an_old_class_did_by_its_name():
    with pytest.warns(OldNameWarning, match="now called .*MonitorBasedSaveBest"):
        made = load("train_extensions.best_params.MonitorBasedStoreBest { channel_name: nll }")
    assert made.store_best_model


def test_callbacks_of_a_train_object_are_its_extensions(tmp_path):
    assert arguments.modernized_names("pylearn2.scripts.train.Train", ["model", "callbacks"]) == [
        "model",
        "extensions",
    ]
    with pytest.warns(OldNameWarning, match="Train: 'callbacks' became 'extensions'"):
        assert arguments.modernized("pylearn2.train.Train", {"callbacks": []}) == {"extensions": []}


def test_a_class_by_its_full_path_is_the_same_class():
    with pytest.warns(OldNameWarning, match="became 'num_channels'"):
        made = yaml_parse.load(f"!obj:{PREFIX}space.Conv2DSpace {{ shape: [2, 2], nchannels: 3 }}")
    assert made.num_channels == 3


def test_an_argument_by_both_names_is_refused():
    with pytest.raises(ConfigError, match="'num_channels' and also 'nchannels'"):
        load("space.Conv2DSpace { shape: [2, 2], nchannels: 3, num_channels: 4 }")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "models.mlp.MLP { layers: [], dropout_include_probs: [.5] }",
            r"does not take 'dropout_include_probs' any more: dropout is a cost now: .*Dropout",
        ),
        (
            "training_algorithms.sgd.SGD { learning_rate: 1, learning_rate_adjuster: 2 }",
            "'learning_rate_adjuster' any more: put it among the extensions of Train",
        ),
        (
            "training_algorithms.sgd.SGD { learning_rate: 1, learning_rate_adjuster: 2, sed: 3 }",
            r"(?s)any more: put it .* takes no argument 'sed'; did you mean 'seed'",
        ),
        (
            "datasets.preprocessing.GlobalContrastNormalization { std_bias: 1, use_norm: True }",
            "'std_bias' any more: the formula changed.*; nor 'use_norm' any more",
        ),
    ],
)
def test_an_argument_without_a_certain_meaning_is_refused_with_the_reason(text, message):
    with pytest.raises(ConfigError, match=message):
        load(text)
