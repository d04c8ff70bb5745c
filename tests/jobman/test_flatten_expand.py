"""Nested states and dotted keys: what LISA's jobman recorded, and ours."""

import json
import math
from pathlib import Path

import numpy
import pytest

from pylearn2_jobman.errors import NotStorableError
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
