"""Phases of a YAML document are built in time for what they load, and as early as possible."""

import gc
import pickle
import sys
import types
import weakref
from pathlib import Path
from typing import ClassVar

import pytest

from pylearn2_jobman.errors import ConfigError
from pylearn2_jobman.pylearn2.config.phases import Phases


class Step:
    """Remembers that it was made."""

    made: ClassVar[list[str]] = []

    def __init__(self, name, given=None):
        self.name, self.given = name, given
        Step.made.append(name)


@pytest.fixture(autouse=True)
def lab(monkeypatch, tmp_path):
    module = types.ModuleType("lab")
    module.Step = Step
    monkeypatch.setitem(sys.modules, "lab", module)
    monkeypatch.setattr(Step, "made", [])
    monkeypatch.chdir(tmp_path)


def test_a_phase_that_unpickles_is_built_when_its_turn_comes(tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps("of an earlier run"))
    phases = Phases(
        "- !obj:lab.Step {name: a}\n"
        "- !obj:lab.Step {name: b, given: !pkl: model.pkl}\n"
        "- !obj:lab.Step {name: c}\n"
    )
    assert Step.made == ["a", "c"]
    given = {}
    for phase in phases:
        given[phase.name] = phase.given
        (tmp_path / "model.pkl").write_bytes(pickle.dumps(f"of {phase.name}"))
    assert given == {"a": None, "b": "of a", "c": None}
    assert Step.made == ["a", "c", "b"]


def test_what_an_anchor_names_is_one_object_in_all_phases():
    phases = list(
        Phases(
            "- !obj:lab.Step {name: a, given: &x !obj:lab.Step {name: shared}}\n"
            "- !obj:lab.Step {name: b, given: [*x]}\n"
        )
    )
    assert phases[1].given[0] is phases[0].given
    assert Step.made == ["shared", "a", "b"]


def test_an_alias_into_a_phase_that_waits_waits_too():
    Phases(
        "- !obj:lab.Step {name: a}\n"
        "- !obj:lab.Step {name: b, given: &x [!pkl: model.pkl]}\n"
        "- !obj:lab.Step {name: c, given: *x}\n"
    )
    assert Step.made == ["a"]


def test_a_mistake_anywhere_is_found_before_anything_is_built():
    with pytest.raises(ConfigError, match=r"line 2, column 3: .* no argument 'nmae'"):
        Phases("- !obj:lab.Step {name: a}\n- !obj:lab.Step {nmae: !pkl: model.pkl}\n")
    assert Step.made == []


def test_each_phase_is_checked_as_soon_as_it_is_built():
    checked = []
    phases = Phases(
        "- !obj:lab.Step {name: a}\n- !obj:lab.Step {name: b, given: !pkl: no.pkl}\n- 3\n",
        check=checked.append,
    )
    assert [getattr(phase, "name", phase) for phase in checked] == ["a", 3]
    with pytest.raises(FileNotFoundError) as caught:
        list(phases)
    assert "while loading !pkl: no.pkl (line 2, column 34)" in caught.value.__notes__


def test_a_phase_that_was_let_go_of_leaves_what_others_need():
    phases = Phases(
        "- !obj:lab.Step {name: a, given: &x !obj:lab.Step {name: shared}}\n"
        "- !obj:lab.Step {name: b, given: [*x, !pkl: model.pkl]}\n"
    )
    Path("model.pkl").write_bytes(pickle.dumps(1))
    shared, phase = phases[0].given, weakref.ref(phases[0])
    phases[0] = None
    gc.collect()
    assert phase() is None
    assert phases[1].given[0] is shared
    assert len(phases) == 2
    assert phases[:] == [None, phases[-1]]


@pytest.mark.parametrize(("text", "is_list"), [("!obj:lab.Step {name: a}", False), ("- 1", True)])
def test_a_single_object_is_one_phase(text, is_list):
    phases = Phases(text)
    assert len(list(phases)) == 1
    assert phases.is_list is is_list
