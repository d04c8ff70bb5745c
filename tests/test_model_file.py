"""A model file says what made it, to whoever can read its object and to whoever cannot."""

import pickle
import struct
import sys

import numpy as np
import pytest

import pylearn2_jobman
from pylearn2_jobman.errors import NameNotAllowedError, UsageError
from pylearn2_jobman.model_file import Origin, making, origin, read_model, write_model
from pylearn2_jobman.version import __version__


class Guess:
    """A model."""

    def predict(self, X):
        return X


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.pkl"


def test_it_holds_the_object_and_behind_it_what_made_it(path):
    with making(yaml="!obj:x {}", job="jobs.db/mlp/4"), making(phase=2):
        write_model(path, Guess(), best="valid_nll")
    what = origin(path)
    assert (what.yaml, what.job, what.phase) == ("!obj:x {}", "jobs.db/mlp/4", 2)
    assert (what.best, what.predicts) == ("valid_nll", True)
    assert what.kind.endswith("test_model_file.Guess")
    assert what.versions["pylearn2_jobman"] == __version__
    assert what.versions["numpy"] == np.__version__
    assert what.differences() == ""
    with path.open("rb") as file:  # as programs of before read it
        assert isinstance(pickle.load(file), Guess)
    write_model(path, [1])
    assert origin(path) == Origin(what.versions, kind="builtins.list")


@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"P2JMODEL",
        struct.pack(">Q8s", 2**60, b"P2JMODEL"),
        b"[1]" + struct.pack(">Q8s", 3, b"P2JMODEL"),
        b"nonsense" + struct.pack(">Q8s", 8, b"P2JMODEL"),
        b'{"job": 3}' + struct.pack(">Q8s", 10, b"P2JMODEL"),
        b'{"versions": []}' + struct.pack(">Q8s", 16, b"P2JMODEL"),
        b'{"phase": "2"}' + struct.pack(">Q8s", 14, b"P2JMODEL"),
        b"[" * 100_000 + struct.pack(">Q8s", 100_000, b"P2JMODEL"),
    ],
)
def test_a_pickle_that_says_nothing_or_nonsense_is_read_all_the_same(path, end):
    path.write_bytes(pickle.dumps({"a": 1}) + end)
    assert origin(path) is None
    assert read_model(path) == {"a": 1}


def test_words_of_a_later_version_are_passed_over(path):
    words = b'{"job": "a/b/1", "colour": "red"}'
    path.write_bytes(pickle.dumps(1) + words + struct.pack(">Q8s", len(words), b"P2JMODEL"))
    assert origin(path) == Origin(job="a/b/1")


def test_what_cannot_be_read_says_of_which_versions_it_is(path, monkeypatch):
    module = type(sys)("gone")
    module.Model = type("Model", (), {"__module__": "gone"})
    monkeypatch.setitem(sys.modules, "gone", module)
    with monkeypatch.context() as patch:
        patch.setattr(np, "__version__", "1.9")
        write_model(path, module.Model())
    del module.Model
    with pytest.raises(AttributeError) as caught:
        read_model(path)
    assert f"numpy was 1.9, and is {np.__version__}" in caught.value.__notes__[0]


def test_of_another_version_it_loads_if_it_can(path, monkeypatch):
    monkeypatch.setattr(pylearn2_jobman, "__version__", "9.9")
    write_model(path, Guess())
    monkeypatch.undo()
    assert isinstance(read_model(path), Guess)
    assert "pylearn2_jobman was 9.9" in origin(path).differences()


def test_a_damaged_file_and_a_class_that_is_not_allowed_are_named(path, monkeypatch):
    write_model(path, Guess())
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    with pytest.raises(UsageError, match=r"model\.pkl is not a whole pickle"):
        read_model(path)
    path.write_bytes(whole)
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*")
    with pytest.raises(NameNotAllowedError, match=r"test_model_file\.Guess"):
        read_model(path)
    with pytest.raises(FileNotFoundError):
        read_model(path.with_name("none.pkl"))
