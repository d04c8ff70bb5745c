"""Batches of one space become batches of another."""

import pytest
import torch

from pylearn2_jobman.pylearn2.space import CompositeSpace, IndexSpace, NullSpace, VectorSpace


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
