"""Environment variables in paths."""

import pytest

from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.string_utils import preprocess


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("LAB_DATA", "/data")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("LAB_NOTHING", raising=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${LAB_DATA}/mnist/${LAB_DATA}.npy", "/data/mnist//data.npy"),
        ("no $LAB_DATA here {}", "no $LAB_DATA here {}"),
        ("~/x.npy", "/home/me/x.npy"),
        ("${LAB_MINE}", "mine"),
    ],
)
def test_variables_and_the_home_directory_are_put_in(text, expected):
    assert preprocess(text, {"LAB_MINE": "mine"}) == expected
    assert serial.preprocess is preprocess


def test_values_that_are_given_come_first():
    assert preprocess("${LAB_DATA}", environ={"LAB_DATA": "mine"}) == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${LAB_NOTHING}/x", "the environment variable LAB_NOTHING is not set, in '"),
        ("${LAB_DATA", "a \\${ without its }"),
        ("${LAB${LAB_DATA}", "a \\${ without its }"),
    ],
)
def test_what_is_not_there_is_an_error(text, message):
    with pytest.raises(ValueError, match=message):
        preprocess(text)
