"""Arguments of constructors that changed are taken where their meaning is certain."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.errors import ConfigError, OldNameWarning
from pylearn2_jobman.naming import arguments
from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.space import Conv2DSpace
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD

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


@pytest.mark.filterwarnings("ignore::pylearn2_jobman.errors.OldNameWarning")
@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("costs.cost.LxReg { variables: [], x: 3 }", "p", 3),
        ("costs.general_cost.LxReg { variables: [], x: 3 }", "p", 3),
        (
            "costs.cost.make_method_cost { method: f, superclass: "
            "!import 'pylearn2.costs.cost.SupervisedCost' }",
            "supervised",
            True,
        ),
        (
            "costs.cost.make_method_cost { method: f, superclass: "
            "!import 'pylearn2.costs.cost.UnsupervisedCost' }",
            "supervised",
            False,
        ),
        (
            "costs.autoencoder.ModelMethodPenalty { method_name: f, coefficient: 2. }",
            "method",
            "f",
        ),
        (
            "models.mlp.RBM_Layer { layer_name: h, rbm: "
            "!obj:pylearn2.models.rbm.RBM { nvis: 3, nhid: 2 } }",
            "layer_content.nhid",
            2,
        ),
        (
            "models.mlp.RBM_Layer { layer_name: h, autoencoder: "
            "!obj:pylearn2.models.rbm.RBM { nvis: 3, nhid: 2 } }",
            "layer_content.nvis",
            3,
        ),
    ],
)
def test_a_class_that_moved_takes_what_it_took_before(text, attribute, value):
    made = load(text)
    for part in attribute.split("."):
        made = getattr(made, part)
    assert made == value


@pytest.mark.filterwarnings("ignore:.*SVHN_Light is now called")
def test_street_view_labels_need_no_one_hot():
    assert arguments.modernized_names("pylearn2.datasets.svhn.SVHN_Light", ["one_hot"]) == []
    with pytest.warns(OldNameWarning, match="'one_hot' is not needed now"):
        arguments.modernized("pylearn2.datasets.svhn.SVHN_Light", {"one_hot": True})


@pytest.mark.filterwarnings("ignore::pylearn2_jobman.errors.OldNameWarning")
def test_python_takes_old_arguments_as_yaml_does():
    class Mine(DenseDesignMatrix):
        def __init__(self):
            super().__init__(np.zeros((3, 2)), y=np.array([0, 1, 1]), max_labels=2)

    assert Mine().y_labels == 2
    assert SGD(0.1, init_momentum=0.5).learning_rule.momentum == 0.5
    assert Conv2DSpace([2, 2], nchannels=3).num_channels == 3
    with pytest.raises(TypeError, match="wrong"):
        Conv2DSpace([2, 2], wrong=3)


LAYERS = """layers: [
    !obj:pylearn2.models.mlp.Sigmoid { layer_name: a, dim: 4, irange: .5 },
    !obj:pylearn2.models.mlp.Sigmoid { layer_name: b, dim: 4, irange: .5 },
    !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 2, irange: .5 } ]"""


def test_the_dropout_of_an_mlp_of_2013_is_the_cost_that_it_became():
    with pytest.warns(OldNameWarning, match="became 'dropout' .*today dropout is a cost"):
        old = load(
            "models.mlp.MLP { nvis: 3, dropout_input_include_prob: .8, "
            f"dropout_include_probs: [.5, null, 1], dropout_scales: [3, null, 1], {LAYERS} }}"
        )
    new = load(f"models.mlp.MLP {{ nvis: 3, {LAYERS} }}")
    cost = load(
        "costs.mlp.dropout.Dropout { default_input_include_prob: null, "
        "input_include_probs: { a: .8, b: .5 }, input_scales: { a: 1.25, b: 3 } }"
    )
    data = torch.randn(20, 3), torch.eye(2)[torch.arange(20) % 2]
    assert torch.equal(old.get_default_cost().expr(old, data), cost.expr(new, data))
    assert torch.equal(old.cost_from_X(data), cost.expr(new, data))


def test_dropout_of_an_output_is_refused():
    with pytest.raises(ConfigError, match="the output of the last layer cannot be dropped"):
        load(f"models.mlp.MLP {{ nvis: 3, dropout_include_probs: [.5, .5, .5], {LAYERS} }}")


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
            "need a number, or null, for each of the 0 layers",
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
