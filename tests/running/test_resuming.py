"""Training that is stopped anywhere and resumed ends as it would have, to the last bit."""

import functools
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import trainings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trainings import FAMILIES, Channel, attempt

_numbers = itertools.count()


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """A function that trains in a fresh directory, stopped after some numbers of questions."""

    def train(text, *lengths):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path_factory.mktemp(f"run{next(_numbers)}"))
            for length in lengths:
                outcome = attempt(text, Channel(length))
                if outcome is not None:
                    return outcome
            return attempt(text, Channel())

    return train


@pytest.fixture(scope="module")
def whole(train):
    """A function that trains without a stop, once for each family."""
    return functools.cache(lambda family: train(FAMILIES[family]))


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_stops_anywhere_change_nothing(train, whole, family, data):
    expected = whole(family)
    number = data.draw(st.sampled_from([1, 3, 10]), label="number of stops")
    longest = max(1, 2 * expected.questions // number)
    length = st.integers(1, longest)
    lengths = data.draw(st.lists(length, min_size=number, max_size=number), label="lengths")
    stopped = train(FAMILIES[family], *lengths)
    assert stopped.results == expected.results
    assert stopped.models == expected.models
    assert stopped.fingerprint == expected.fingerprint


@pytest.mark.parametrize("family", FAMILIES)
def test_every_part_has_a_state(family, tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    attempt(FAMILIES[family], Channel(stop_at=1))
    assert "no state_dict()" not in caplog.text


def test_saving_on_the_way_changes_nothing(tmp_path, monkeypatch, whole):
    monkeypatch.chdir(tmp_path)
    family = "dropout"
    channel = Channel(save_at=range(1, 100, 3))
    saved = attempt(FAMILIES[family], channel)
    assert channel.saved > 5
    assert saved.fingerprint == whole(family).fingerprint


def in_another_process(directory, questions):
    """Train all families, or go on with them, in directories of theirs; return what came."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(trainings.__file__).parents[1]), *sys.path]),
        "PYTHONHASHSEED": str(next(_numbers)),
    }
    code = "import sys, json, trainings; trainings.attempt_all(*map(json.loads, sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(str(directory)), json.dumps(questions)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_family_goes_on_in_another_process(tmp_path, whole):
    middle = {family: whole(family).questions // 2 for family in FAMILIES}
    assert in_another_process(tmp_path, middle) == dict.fromkeys(FAMILIES)
    ended = in_another_process(tmp_path, dict.fromkeys(FAMILIES))
    assert ended == {family: trainings.hashed(whole(family).fingerprint) for family in FAMILIES}
