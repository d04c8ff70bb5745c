"""Images change their axes, and become vectors and back."""

import pytest
import torch

from pylearn2_jobman.pylearn2.space import CompositeSpace, Conv2DSpace, VectorSpace

B01C = Conv2DSpace(shape=[2, 3], num_channels=4)
C01B = Conv2DSpace(shape=[2, 3], num_channels=4, axes=("c", 0, 1, "b"))


def test_axes_are_put_in_another_order():
    batch = torch.randn(5, 2, 3, 4)
    other = B01C.format_as(batch, C01B)
    assert other.shape == (4, 2, 3, 5)
    assert torch.equal(C01B.format_as(other, B01C), batch)


def test_vectors_hold_rows_then_columns_then_channels_whatever_the_axes():
    batch = torch.randn(5, 2, 3, 4)
    vectors = B01C.format_as(batch, VectorSpace(24))
    assert torch.equal(vectors, batch.reshape(5, 24))
    assert torch.equal(C01B.format_as(B01C.format_as(batch, C01B), VectorSpace(24)), vectors)
    assert torch.equal(VectorSpace(24).format_as(vectors, B01C), batch)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="cannot be given"):
        B01C.format_as(torch.zeros(1, 2, 3, 4), Conv2DSpace(shape=[3, 2], num_channels=4))
    with pytest.raises(ValueError, match="cannot be given"):
        VectorSpace(23).format_as(torch.zeros(1, 23), B01C)


def test_the_old_name_of_the_channels_is_understood():
    assert Conv2DSpace(shape=[2, 3], channels=4) == B01C


@pytest.mark.parametrize(
    "arguments",
    [{}, {"channels": 1, "num_channels": 1}, {"num_channels": 1, "axes": ("b", 0, 1, 2)}],
)
def test_an_incomplete_description_is_refused(arguments):
    with pytest.raises(ValueError, match="a Conv2DSpace"):
        Conv2DSpace(shape=[2, 3], **arguments)


def test_parts_are_put_side_by_side_and_taken_apart():
    space = CompositeSpace([VectorSpace(2), B01C])
    parts = torch.randn(5, 2), torch.randn(5, 2, 3, 4)
    vectors = space.format_as(parts, VectorSpace(26))
    assert torch.equal(vectors[:, :2], parts[0])
    again = VectorSpace(26).format_as(vectors, space)
    assert all(torch.equal(a, b) for a, b in zip(again, parts, strict=True))
    assert torch.equal(space.format_as(parts, space)[1], parts[1])
