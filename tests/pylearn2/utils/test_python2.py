"""Dictionaries have Python 2's order."""

import itertools

import pytest

from pylearn2_jobman.pylearn2.utils.python2 import dict_order


@pytest.mark.parametrize("keys", list(itertools.permutations(["train", "valid", "test"])))
def test_the_usual_datasets_come_in_the_recorded_order(keys):
    assert dict_order(keys) == ["test", "train", "valid"]


def test_nothing_is_lost_when_the_table_grows():
    keys = [f"dataset_{i}" for i in range(100)]
    assert sorted(dict_order(keys)) == sorted(keys)


def test_the_empty_name_stands_alone():
    assert dict_order([""]) == [""]


def test_letters_come_in_the_order_that_python_2_printed():
    assert dict_order("abcdefgh") == list("acbedgfh")
