"""The state of a part is all that can be kept of it, and is put back in place."""

import copy
import enum
import random

import numpy as np
import pytest
import torch
from torch import nn

from pylearn2_jobman.pylearn2.models.model import Model
from pylearn2_jobman.pylearn2.utils.has_state import has_state_dict
from pylearn2_jobman.pylearn2.utils.state import (
    NOT_KEPT,
    NestedState,
    Stateful,
    Stateless,
    collect_state,
    generators,
    restore_into,
    set_generators,
)
from pylearn2_jobman.running.packing import pack


class Thing(Stateful):
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Chain(Model):
    """A model that keeps more than parameters, as one with persistent chains does."""

    def __init__(self):
        super().__init__()
        self.add_param("W", np.ones((2, 2)))
        self.register_buffer("mask", torch.ones(2))
        self.register_buffer("chain", None)
        self.register_buffer("work", torch.zeros(2), persistent=False)
        self.particles = torch.zeros(3)
        self.history = np.zeros(3)
        self.steps = 0
        self.rng = np.random.RandomState(1)


def change(chain):
    with torch.no_grad():
        chain.W.add_(1)
    chain.mask.add_(1)
    chain.chain = torch.tensor([1.0, 2.0])
    chain.work.add_(5)
    chain.particles += 3
    chain.history += 4
    chain.steps += 7
    chain.rng.rand(10)


def test_a_model_keeps_parameters_buffers_arrays_numbers_and_generators():
    model, other = Chain(), Chain()
    change(model)
    restore_into(other, collect_state({"model": model})["model"])
    assert other.W.tolist() == [[2, 2], [2, 2]]
    assert other.W.requires_grad
    assert other.mask.tolist() == [2, 2]
    assert other.chain.tolist() == [1, 2]
    assert other.work.tolist() == [5, 5]
    assert other.particles.tolist() == [3, 3, 3]
    assert other.history.tolist() == [4, 4, 4]
    assert other.steps == 7
    assert other.rng.rand() == model.rng.rand()


def test_what_is_inside_a_model_is_kept_too():
    inside, other = Chain(), Chain()
    change(inside)
    restore_into(nn.ModuleList([other]), collect_state({"m": nn.ModuleList([inside])})["m"])
    assert (other.steps, other.mask.tolist()) == (7, [2, 2])


def test_a_model_with_other_parameters_is_refused_by_name():
    state = collect_state({"m": nn.Linear(2, 3)})["m"]
    with pytest.raises(ValueError, match=r"the parameter weight has type torch.float32 and shape"):
        restore_into(nn.Linear(3, 3), state)
    with pytest.raises(ValueError, match="the parameters of a Chain are W; those of weight, bias"):
        restore_into(Chain(), state)


def test_tensors_arrays_and_generators_are_restored_in_place():
    tensor, array, rng = torch.zeros(2), np.zeros(2), np.random.RandomState(1)
    thing = Thing(tensor=tensor, nested=[array, {"rng": rng}])
    expected = np.random.RandomState(5)
    thing.load_state_dict(
        {"tensor": torch.ones(2), "nested": [np.ones(2), {"rng": np.random.RandomState(5)}]}
    )
    assert thing.tensor is tensor
    assert tensor.tolist() == [1, 1]
    assert thing.nested[0] is array
    assert array.tolist() == [1, 1]
    assert thing.nested[1]["rng"] is rng
    assert rng.rand() == expected.rand()


def draw(generator):
    """A number from a generator of any kind."""
    if isinstance(generator, torch.Generator):
        return torch.rand(1, generator=generator).item()
    return generator.random()


@pytest.mark.parametrize(
    "make", [np.random.RandomState, np.random.default_rng, torch.Generator().manual_seed]
)
def test_a_generator_of_any_kind_goes_on_where_it_was(make):
    thing = Thing(rng=copy.deepcopy(make(1)))
    draw(thing.rng)
    state = copy.deepcopy(thing.state_dict())
    expected = [draw(thing.rng) for _ in range(3)]
    own = copy.deepcopy(make(2))
    resumed = Thing(rng=own)
    resumed.load_state_dict(state)
    assert [draw(resumed.rng) for _ in range(3)] == expected
    assert resumed.rng is own


