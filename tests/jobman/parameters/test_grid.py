"""``{{a,b}}``: what LISA's jobman made of it, and ours."""

import json
from pathlib import Path

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.parameters.grid import expand_grid

LISA = Path(__file__).parents[2] / "data" / "lisa"
GRID = json.loads((LISA / "grid.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", GRID, ids=lambda case: " ".join(case["args"]) or "nothing")
def test_recorded_grids(case):
    assert expand_grid(case["args"]) == case.get("ours", case.get("commands"))
    assert "ours" not in case or case["reason"]


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("a={{[1, 2], [3]}}", ["a=[1, 2]", "a=[3]"]),
        ("a={{{'k': 1},{'k': 2}}}", ["a={'k': 1}", "a={'k': 2}"]),
        ("a={{'x,y',z}}", ["a='x,y'", "a=z"]),
        ("{{'x,y',z}}w", ["'x,y'w", "zw"]),
        ("a={{u'x,y',z}}", ["a=u'x,y'", "a=z"]),
        ("a={{'x,(y,z)}}", ["a='x", "a=(y,z)"]),
        ("a={{it's,isn't}}", ["a=it's", "a=isn't"]),
        ("a={{f(,g}}", ["a=f(", "a=g"]),
        ("a={{1,2}}-{{x,y}}", ["a=1-x", "a=1-y", "a=2-x", "a=2-y"]),
    ],
)
def test_brackets_and_quotes_keep_their_commas(argument, values):
    assert [line[0] for line in expand_grid([argument])] == values


def test_a_grid_that_is_not_closed_is_an_error():
    with pytest.raises(UsageError, match="never closes it"):
        expand_grid(["a={{1,2"])
