"""Values are plain Python, and their literals read back equal."""

import math
from enum import IntEnum

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pylearn2_jobman.errors import NotStorableError
from pylearn2_jobman.values import format_literal, parse_literal, plain, storable


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


class Colour(IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (numpy.float32(2.5), 2.5),
        (numpy.float64(0.1), 0.1),
        (numpy.int64(5), 5),
        (numpy.bool_(True), True),
        (numpy.str_("x"), "x"),
        (numpy.array(7), 7),
        (numpy.complex64(1 - 2j), 1 - 2j),
        (numpy.array(0.5, dtype="float32"), 0.5),
        (Colour.RED, 3),
        ([numpy.int8(1), (numpy.float16(2),)], [1, (2.0,)]),
        ({"a": {numpy.int64(1): numpy.float32(0)}}, {"a": {1: 0.0}}),
        (2**70, 2**70),
        (None, None),
    ],
    ids=repr,
)
def test_scalars_become_python_scalars(value, expected):
    made = plain(value)
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    "masked",
    [
        numpy.ma.masked,
        numpy.ma.array(3, mask=True),
        numpy.ma.array([1.0, 2.0], mask=[0, 1])[1],
        numpy.ma.array([1, 2], mask=True).mean(),
    ],
)
def test_what_is_masked_is_no_number(masked):
    assert math.isnan(storable({"nll": masked})["nll"])
    assert storable({"nll": numpy.ma.array(3.5)}) == {"nll": 3.5}


def test_a_set_has_one_literal_in_whatever_order_it_was_made():
    forward, backward = set(), set()
    items = ["b", "a", 8, 0, 2.5, None, True, 1j, "{"]
    for item in items:
        forward.add(item)
    for item in reversed(items):
        backward.add(item)
    literal = "{0, True, 2.5, 8, 'a', 'b', '{', 1j, None}"
    for made in (forward, backward):
        assert format_literal(made) == literal
        assert format_literal([({"k": made},), "{"]) == f"[({{'k': {literal}}},), '{{']"
    assert parse_literal(literal) == forward
    assert format_literal(set()) == "set()"


def test_tensors_of_no_dimension_are_scalars():
    torch = pytest.importorskip("torch")
    assert storable({"nll": torch.tensor(0.5), "n": torch.tensor(3)}) == {"nll": 0.5, "n": 3}


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({"w": numpy.zeros((2, 3))}, r"'results\.w' is an array .*of shape \(2, 3\)"),
        ({"a": [10**4301]}, r"'results\.a\[0\]' is an integer of more than 4300 digits"),
        ({"a": nested(200)}, "nested more than 100 deep"),
        ({"a": {"b": [1, numpy.zeros(1)]}}, r"'results\.a\.b\[1\]' is an array"),
        ({"f": len}, r"'results\.f' is a builtins\.builtin_function_or_method"),
        ({"b": b"x"}, r"'results\.b' is a builtins\.bytes"),
        ({(1, 2): 3}, r"'results' has the key \(1, 2\); keys are strings or numbers"),
        (object(), r"'results' is a builtins\.object"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_what_no_database_holds_is_an_error_that_names_the_key(results, message):
    with pytest.raises(NotStorableError, match=message):
        storable(results)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10L", 10),
        ("0777", 511),
        ("0o17", 15),
        ("u'x'", "x"),
        ('b"x"', "x"),
        ("set([1, 2])", {1, 2}),
        ("{'a': [10L, 'x10L', \"07\"]}", {"a": [10, "x10L", "07"]}),
        ("-inf", -math.inf),
        ("(1,)", (1,)),
        ("+1", 1),
        ("1e400", math.inf),
        ("  [None, True]  ", [None, True]),
    ],
)
def test_literals_of_both_pythons_are_read(text, value):
    assert parse_literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "1/2",
        "1+2",
        "1+x*2j",
        "2**10",
        "max",
        "__import__('os')",
        "[x for x in []]",
        "f'{1}'",
        "...",
        "\0",
        "{[1]: 2}",
        "{{1}}",
        "1" * 6000,
        "[" * 300 + "]" * 300,
    ],
)
def test_nothing_else_is_read_and_nothing_is_evaluated(text):
    with pytest.raises(ValueError, match="not a literal"):
        parse_literal(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner)
        ),
        max_leaves=10,
    )
)
def test_every_plain_value_has_a_literal_that_reads_back_equal(value):
    assert repr(parse_literal(format_literal(value))) == repr(value)
