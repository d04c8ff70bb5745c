"""``/`` means what it meant in Python 2."""

import numpy as np
import pytest

from pylearn2_jobman.python2 import division


def test_whole_numbers_give_whole_numbers():
    assert division.div(7, 2) == 3
    assert division.div(-7, 2) == -4
    assert division.div(7, 2.0) == 3.5
    assert division.div(True, 2) == 0
    assert division.div(np.arange(4), 2).tolist() == [0, 0, 1, 1]
    assert division.div(np.arange(4.0), 2).tolist() == [0, 0.5, 1, 1.5]


@pytest.mark.parametrize(("array", "left"), [([4, 5], [2, 2]), ([4.0, 5.0], [2.0, 2.5])])
def test_an_array_is_divided_in_place(array, left):
    array = same = np.array(array)
    array = division.idiv(array, 2)
    assert array is same
    assert array.tolist() == left


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a / b", "div(a , b)"),
        ("a / b / c", "div(div(a , b) , c)"),
        ("a / (b / c)", "div(a , (div(b , c)))"),
        ("(a +  # one / two\n b) / c", "div((a +  # one / two\n b) , c)"),
        ("(a # / \n / b)", "(div(a # / \n , b))"),
        ("x[i] /= n / 2", "x[i] = idiv(x[i], div(n , 2))"),
        ("a / 2.", "a / 2."),
        ("1. / b", "1. / b"),
        ("é = 'ü' + f(a / b)", "é = 'ü' + f(div(a , b))"),
        ("\x0c\na / b", "\x0c\ndiv(a , b)"),
        ("a // b, 'a / b'  # a / b", "a // b, 'a / b'  # a / b"),
        ("f(a / b) / g(c)", "div(f(div(a , b)) , g(c))"),
    ],
)
def test_the_operator_becomes_a_call_and_lines_stay(before, after):
    assert division.explicit(before) == after


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("from __future__ import division", False),
        ("from __future__ import print_function, division", False),
        ("from __future__ import print_function", True),
        ("x = 'from __future__ import division'", True),
    ],
)
def test_the_future_needs_none_of_it(line, needed):
    assert division.is_needed(f"'''doc'''\n{line}\n") is needed
