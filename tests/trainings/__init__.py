"""Trainings of every family, to be stopped and resumed.

A family is a YAML file beside this one. To add one is to add a file: every test of resuming runs on
all.
"""

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.pylearn2.blocks import Block
from pylearn2_jobman.pylearn2.space import VectorSpace
from pylearn2_jobman.pylearn2.train_extensions import TrainExtension
from pylearn2_jobman.pylearn2.utils import serial
from pylearn2_jobman.pylearn2.utils.state import Stateful, Stateless
from pylearn2_jobman.running import preemption

FAMILIES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
}


class Noise(Block):
    """Lets a corruptor make other examples at every look."""

    def __init__(self, corruptor):
        super().__init__()
        self.corruptor = corruptor
        self.input_space = self.output_space = VectorSpace(6)

    def fprop(self, X):
        return self.corruptor(X)


class Slow(Stateless):
    """Takes its time after every batch, so that there is time to stop."""

    def __call__(self, algorithm):
        time.sleep(0.02)


class Shaking(TrainExtension):
    """A user's own extension, with state: moves a parameter by random numbers, ever less."""

    def __init__(self, seed):
        self.count = 0
        self.rng = np.random.default_rng(seed)

    def on_monitor(self, model, dataset, algorithm):
        self.count += 1
        with torch.no_grad():
            model.get_params()[0].add_(float(self.rng.normal()) / self.count)

    def state_dict(self):
        return {"count": self.count, "rng": self.rng}

    def load_state_dict(self, state):
        self.count, self.rng = state["count"], state["rng"]


class Jitter(Stateful):
    """A user's own callback that leaves its state to `Stateful`: moves a parameter at random."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def __call__(self, algorithm):
        with torch.no_grad():
            algorithm.model.get_params()[0].add_(float(self.rng.normal()) / 100)


# What tells the time of day is all that may differ.
_CLOCKS = {
    *("seconds", "epoch_seconds", "training_seconds", "total_seconds", "time_record", "python"),
    *("training_seconds_this_epoch", "total_seconds_last_epoch"),
}


def fingerprint(train_obj):
    """Return all that trained objects hold, by where it is, as text and hashes."""
    found = {}
    phases = train_obj if isinstance(train_obj, list) else [train_obj]
    for number, phase in enumerate(phases):
        _collect(found, f"phase{number}", phase.state_dict())
    return found


def _collect(found, where, value):
    if isinstance(value, dict):
        if "records" in value:  # a monitor
            value = {**value, "records": _by_channel(value["records"], value["lengths"])}
        for key, item in value.items():
            if key not in _CLOCKS:
                _collect(found, f"{where}.{key}", item)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            _collect(found, f"{where}[{i}]", item)
    elif isinstance(value, torch.Tensor):
        _collect(found, where, value.detach().numpy())
    elif isinstance(value, np.ndarray):
        digest = hashlib.sha1(value.tobytes()).hexdigest()
        found[where] = f"{value.dtype} {value.shape} {digest}"
    elif isinstance(value, np.random.RandomState):
        _collect(found, where, value.get_state(legacy=False))
    elif isinstance(value, np.random.Generator):
        _collect(found, where, value.bit_generator.state)
    else:
        found[where] = repr(value)


def _by_channel(records, lengths):
    ends = np.cumsum(list(lengths.values()))[:-1]
    return {
        name: dict(zip(records, (part.tolist() for part in parts), strict=True))
        for name, *parts in zip(
            lengths, *(np.split(v, ends) for v in records.values()), strict=True
        )
    }


def digest(train_obj):
    """An extractor: all that trained objects hold, as one string."""
    return {"digest": hashed(fingerprint(train_obj))}


def hashed(found):
    """Return a fingerprint as one string."""
    return hashlib.sha1(repr(sorted(found.items())).encode()).hexdigest()


TRAINED = []


def remember(train_obj):
    """An extractor: remember what was trained, for the test; return the last records."""
    TRAINED.append(train_obj)
    last = train_obj[-1] if isinstance(train_obj, list) else train_obj
    channels = last.model.monitor.channels.items()
    return {name: c.val_record[-1] for name, c in channels if name not in _CLOCKS}


def saved_models(directory):
    """Return the parameters of the models in a directory's files, as bytes."""
    return {
        path.name: [value.tobytes() for value in serial.load(path).get_param_values()]
        for path in sorted(Path(directory).glob("*.pkl"))
    }


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
    """Train, or resume training, in the present directory; return what came of it."""
    state = DD(yaml_template=text, hyper_parameters={}, extract_results="trainings.remember")
    with mock.patch.object(preemption, "_ASK_SECONDS", 0):  # at every boundary
        if train_experiment(state, channel) == channel.INCOMPLETE:
            return None
    trained = TRAINED.pop()
    models = saved_models(".")
    return Outcome(fingerprint(trained), state.results, models, channel.asked)


def attempt_all(directory, questions):
    """Train every family in a directory of its own, to the end or to a question; print hashes."""
    hashes = {}
    for number, (family, stop_at) in enumerate(questions.items()):
        path = Path(directory, str(number))
        path.mkdir(exist_ok=True)
        os.chdir(path)
        outcome = attempt(FAMILIES[family], Channel(stop_at))
        hashes[family] = None if outcome is None else hashed(outcome.fingerprint)
    print(json.dumps(hashes))
