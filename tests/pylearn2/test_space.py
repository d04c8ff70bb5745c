"""Batches of one space become batches of another."""

import numpy as np
import pytest
import torch
from scipy import sparse

from pylearn2_jobman.pylearn2.space import (
    CompositeSpace,
    Conv2DSpace,
    IndexSpace,
    NullSpace,
    VectorSpace,
)


def test_a_label_becomes_a_one_hot_vector():
    labels = torch.tensor([[2], [0]])
    hot = IndexSpace(max_labels=3, dim=1).format_as(labels, VectorSpace(3))
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert hot.dtype is torch.float32


def test_two_labels_become_one_vector_or_two_side_by_side():
    labels = torch.tensor([[2, 0]])
    space = IndexSpace(max_labels=3, dim=2)
    assert space.format_as(labels, VectorSpace(3)).tolist() == [[1, 0, 1]]
    assert space.format_as(labels, VectorSpace(6)).tolist() == [[0, 0, 1, 1, 0, 0]]


def test_what_does_not_fit_is_refused_with_both_spaces():
    with pytest.raises(ValueError, match=r"VectorSpace\(dim=2\).*VectorSpace\(dim=3\)"):
        VectorSpace(2).format_as(torch.zeros(1, 2), VectorSpace(3))


def test_spaces_are_equal_when_they_hold_the_same_batches():
    assert VectorSpace(2) == VectorSpace(2) != VectorSpace(3)
    assert IndexSpace(3, 1) != VectorSpace(3)
    assert CompositeSpace([VectorSpace(2), NullSpace()]) == CompositeSpace(
        [VectorSpace(2), NullSpace()]
    )
    assert len({VectorSpace(2), VectorSpace(2)}) == 1


def test_a_composite_space_has_the_dimensions_of_its_parts():
    space = CompositeSpace([VectorSpace(2), IndexSpace(5, 1), NullSpace()])
    assert space.get_total_dimension() == 3


def test_a_data_type_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'float23'"):
        VectorSpace(2, dtype="float23")


SPACES = [
    VectorSpace(3),
    VectorSpace(3, dtype="float64"),
    IndexSpace(max_labels=4, dim=2),
    Conv2DSpace([2, 3], num_channels=4, axes=("c", 0, 1, "b")),
    CompositeSpace([VectorSpace(3), CompositeSpace([IndexSpace(4, 1)]), NullSpace()]),
    VectorSpace(3, sparse=True),
]


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_a_batch_of_zeros_is_a_batch(space):
    batch = space.get_origin_batch(5)
    space.np_validate(batch)
    assert space.np_batch_size(batch) == 5
    space.validate(space.as_tensors(batch))
    again = space.np_format_as(batch, space)
    space.np_validate(again)


def test_an_origin_is_one_example():
    assert VectorSpace(3).get_origin().shape == (3,)
    assert SPACES[3].get_origin().shape == (4, 2, 3)
    assert SPACES[4].get_origin()[0].tolist() == [0, 0, 0]
    assert VectorSpace(3).get_origin_batch(2, dtype="float64").dtype == np.float64


@pytest.mark.parametrize("space", SPACES[:4], ids=repr)
@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((5, 7)), [[0.0]], None])
def test_what_is_no_batch_is_refused(space, wrong):
    with pytest.raises((TypeError, ValueError), match=r"a batch of"):
        space.np_validate(wrong)
    with pytest.raises(TypeError, match="is a tensor; got"):
        space.validate(wrong)


def test_arrays_become_arrays_of_another_space():
    labels = np.array([[2, 2], [0, 1]])
    hot = IndexSpace(3, 2).np_format_as(labels, VectorSpace(3, dtype="float64"))
    assert hot.tolist() == [[0, 0, 1], [1, 1, 0]]  # a label that stands twice is there
    assert hot.dtype == np.float64
    with pytest.raises(TypeError, match="labels are integers"):
        IndexSpace(3, 2).np_format_as(labels * 1.0, VectorSpace(3))
    batch = np.random.RandomState(0).rand(5, 2, 3, 4)
    b01c = Conv2DSpace([2, 3], num_channels=4)
    c01b = b01c.np_format_as(batch, SPACES[3])
    np.testing.assert_allclose(c01b, batch.transpose(3, 1, 2, 0), rtol=1e-6)
    moved = Conv2DSpace.convert_numpy(batch, ("b", 0, 1, "c"), ("c", 0, 1, "b"))
    np.testing.assert_array_equal(moved, batch.transpose(3, 1, 2, 0))


def test_sparse_vectors_are_dense_tensors():
    space = VectorSpace(3, sparse=True)
    batch = sparse.csr_matrix(np.eye(3))
    assert space.as_tensors(batch).tolist() == np.eye(3).tolist()
    assert space.np_format_as(batch, VectorSpace(3)).tolist() == np.eye(3).tolist()
    assert VectorSpace(3).np_format_as(np.eye(3), space).nnz == 3
    assert space != VectorSpace(3)
    with pytest.raises(TypeError, match="is a sparse matrix; got a ndarray"):
        space.np_validate(np.eye(3))


def test_equal_spaces_have_the_same_data_type():
    double = VectorSpace(3, dtype="float64")
    assert double != VectorSpace(3)
    assert double.alike(VectorSpace(3))
    assert CompositeSpace([double]) != CompositeSpace([VectorSpace(3)])
    assert CompositeSpace([double, NullSpace()]).dtype == ("float64", NullSpace().dtype)