def test_a_generator_that_two_parts_share_is_shared_afterwards():
    rng = np.random.RandomState(1)
    pair = Thing(a=Thing(rng=rng), b=Thing(rng=rng))
    state = Thing(a=Thing(rng=np.random.RandomState(2)), b=Thing(rng=np.random.RandomState(2)))
    pair.load_state_dict(state.state_dict())
    assert pair.a.rng is pair.b.rng
    assert rng.rand() == np.random.RandomState(2).rand()


def test_lists_get_the_length_that_was_kept():
    for before, after in ([1, 2, 3], [4]), ([], [5, 6]):
        thing = Thing(values=before)
        thing.load_state_dict({"values": after})
        assert thing.values is before
        assert before == after


@pytest.mark.parametrize("before", [None, (0,), 3])
def test_what_becomes_a_list_while_training_goes_on_is_that_list(before):
    thing = Thing(values=before)
    thing.load_state_dict(Thing(values=[1, [2.0]]).state_dict())
    assert thing.values == [1, [2.0]]


def test_things_in_a_list_keep_their_places():
    def function():
        pass

    thing = Thing(callbacks=[Thing(count=1), function, Thing(count=2)])
    state = thing.state_dict()
    assert state["callbacks"] == [{"count": 1}, NOT_KEPT, {"count": 2}]
    other = Thing(callbacks=[Thing(count=0), function, Thing(count=0), print])
    other.load_state_dict(state)
    assert [part.count for part in other.callbacks[:3:2]] == [1, 2]
    assert other.callbacks[1::2] == [function, print]


def test_parts_that_are_missing_are_an_error():
    thing = Thing(parts=[Thing(count=1)])
    with pytest.raises(ValueError, match="the state of 2 parts was kept, but there are 1") as info:
        thing.load_state_dict({"parts": [NestedState(count=1), NestedState(count=2)]})
    assert "while restoring 'parts' of a Thing" in info.value.__notes__


def test_a_part_that_is_not_there_yet_is_an_error_that_says_so():
    state = Thing(part=Thing(count=1)).state_dict()
    with pytest.raises(ValueError, match=r"there is a NoneType where .* after setup\(\) already"):
        Thing(part=None).load_state_dict(state)


def test_parts_may_know_each_other_and_are_kept_once():
    a, b = Thing(count=1), Thing(count=2)
    a.other, b.other = b, a
    assert a.state_dict() == {"count": 1, "other": {"count": 2}}


def test_what_cannot_be_kept_stays_as_it_is_and_is_no_error():
    fields = np.dtype([("a", float), ("b", int)])
    thing = Thing(
        count=1,
        file=object(),
        parameter=nn.Parameter(torch.ones(1)),
        yaml_src="x: 1",
        choice=enum.IntEnum("Choice", ["a", "b"]).a,
        by_pair={("a", "b"): 1},
        objects=np.array([object()]),
        table=np.zeros(2, fields),
        row=np.zeros(2, fields)[0],
        some={1, 2},
        number=1j,
    )
    assert thing.state_dict() == {"count": 1}
    pack(thing.state_dict())


def test_what_cannot_be_changed_in_place_is_replaced():
    thing = Thing(
        expanded=torch.zeros(1).expand(3), frozen=np.broadcast_to(np.zeros(1), 3), short=[0]
    )
    thing.load_state_dict({"expanded": torch.ones(3), "frozen": np.ones(3), "short": (1, 2)})
    assert thing.expanded.tolist() == thing.frozen.tolist() == [1, 1, 1]
    assert thing.short == (1, 2)


def test_a_part_may_say_that_it_has_no_state():
    class Callback(Stateless):
        count = 3

    assert Callback().state_dict() == {}
    assert has_state_dict(Callback())
    assert not has_state_dict(Callback)
    assert not has_state_dict(print)


def test_the_generators_of_nobody_go_on_too():
    state = generators()
    drawn = [random.random(), np.random.rand(), torch.rand(1).item()]
    set_generators(state)
    assert [random.random(), np.random.rand(), torch.rand(1).item()] == drawn
