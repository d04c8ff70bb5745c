"""A state goes through a file that is read without running code, and comes back as it was."""

import io

import numpy as np
import pytest
import torch

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.pylearn2.utils.state import NOT_KEPT, NestedState
from pylearn2_jobman.running.packing import pack, unpack


def through_a_file(value):
    file = io.BytesIO()
    torch.save(pack(value), file)
    file.seek(0)
    return unpack(torch.load(file, weights_only=True))


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, -(2**70), 0.1, float("inf"), "text", b"bytes", NOT_KEPT),
        [1, (2, [3, ()])],
        {"a": {1: "one", None: [{}]}},
        {"a": NestedState(b=NestedState())},
    ],
)
def test_plain_values_come_back_equal(value):
    back = through_a_file(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.uint32).reshape(2, 3),
        np.array([0.1, -0.0, np.nan], dtype=np.float32),
        np.asfortranarray(np.eye(3)),
        np.array(["text", "more"]),
        np.array(5),
        np.zeros((0, 4), dtype=bool),
        np.float32(0.1),
        np.int64(7),
    ],
)
def test_arrays_and_numbers_of_numpy_come_back_bit_for_bit(array):
    back = through_a_file(array)
    assert type(back) is type(array)
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()


def test_tensors_come_back_with_their_type_and_without_their_surroundings():
    large = torch.arange(10000, dtype=torch.float64)
    file = io.BytesIO()
    torch.save(pack({"window": large[5:8]}), file)
    assert file.tell() < 3000
    back = through_a_file(torch.nn.Parameter(large[5:8]))
    assert back.tolist() == [5, 6, 7]
    assert back.dtype == torch.float64
    assert not back.requires_grad


def torch_generator():
    generator = torch.Generator()
    generator.manual_seed(3)
    return generator


@pytest.mark.parametrize(
    ("generator", "draw"),
    [
        (np.random.RandomState(3), lambda g: g.randn(3).tolist()),
        (np.random.default_rng(3), lambda g: g.normal(size=3).tolist()),
        (np.random.Generator(np.random.MT19937(3)), lambda g: g.normal(size=3).tolist()),
        (torch_generator(), lambda g: torch.rand(3, generator=g).tolist()),
    ],
)
def test_generators_go_on_from_where_they_were(generator, draw):
    draw(generator)
    back = through_a_file(generator)
    assert draw(back) == draw(generator)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"best": [object()]}, r"best\[0\] is a builtins\.object, which no checkpoint"),
        ({"x": {1, 2}}, r"x is a builtins\.set"),
        (np.array([object()]), r"the state is a numpy\.ndarray"),
        ({(1, 2): 3}, r"the state has the key \(1, 2\)"),
    ],
)
def test_what_cannot_be_held_is_named_with_its_place(value, message):
    with pytest.raises(CheckpointError, match=message):
        pack(value)
