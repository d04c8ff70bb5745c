"""A dataset may be seen through a model."""

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.models.mlp import MLP, Softmax, Tanh
from pylearn2_jobman.pylearn2.space import CompositeSpace, VectorSpace
from pylearn2_jobman.pylearn2.testing.datasets import (
    random_dense_design_matrix,
    random_one_hot_dense_design_matrix,
    random_one_hot_topological_dense_design_matrix,
)
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD


@pytest.fixture
def encoder():
    return MLP(nvis=3, layers=[Tanh(layer_name="h", dim=4, irange=0.5)])


def test_features_are_the_models_output_and_targets_stay(blobs, encoder):
    dataset = TransformerDataset(raw=blobs, transformer=encoder)
    specs = CompositeSpace([VectorSpace(4), VectorSpace(2)]), ("features", "targets")
    batches = dataset.batches("sequential", 15, data_specs=specs)
    seen = list(batches)
    assert [len(X) for X, _ in seen] == [15, 15, 10]
    expected = encoder.fprop(torch.tensor(blobs.X, dtype=torch.float32)).detach()
    torch.testing.assert_close(torch.cat([X for X, _ in seen]), expected)
    assert torch.cat([Y for _, Y in seen]).tolist() == blobs.y.tolist()
    assert batches.size == 10
    np.testing.assert_allclose(dataset.get_design_matrix(), expected, rtol=1e-6)


def test_a_model_is_trained_on_what_another_makes_of_the_data(blobs, encoder):
    dataset = TransformerDataset(raw=blobs, transformer=encoder)
    model = MLP(nvis=4, layers=[Softmax(layer_name="y", n_classes=2, irange=0.1)])
    before = encoder.get_param_vector()
    algorithm = SGD(learning_rate=0.5, batch_size=10, monitoring_dataset=dataset)
    Train(dataset, model, algorithm).setup()
    model.monitor()
    for _ in range(20):
        algorithm.train(dataset)
    model.monitor()
    first, last = model.monitor.channels["y_nll"].val_record
    assert last < 0.7 * first
    np.testing.assert_array_equal(encoder.get_param_vector(), before)


def test_a_space_may_be_preserved(blobs):
    class Negative:
        def get_input_space(self):
            return VectorSpace(3)

        def perform(self, X):
            return -X

    dataset = TransformerDataset(blobs, Negative(), space_preserving=True)
    np.testing.assert_allclose(next(dataset.iterator("sequential", 40)), -blobs.X, rtol=1e-6)


def test_random_datasets_are_what_their_names_say():
    labelled = random_dense_design_matrix(0, 6, 3, 4)
    assert (labelled.X.shape, labelled.y.shape, labelled.y_labels) == ((6, 3), (6, 1), 4)
    assert not random_dense_design_matrix(0, 6, 3, None).has_targets()
    assert random_one_hot_dense_design_matrix(0, 6, 3, 4).y.sum(1).tolist() == [1] * 6
    images = random_one_hot_topological_dense_design_matrix(0, 6, (4, 5), 2, ("c", 0, 1, "b"), 3)
    assert images.get_topological_view().shape == (2, 4, 5, 6)
    again = random_one_hot_dense_design_matrix(np.random.RandomState(0), 6, 3, 4)
    np.testing.assert_array_equal(again.X, random_one_hot_dense_design_matrix(0, 6, 3, 4).X)
