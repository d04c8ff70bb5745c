"""Datasets of one's own are trained on, and datasets answer as people call them."""

import copy

import numpy as np
import pytest

from pylearn2_jobman.pylearn2.datasets.dataset import Dataset
from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import (
    DenseDesignMatrix,
    convert_to_one_hot,
    dataset_range,
    from_dataset,
    set_axes,
)
from pylearn2_jobman.pylearn2.datasets.transformer_dataset import TransformerDataset
from pylearn2_jobman.pylearn2.datasets.vector_spaces_dataset import VectorSpacesDataset
from pylearn2_jobman.pylearn2.models.mlp import MLP, Sigmoid, Softmax
from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, NullSpace, VectorSpace
from pylearn2_jobman.pylearn2.termination_criteria import EpochCounter
from pylearn2_jobman.pylearn2.train import Train
from pylearn2_jobman.pylearn2.training_algorithms.sgd import SGD
from pylearn2_jobman.pylearn2.utils.data_specs import DataSpecsMapping, is_flat_specs
from pylearn2_jobman.pylearn2.utils.iteration import (
    FiniteDatasetIterator,
    SubsetIterator,
    resolve_iterator_class,
)

RNG = np.random.RandomState(0)
X, LABELS = RNG.randn(23, 4), np.arange(23) % 3
Y = np.eye(3)[LABELS]
IMAGES = RNG.rand(6, 2, 3, 1)
SPECS = CompositeSpace([VectorSpace(4), VectorSpace(3)]), ("features", "targets")


class WithData(Dataset):
    """Says what it has, and leaves the rest to the base class."""

    def get_data(self):
        return X, Y

    def get_data_specs(self):
        return SPECS

    def get_num_examples(self):
        return len(X)


class WithIterator(WithData):
    """Iterates as the datasets of 2013 did."""

    stochastic = None

    def iterator(
        self,
        mode=None,
        batch_size=None,
        num_batches=None,
        rng=None,
        data_specs=None,
        return_tuple=False,
    ):
        mode, batch_size, num_batches, rng, data_specs = self._init_iterator(
            mode, batch_size, num_batches, rng, data_specs
        )
        assert is_flat_specs(data_specs)
        return FiniteDatasetIterator(
            self,
            mode(len(X), batch_size, num_batches, rng),
            data_specs=data_specs,
            return_tuple=return_tuple,
        )


class WithGet(WithIterator):
    def get(self, sources, indexes):
        assert sources == ("features", "targets")
        return X[indexes], Y[indexes]


class OwnMatrix(DenseDesignMatrix):
    def __init__(self):
        super().__init__(X=X, y=Y)

    def iterator(self, *args, **kwargs):
        self.asked = kwargs
        return super().iterator(*args, **kwargs)


def trained(dataset):
    model = MLP(nvis=4, layers=[Softmax(layer_name="y", n_classes=3, irange=0.1)])
    algorithm = SGD(
        learning_rate=0.1,
        batch_size=5,
        monitoring_dataset=dataset,
        termination_criterion=EpochCounter(2),
    )
    Train(dataset, model, algorithm).main_loop()
    return [model.get_param_vector(), model.monitor.channels["objective"].val_record]


