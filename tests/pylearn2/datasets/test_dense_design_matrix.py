"""A matrix of examples gives batches in the form that a model wants."""

import pickle

import numpy as np
import pytest
import torch

from pylearn2_jobman.pylearn2.datasets.dense_design_matrix import DenseDesignMatrix
from pylearn2_jobman.pylearn2.space import CompositeSpace, NullSpace, VectorSpace

X = np.arange(12.0).reshape(6, 2)
LABELS = np.array([0, 1, 2, 0, 1, 2])
BOTH = (CompositeSpace([VectorSpace(2), VectorSpace(3)]), ("features", "targets"))


def test_batches_are_pairs_of_features_and_targets():
    dataset = DenseDesignMatrix(X=X, y=np.eye(3)[LABELS])
    batches = list(dataset.iterator("sequential", 4, data_specs=BOTH))
    assert [x.shape for x, _ in batches] == [(4, 2), (2, 2)]
    assert batches[1][1].tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("y", [LABELS, LABELS[:, None]])
def test_labels_become_one_hot_where_vectors_are_wanted(y):
    dataset = DenseDesignMatrix(X=X, y=y, y_labels=3)
    _, Y = next(dataset.iterator("sequential", 6, data_specs=BOTH))
    assert Y.tolist() == np.eye(3)[LABELS].tolist()
    assert dataset.y is y


def test_labels_without_their_number_are_refused_with_what_to_do():
    dataset = DenseDesignMatrix(X=X, y=LABELS[:, None])
    with pytest.raises(ValueError, match=r"VectorSpace\(dim=3\) is wanted; .*y_labels"):
        dataset.iterator("sequential", 6, data_specs=BOTH)


def test_what_nobody_wants_is_none():
    specs = CompositeSpace([VectorSpace(2), NullSpace()]), ("features", "")
    x, y = next(DenseDesignMatrix(X=X).iterator("sequential", 6, data_specs=specs))
    assert x.shape == (6, 2)
    assert y is None


def test_batches_have_the_float_type_whatever_x_has():
    dataset = DenseDesignMatrix(X=np.arange(12, dtype=np.uint8).reshape(6, 2))
    assert next(dataset.iterator("sequential", 3)).dtype == np.float32
    assert next(dataset.batches("sequential", 3)).dtype is torch.float32


def test_an_x_that_was_replaced_is_seen():
    dataset = DenseDesignMatrix(X=X)
    next(dataset.iterator("sequential", 6))
    dataset.X = X + 1
    assert next(dataset.iterator("sequential", 6)).tolist() == (X + 1).tolist()


def test_missing_targets_are_an_error_that_says_so():
    with pytest.raises(ValueError, match="needs targets, but this DenseDesignMatrix has none"):
        DenseDesignMatrix(X=X).iterator("sequential", 6, data_specs=BOTH)


def test_features_of_another_width_are_refused_before_the_first_batch():
    with pytest.raises(
        ValueError, match=r"the features .* VectorSpace\(dim=2\), but VectorSpace\("
    ):
        DenseDesignMatrix(X=X).iterator("sequential", 6, data_specs=(VectorSpace(5), "features"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs X"),
        ({"X": X.reshape(2, 2, 3)}, r"X has shape \(2, 2, 3\)"),
        ({"X": X, "y": LABELS, "y_labels": 2}, "labels from 0 to 2; with y_labels=2"),
        ({"X": X, "y_labels": 3}, "y_labels is given, but y is not"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        DenseDesignMatrix(**arguments)


@pytest.mark.parametrize(
    ("y", "labels", "message"),
    [
        (LABELS[:3, None], None, "6 examples, but y has 3"),
        (LABELS - 1, 3, "labels from -1 to 1; .* whole numbers, 0 to 2"),
        (LABELS + 0.5, 3, "labels from 0.5 to 2.5; .* whole numbers, 0 to 2"),
    ],
)
def test_targets_that_do_not_fit_are_refused_when_they_are_wanted(y, labels, message):
    dataset = DenseDesignMatrix(X=X, y=y, y_labels=labels)
    next(dataset.iterator("sequential", 6))
    with pytest.raises(ValueError, match=message):
        dataset.iterator("sequential", 6, data_specs=BOTH)


def test_labels_may_be_floats_and_more_than_the_examples():
    dataset = DenseDesignMatrix(X=X, y=np.r_[LABELS, 0, 1] * 1.0, y_labels=3)
    _, Y = next(dataset.iterator("sequential", 6, data_specs=BOTH))
    assert Y.tolist() == np.eye(3)[LABELS].tolist()


def test_a_vector_of_numbers_is_a_feature():
    assert DenseDesignMatrix(X=X.ravel()).X.tolist() == X.reshape(12, 1).tolist()


def test_a_batch_of_the_design_is_a_run_of_rows():
    dataset = DenseDesignMatrix(X=X, y=LABELS, y_labels=3)
    rows, labels = dataset.get_batch_design(3, include_labels=True)
    first = int(rows[0, 0] // 2)
    assert rows.tolist() == X[first : first + 3].tolist()
    assert labels.tolist() == LABELS[first : first + 3].tolist()
    with pytest.raises(ValueError, match="there are 6 examples"):
        dataset.get_batch_design(7)


def test_a_dataset_pickles_without_its_tensors():
    dataset = DenseDesignMatrix(X=X)
    next(dataset.iterator("sequential", 6))
    data = pickle.dumps(dataset)
    assert b"torch" not in data
    assert pickle.loads(data).get_design_matrix().tolist() == X.tolist()
