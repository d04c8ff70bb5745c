"""Nested states and dotted keys: what LISA's jobman recorded, and ours."""

import json
import math
from pathlib import Path

import numpy
import pytest

from pylearn2_jobman.errors import NotStorableError, UsageError
from pylearn2_jobman.jobman.state import DD, expand, flatten

LISA = Path(__file__).parents[1] / "data" / "lisa"
CASES = json.loads((LISA / "flatten_expand.json").read_text(encoding="utf-8"))["cases"]


class St:
    def state(self):
        return {"x": 1, "y": {"z": 2}}


St.__module__, St.__qualname__ = "mymod", "St"
NAMES = {"DD": DD, "numpy": numpy, "nan": math.nan, "inf": math.inf, "St": St, "float": float}


def value_of(text):
    return eval(text, NAMES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["input"])
def test_recorded_states(case):
    state = value_of(case.get("input_py3", case["input"]))
    if "ours_error" in case:
        with pytest.raises(NotStorableError):
            flatten(state)
        return
    flat = flatten(state)
    expected = case.get("ours_flatten") or {k: v["py3_literal"] for k, v in case["flatten"].items()}
    assert repr(sorted(flat.items())) == repr(
        sorted((key, value_of(text)) for key, text in expected.items())
    )
    nested = case.get("ours_expand") or case["expand_of_flatten"]
    assert repr(expand(flat)) == repr(value_of(nested))
    assert type(expand(flat)) is DD


@pytest.mark.parametrize(
    ("flat", "longer"),
    [
        ({"a": 1, "a.b": 2}, "a.b"),
        ({"a.b": 2, "a": 1}, "a.b"),
        ({"a": [1], "a.b.c": 2}, "a.b.c"),
        ({"ab": 0, "a.b.c": 2, "a": [1]}, "a.b.c"),
        ({"a.b": 2, "a": None}, "a.b"),
    ],
    ids=str,
)
def test_a_key_that_is_both_a_value_and_a_prefix_is_an_error(flat, longer):
    with pytest.raises(UsageError, match=f"'a' is both a value and a prefix of '{longer}'$"):
        expand(flat)


@pytest.mark.parametrize("order", [1, -1])
def test_a_dictionary_with_dotted_keys_beside_it_has_both_and_stays_as_it_was(order):
    flat = dict([("a", {1: "one"}), ("a.b", 2)][::order])
    nested = expand(flat)
    assert nested == {"a": {1: "one", "b": 2}}
    assert flat == {"a": {1: "one"}, "a.b": 2}


@pytest.mark.parametrize("value", [2, {1: "one"}])
def test_a_dotted_key_that_a_dictionary_before_it_holds_too_is_an_error(value):
    with pytest.raises(UsageError, match=r"the key 'a\.b' is given twice"):
        expand({"a": {"b": 1}, "a.b": value})


def test_a_state_that_holds_itself_is_an_error_that_says_so():
    state = DD(a=1)
    state.itself = state
    with pytest.raises(NotStorableError, match="nested more than 100 deep"):
        flatten(state)


def test_an_integer_that_python_does_not_write_is_an_error_with_its_key():
    assert flatten({"a": {"b": 10**4000}}) == {"a.b": 10**4000}
    with pytest.raises(NotStorableError, match=r"'a\.b' is an integer of more than 4300 digits"):
        flatten({"a": {"b": -(10**4400)}})
