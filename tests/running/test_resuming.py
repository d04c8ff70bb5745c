"""Training that is stopped anywhere and gone on with ends as it would have, to the last bit."""

import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trainings import FAMILIES, fingerprint, saved_models

from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.running import preemption

_TRAINED = []


def results(train_obj):
    _TRAINED.append(fingerprint(train_obj))
    last = train_obj[-1] if isinstance(train_obj, list) else train_obj
    return {name: c.val_record[-1] for name, c in last.model.monitor.channels.items()
            if "seconds" not in name}


class Channel:
    """Asks to stop when it has been asked so many times."""

    COMPLETE, INCOMPLETE = "complete", "incomplete"

    def __init__(self, stop_at=None):
        self.asked, self.saved = 0, 0
        self.stop_at = stop_at

    def switch(self, message=None):
        self.asked += 1
        return "stop" if self.asked == self.stop_at else None

    def save(self):
        self.saved += 1


@pytest.fixture(autouse=True)
def always_ask(monkeypatch):
    monkeypatch.setattr(preemption, "_ASK_SECONDS", 0)


def run(text, directory, lengths=()):
    """Train in a directory, stopped after each of some numbers of questions; return what came."""
    directory.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        for length in [*lengths, None]:
            state = DD(yaml_template=text, hyper_parameters={}, extract_results="test_resuming.results")
            channel = Channel(length)
            if train_experiment(state, channel) == "complete":
                break
    return _TRAINED.pop(), state.results, saved_models(directory), channel.asked
