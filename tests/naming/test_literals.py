"""A literal that cannot be meant for an argument is found by the argument's annotation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy
import pytest

from pylearn2_jobman.naming.literals import value_problem


def takes(
    size: int,
    rate: float | None = None,
    flag: bool = True,
    name: str = "",
    shape: Sequence[int] = (),
    axes: Sequence[int | str] = (),
    costs: Mapping[str, float] | None = None,
    call: Callable[[], None] | None = None,
    array: numpy.ndarray | None = None,
    either: str | Callable[[], None] = "",
    any_: Any = None,
    later: "numpy.ndarray" = None,
    **others: int,
): ...


@pytest.mark.parametrize(
    ("argument", "value", "problem"),
    [
        ("size", "2", "is a number, and this is the text '2': write it without quotes"),
        ("size", None, "is a number, and nothing is given"),
        ("size", [2], "is a number, and this is a list"),
        ("rate", "1f", "is a number, and this is the text '1f'"),
        ("flag", "n", "is true or false, and this is the text 'n'"),
        ("name", {}, "is text, and this is a mapping"),
        ("shape", 5, "is a list, and this is 5"),
        ("shape", "5", "is a list, and this is the text '5': write it without quotes"),
        ("costs", [], "is a mapping, and this is a list"),
        ("call", "x", "is a function, and this is the text 'x'"),
        ("array", "x", "is an array, and this is the text 'x'"),
        ("either", [], "is text or a function, and this is a list"),
    ],
)
def test_what_cannot_be_meant_is_said(argument, value, problem):
    assert value_problem(takes, argument, value) == problem


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("size", 2.0), ("size", True), ("rate", None), ("rate", 1), ("flag", 0), ("flag", None),
        ("name", 1), ("shape", [5]), ("axes", "bc01"), ("costs", {}), ("array", 1), ("array", [1]),
        ("either", "x"), ("any_", "x"), ("later", "x"), ("others", "x"), ("no_such", "x"),
    ],
)  # fmt: skip
def test_what_may_be_meant_is_let_through(argument, value):
    assert value_problem(takes, argument, value) is None
