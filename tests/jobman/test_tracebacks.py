"""A traceback shows the user's frames, and one line of it says what went wrong."""

import pytest

from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.jobman.tracebacks import summary, user_traceback
from pylearn2_jobman.pylearn2.config import yaml_parse


def caught(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return error.with_traceback(error.__traceback__.tb_next)  # without this test's own frame
    raise AssertionError("nothing was raised")


def test_an_error_of_ours_is_its_message_alone():
    error = caught(yaml_parse.load, "a: @x")
    assert isinstance(error, ConfigError)
    assert user_traceback(error) == f"pylearn2_jobman.errors.ConfigError: {error}"


def test_an_error_in_the_users_class_begins_there():
    error = caught(yaml_parse.load, "!obj:fractions.Fraction {numerator: 1, denominator: 0}")
    text = user_traceback(error)
    assert "yaml_parse.py" not in text
    assert "fractions.py" in text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("killed by SIGKILL", "killed by SIGKILL"),
        ("ValueError: a\n    shown\n    ^\na note", "ValueError: a"),
        (
            "Traceback (most recent call last):\n  File 1\n    code\nKeyError: 'x'\nnote",
            "KeyError: 'x'",
        ),
        (
            "Traceback (most recent call last):\n  File 1\nKeyError: 'x'\n\nDuring ...:\n\n"
            "Traceback (most recent call last):\n  File 2\nValueError: y",
            "ValueError: y",
        ),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_line_of_the_last_error(text, line):
    assert summary(text) == line
