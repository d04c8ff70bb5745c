"""The hashes by which duplicates are known."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from pylearn2_jobman.jobman.database.hashing import legacy_hash, state_hash
from pylearn2_jobman.values import parse_literal

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "lisa" / "hash.json").read_text())
CASES = [case for case in RECORDED["cases"] if "hash_state" in case]


def state_of(text: str) -> Any:
    text = text.replace("float('nan')", "nan").replace("10**20", str(10**20))
    # A byte string of Python 2 is text in UTF-8.
    return parse_literal(text.replace("'\\xc3\\xa9'", "'é'"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["state"])
def test_the_originals_hash_is_found_again(case: dict[str, Any]) -> None:
    assert legacy_hash(state_of(case["state"])) == case["hash_state"]


def test_a_dictionary_grown_in_python_2_keeps_its_order_there() -> None:
    # Keys that collide in a table of 8, and enough of them to make it grow.
    assert legacy_hash({"a": {0: 1, 8: 2}}) == legacy_hash({"a": {0: 1, 8: 2}})
    assert legacy_hash({"a": {8: 2, 0: 1}}) != legacy_hash({"a": {0: 1, 8: 2}})
    assert legacy_hash({"a": {i: i for i in range(100)}}) == legacy_hash(
        {"a": {i: i for i in reversed(range(100))}}
    )


@pytest.mark.parametrize(
    ("keys", "recorded"),
    [
        (range(0, 40 * 32, 32), -2661222272405018044),
        (range(0, 9 * 1024, 1024), -5644206707819161318),
        ((1, ""), 1044748530745872576),
    ],
    ids=["forty that collide", "nine that collide more often", "an empty one"],
)
def test_a_dictionarys_keys_are_listed_as_cpython_2_7_18_did(keys: Any, recorded: int) -> None:
    assert legacy_hash({"a": dict.fromkeys(keys, 0)}) == recorded


def test_the_hash_is_the_same_in_every_process_and_version() -> None:
    state = {"lr": 0.1, "n": 3, "name": "é🎲", "d": {1: [None, True]}, "s": {"b", "a"}}
    assert state_hash(state) == 6956987115312387099


def test_the_order_of_keys_does_not_matter() -> None:
    assert state_hash({"a": 1, "b": {1: 2, 3: 4}}) == state_hash({"b": {3: 4, 1: 2}, "a": 1})


def test_the_experiment_counts_and_nothing_else_of_the_scheduler() -> None:
    job = {"lr": 0.1, "jobman.experiment": "lab.train"}
    assert state_hash({**job, "jobman.experiment": "lab.other"}) != state_hash(job)
    assert state_hash({"lr": 0.1}) != state_hash(job)
    assert state_hash({**job, "jobman.note": "again", "jobman.sql.restarts": 1}) == state_hash(job)
    assert state_hash({**job, "jobmania": 1}) != state_hash(job)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (1, True),
        (1, "1"),
        (None, "None"),
        ([1], (1,)),
        ({}, []),
        ({1: 2}, {"1": 2}),
        (0.1 + 0.2, 0.3),
        (math.inf, "inf"),
        ({"items": [1]}, [("items", [1])]),
        ({1}, [1]),
    ],
    ids=repr,
)
def test_values_of_different_types_hash_differently(left: Any, right: Any) -> None:
    assert state_hash({"a": left}) != state_hash({"a": right})


def test_not_a_number_hashes_alike() -> None:
    assert state_hash({"a": math.nan}) == state_hash({"a": float("nan")})
