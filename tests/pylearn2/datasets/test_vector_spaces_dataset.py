"""Sources may have any names, and models ask for them."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.config import yaml_parse
from pylearn2_jobman.pylearn2.datasets.vector_spaces_dataset import VectorSpacesDataset
from pylearn2_jobman.pylearn2.models.mlp import MLP, Linear
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, IndexSpace, VectorSpace

RNG = np.random.RandomState(0)
LEFT, RIGHT, IMAGES = RNG.randn(8, 2), RNG.randn(8, 3), RNG.randn(1, 4, 5, 8)
LABELS = RNG.randint(0, 2, (8, 1))

EXPERIMENT = """
!obj:pylearn2.train.Train {
    dataset: &data !obj:pylearn2.datasets.vector_spaces_dataset.VectorSpacesDataset {
        data: [!obj:numpy.load { file: left.npy }, !obj:numpy.load { file: right.npy },
               !obj:numpy.load { file: labels.npy }],
        data_specs: [!obj:pylearn2.space.CompositeSpace { components: [
            !obj:pylearn2.space.VectorSpace { dim: 2 },
            !obj:pylearn2.space.VectorSpace { dim: 3 },
            !obj:pylearn2.space.IndexSpace { max_labels: 2, dim: 1 } ] }, [left, right, kind]]
    },
    model: !obj:pylearn2.models.mlp.MLP {
        input_space: !obj:pylearn2.space.CompositeSpace { components: [
            !obj:pylearn2.space.VectorSpace { dim: 2 },
            !obj:pylearn2.space.VectorSpace { dim: 3 } ] },
        input_source: [left, right],
        target_source: kind,
        layers: [
            !obj:pylearn2.models.mlp.CompositeLayer {
                layer_name: both,
                layers: [
                    !obj:pylearn2.models.mlp.Tanh { layer_name: a, dim: 4, irange: .5 },
                    !obj:pylearn2.models.mlp.Sigmoid { layer_name: b, dim: 5, irange: .5 } ],
                inputs_to_layers: { 0: [1], 1: [0] }
            },
            !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 2, irange: .5 }
        ]
    },
    algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        learning_rate: .1, batch_size: 4, monitoring_dataset: *data,
        termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter { max_epochs: 30 }
    }
}
"""


def test_an_experiment_names_its_sources(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, array in (("left", LEFT), ("right", RIGHT), ("labels", LABELS)):
        np.save(f"{name}.npy", array)
    train_obj = yaml_parse.load(EXPERIMENT)
    model = train_obj.model
    shapes = {name: tuple(param.shape) for name, param in model.named_params()}
    assert shapes["a_W"] == (3, 4)  # the second input goes to the first layer
    assert shapes["b_W"] == (2, 5)
    assert shapes["softmax_W"] == (9, 2)
    train_obj.main_loop()
    record = model.monitor.channels["objective"].val_record
    assert record[-1] < record[0]
    assert "both_a_max_x_max_u" in model.monitor.channels


def test_images_may_have_any_order_of_axes():
    space = Conv2DSpace((4, 5), num_channels=1, axes=("c", 0, 1, "b"))
    dataset = VectorSpacesDataset(IMAGES, (space, "pixels"))
    assert dataset.get_num_examples() == 8
    assert not dataset.has_targets()
    batch = next(dataset.batches("sequential", 3, data_specs=(space, "pixels")))
    torch.testing.assert_close(batch, torch.tensor(IMAGES[..., :3], dtype=torch.float32))


def both(*arrays):
    spaces = CompositeSpace([VectorSpace(2), VectorSpace(3)])
    return VectorSpacesDataset(arrays, (spaces, ("left", "targets")))


def test_what_does_not_fit_is_refused():
    assert both(LEFT, RIGHT).has_targets()
    with pytest.raises(ValueError, match=r"different numbers of examples: \{'left': 7"):
        both(LEFT[:7], RIGHT)
    with pytest.raises(ValueError, match=r"source 'left': an array of shape \(8, 3\) is not in"):
        both(RIGHT, RIGHT)
    with pytest.raises(ValueError, match="there are 2 sources and 1 arrays"):
        both(LEFT)
    labels = VectorSpacesDataset(LABELS, (IndexSpace(2, 1), "kind"))
    with pytest.raises(ValueError, match=r"no source 'kin'; did you mean 'kind'"):
        labels.source("kin")


def test_a_source_that_is_not_there_is_refused_before_training():
    model = MLP(nvis=2, input_source="lft", layers=[Linear(layer_name="y", dim=3, irange=0.1)])
    with pytest.raises(ValueError, match="no source 'lft'; did you mean 'left'"):
        next(
            both(LEFT, RIGHT).iterator(
                "sequential", 3, data_specs=model.get_data_specs(targets=True)
            )
        )
