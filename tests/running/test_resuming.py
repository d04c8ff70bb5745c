"""Training that is stopped anywhere and gone on with ends as it would have, to the last bit."""

import functools
import itertools
from dataclasses import dataclass
from typing import Any

import pytest
import trainings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trainings import FAMILIES

from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.running import preemption

_numbers = itertools.count()


class Channel:
    """Asks to stop at a certain question, and to save at others."""

    COMPLETE, INCOMPLETE = "complete", "incomplete"

    def __init__(self, stop_at=None, save_at=()):
        self.asked = self.saved = 0
        self.stop_at, self.save_at = stop_at, save_at

    def switch(self, message=None):
        self.asked += 1
        if self.asked == self.stop_at:
            return "stop"
        return "save" if self.asked in self.save_at else None

    def save(self):
        self.saved += 1


@dataclass
class Outcome:
    fingerprint: dict[str, str]
    results: dict[str, float]
    models: dict[str, Any]
    questions: int


def attempt(text, channel):
    """Train, or go on with training, in the present directory; return what came of it."""
    state = DD(yaml_template=text, hyper_parameters={}, extract_results="trainings.remember")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preemption, "_ASK_SECONDS", 0)  # at every boundary
        if train_experiment(state, channel) == channel.INCOMPLETE:
            return None
    trained = trainings.TRAINED.pop()
    models = trainings.saved_models(".")
    return Outcome(trainings.fingerprint(trained), state.results, models, channel.asked)


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
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
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
    family = "dropout, adadelta"
    channel = Channel(save_at=range(1, 100, 3))
    saved = attempt(FAMILIES[family], channel)
    assert channel.saved > 5
    assert saved.fingerprint == whole(family).fingerprint