@pytest.mark.parametrize("kind", [WithData, WithIterator, WithGet, OwnMatrix])
def test_a_dataset_of_ones_own_is_trained_on(kind):
    dataset = kind()
    for ours, expected in zip(trained(dataset), trained(DenseDesignMatrix(X=X, y=Y)), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert dataset.has_targets()


def test_what_another_model_makes_of_a_dataset_of_ones_own_is_trained_on():
    hidden = MLP(nvis=4, layers=[Sigmoid(layer_name="h", dim=4, irange=0.5)])
    first, second = (
        trained(TransformerDataset(raw, hidden))
        for raw in (WithIterator(), DenseDesignMatrix(X=X, y=Y))
    )
    np.testing.assert_allclose(first[0], second[0], rtol=1e-6)


def test_a_dataset_without_anything_says_what_it_needs():
    with pytest.raises(NotImplementedError, match="Empty has neither get_data nor an iterator"):
        type("Empty", (Dataset,), {})().get_num_examples()
    with pytest.raises(ValueError, match="WithData has no source 'x'; it has features, targets"):
        WithData().iterator(batch_size=3, data_specs=(VectorSpace(1), "x"))


@pytest.mark.parametrize("dataset", [WithIterator(), DenseDesignMatrix(X=X, y=Y)])
def test_iterators_yield_arrays_and_tell_their_sizes(dataset):
    iterator = dataset.iterator("sequential", 10, data_specs=SPECS)
    assert (iterator.batch_size, iterator.num_examples, iterator.stochastic) == (10, 23, False)
    assert iterator.num_batches == 3
    assert iterator.uneven
    features, targets = iterator.next()
    assert type(features) is type(targets) is np.ndarray
    np.testing.assert_allclose(features, X[:10], rtol=1e-6)
    assert [len(x) for x, _ in iterator] == [10, 3]
    one = SPECS[0].components[0], "features"
    assert dataset.iterator("sequential", 10, data_specs=one).next().shape == (10, 4)
    (only,) = dataset.iterator("sequential", 10, data_specs=one, return_tuple=True).next()
    assert only.shape == (10, 4)


def test_converters_of_sources_are_called():
    order = resolve_iterator_class("sequential")(23, 4)
    doubled = FiniteDatasetIterator(WithData(), order, SPECS, convert=[lambda x: 2 * x, None])
    features, _ = next(doubled)
    np.testing.assert_array_equal(features, 2 * X[:4])


def test_an_order_of_ones_own_has_next_alone():
    class Backwards(SubsetIterator):
        def __init__(self, dataset_size, batch_size, num_batches, rng=None):
            self._batch_size, self._num_batches = batch_size, dataset_size // batch_size
            self._left = self._num_batches

        def next(self):
            if not self._left:
                raise StopIteration
            self._left -= 1
            return slice(self._left * self._batch_size, (self._left + 1) * self._batch_size)

    iterator = DenseDesignMatrix(X=X).iterator(Backwards, 11)
    assert iterator.num_examples == 22
    np.testing.assert_allclose(np.concatenate(list(iterator)), np.r_[X[11:22], X[:11]], rtol=1e-6)


def test_nested_data_specs_become_flat_and_back():
    a, b = VectorSpace(2), VectorSpace(3)
    space = CompositeSpace([CompositeSpace([a, b]), NullSpace(), a])
    mapping = DataSpecsMapping((space, (("x", "y"), "", "x")))
    assert mapping.flatten(space) == CompositeSpace([a, b])
    assert mapping.flatten((("x", "y"), "", "x"), return_tuple=True) == ("x", "y")
    assert mapping.nest((1, 2)) == ((1, 2), None, 1)
    assert mapping.n_unique_specs == 2
    assert not is_flat_specs((space, (("x", "y"), "", "x")))


# What people call of a DenseDesignMatrix.


def test_a_matrix_tells_what_it_has():
    dataset = DenseDesignMatrix(X=X, y=LABELS, y_labels=3)
    assert dataset.get_data()[0] is dataset.X
    assert dataset.get_data_specs() == dataset.data_specs
    space, sources = dataset.data_specs
    assert sources == ("features", "targets")
    assert space.components[0] == dataset.X_space == VectorSpace(4)
    assert space.components[1].max_labels == 3
    assert dataset.X_topo_space is None
    assert DenseDesignMatrix(X=X).get_data_specs() == (VectorSpace(4), "features")


def test_images_are_shown_in_every_way():
    dataset = DenseDesignMatrix(topo_view=IMAGES, rng=3)
    assert dataset.X_topo_space == Conv2DSpace([2, 3], num_channels=1)
    assert dataset.view_shape() == dataset.weights_view_shape() == (2, 3, 1)
    np.testing.assert_array_equal(dataset.get_weights_view(dataset.X), IMAGES)
    np.testing.assert_array_equal(dataset.get_design_matrix(IMAGES), dataset.X)
    before = copy.deepcopy(dataset.get_stream_position())
    batch = dataset.get_batch_topo(2)
    dataset.set_stream_position(before)
    np.testing.assert_array_equal(dataset.get_topological_view(dataset.get_batch_design(2)), batch)
    c01b = Conv2DSpace([2, 3], num_channels=1, axes=("c", 0, 1, "b"), dtype="float64")
    np.testing.assert_array_equal(
        dataset.get_formatted_view(dataset.X, c01b), IMAGES.transpose(3, 1, 2, 0)
    )
    assert np.abs(dataset.adjust_for_viewer(dataset.X * 9)).max() == 1
    assert dataset.adjust_to_be_viewed_with(dataset.X * 9, dataset.X).max() == 1
    assert set_axes(dataset, ("c", 0, 1, "b")) is dataset
    assert dataset.get_topological_view().shape == (1, 2, 3, 6)
    assert dataset.get_topo_batch_axis() == 3
    with pytest.raises(ValueError, match="its rows are not images"):
        DenseDesignMatrix(X=X).get_weights_view(X)


def test_labels_become_one_hot():
    dataset = convert_to_one_hot(DenseDesignMatrix(X=X, y=LABELS + 2), min_class=2)
    np.testing.assert_array_equal(dataset.y, Y)
    assert dataset.data_specs[0].components[1] == VectorSpace(3)
    with pytest.raises(ValueError, match="y holds the label 2; min_class is 3"):
        DenseDesignMatrix(X=X, y=LABELS + 2).convert_to_one_hot(min_class=3)


def test_parts_of_a_dataset():
    dataset = DenseDesignMatrix(X=X, y=Y)
    first, rest = dataset.split_dataset_holdout(train_prop=0.6)
    assert (len(first), len(rest)) == (14, 9)
    np.testing.assert_allclose(np.r_[first, rest], X, rtol=1e-6)
    assert [len(fold) for fold in dataset.split_dataset_nfolds(4)] == [6, 6, 6, 5]
    assert [len(fold) for fold in dataset.bootstrap_nfolds(4, rng=1)] == [6] * 4
    assert [len(part) for part in dataset.bootstrap_holdout(train_size=20, rng=1)] == [20, 3]
    part = dataset_range(dataset, 3, 8)
    np.testing.assert_array_equal(part.y, Y[3:8])
    assert len(from_dataset(dataset, 7).X) == 7
    assert from_dataset(DenseDesignMatrix(topo_view=IMAGES), 4).view_shape() == (2, 3, 1)
    dataset.restrict(2, 5)
    np.testing.assert_array_equal(dataset.X, X[2:5])
    dataset.restrict(None, None)
    assert dataset.get_num_examples() == 3


def test_sources_of_any_name_are_data():
    dataset = VectorSpacesDataset((X, Y), SPECS)
    assert dataset.get_data_specs() is SPECS
    assert dataset.get_data()[1] is Y
