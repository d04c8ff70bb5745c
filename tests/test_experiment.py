"""The bridge: template, training, extraction, results."""

import sys
import types
from typing import ClassVar

import numpy
import pytest

import pylearn2_jobman
from pylearn2_jobman import DD, train_experiment
from pylearn2_jobman.errors import (
    ConfigError,
    NameResolutionError,
    NotStorableError,
    TemplateError,
)


class Channel:
    COMPLETE = "complete"


class Trainer:
    """Any object with a ``main_loop()`` will do, from any library."""

    loops: ClassVar[list[str]] = []

    def __init__(self, lr, name="one"):
        self.lr, self.name = lr, name

    def main_loop(self):
        Trainer.loops.append(self.name)


@pytest.fixture(autouse=True)
def lab(monkeypatch):
    module = types.ModuleType("lab")
    module.Trainer = Trainer
    module.extract = lambda trained: {"lr": numpy.float32(trained.lr), "best": {"epoch": 3}}
    module.names_of = lambda trained: {"names": [phase.name for phase in trained]}
    module.nothing = lambda trained: None
    module.array = lambda trained: {"weights": numpy.zeros(2)}
    monkeypatch.setitem(sys.modules, "lab", module)
    monkeypatch.setattr(Trainer, "loops", [])
    return module


def state(template="!obj:lab.Trainer { lr: %(lr)f }", extract="lab.extract", **hyper_parameters):
    return DD(
        yaml_template=template,
        hyper_parameters=hyper_parameters or {"lr": 0.5},
        extract_results=extract,
    )


def test_results_are_what_the_extractor_returned_as_plain_values():
    job = state()
    assert train_experiment(job, Channel) == "complete"
    assert job.results == {"lr": 0.5, "best": {"epoch": 3}}
    assert type(job.results["lr"]) is float
    assert Trainer.loops == ["one"]


def test_a_state_needs_only_attributes():
    job = types.SimpleNamespace(yaml_template="!obj:lab.Trainer { lr: 1 }")
    assert train_experiment(job, Channel) == "complete"
    assert job.results == {}


def test_flat_and_nested_hyper_parameters_are_the_same():
    template = "!obj:lab.Trainer { lr: %(lr)s }"
    job = state(template, **{"lr.__builder__": "fractions.Fraction", "lr.numerator": 3})
    train_experiment(job, Channel)
    assert job.results["lr"] == 3.0


def test_a_list_is_phases_in_order_and_the_extractor_gets_the_list():
    job = state(
        "- !obj:lab.Trainer { lr: %(lr)f, name: a }\n- !obj:lab.Trainer { lr: 1, name: b }",
        extract="lab.names_of",
    )
    train_experiment(job, Channel)
    assert Trainer.loops == ["a", "b"]
    assert job.results == {"names": ["a", "b"]}


def test_a_typo_in_the_extractor_costs_no_training():
    with pytest.raises(NameResolutionError, match="did you mean 'extract'"):
        train_experiment(state(extract="lab.extrct"), Channel)
    assert Trainer.loops == []


def test_results_that_no_database_holds_name_the_key():
    with pytest.raises(NotStorableError, match=r"'results\.weights' is an array"):
        train_experiment(state(extract="lab.array"), Channel)


class Talkative(Channel):
    def __init__(self):
        self.said = []

    def switch(self, message=None):
        self.said.append(message)


def test_a_train_object_with_extensions_tells_the_channel_how_far_it_is(lab):
    record = types.SimpleNamespace(val_record=[0.75, 0.25])
    monitor = types.SimpleNamespace(
        channels={"objective": record, "valid_objective": record}, get_epochs_seen=lambda: 2
    )

    class Extended(Trainer):
        def __init__(self, lr):
            self.extensions = []

        def main_loop(self):
            for extension in self.extensions:
                extension.setup(None, None, None)
                extension.on_monitor(types.SimpleNamespace(monitor=monitor), None, None)

    lab.Trainer = Extended
    channel = Talkative()
    train_experiment(state(extract="lab.nothing"), channel)
    assert channel.said == ["epoch 2, valid_objective 0.25"]


@pytest.mark.parametrize(
    ("template", "kind", "message"),
    [
        ("!obj:lab.Trainer { lr: %(rate)f }", TemplateError, "no hyper-parameter 'rate'"),
        ("!obj:lab.Trainer { lrr: %(lr)f }", ConfigError, "takes no argument 'lrr'"),
        ("!obj:lab.Trianer { lr: %(lr)f }", NameResolutionError, "did you mean 'Trainer'"),
        ("{ a: %(lr)f", ConfigError, "not valid YAML"),
        ("a: %(lr)f", ConfigError, r"builtins\.dict, which has no main_loop\(\)"),
        ("- !obj:lab.Trainer { lr: %(lr)f }\n- 1", ConfigError, r"builtins\.int, which has no"),
    ],
)
def test_bad_input_is_an_error_before_training(template, kind, message):
    with pytest.raises(kind, match=message):
        train_experiment(state(template), Channel)
    assert Trainer.loops == []


def test_the_public_names_are_sorted_complete_and_importable():
    assert pylearn2_jobman.__all__ == sorted(pylearn2_jobman.__all__)
    for name in pylearn2_jobman.__all__:
        assert getattr(pylearn2_jobman, name) is not None
