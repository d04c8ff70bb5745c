"""Everything that jobs can name is classified, and does no more than its mark says."""

import importlib
import inspect
import io
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from pylearn2_jobman.fence.allow import AllowList
from pylearn2_jobman.fence.listed import ALWAYS, IN_PICKLES, LISTED, NOT_LISTED, Effect, Use
from pylearn2_jobman.naming import names, vocabulary
from pylearn2_jobman.naming.unpickler import unpickle
from pylearn2_jobman.pylearn2.utils import serial

DATA = Path(__file__).parents[1] / "data"
ALLOWED = "pylearn2.*,pylearn2_jobman.adapters.*"


def test_every_word_of_the_vocabulary_is_classified():
    words = {
        entry.path
        for entry in vocabulary.entries()
        if inspect.isroutine(found := names.find(entry.path)) or inspect.isclass(found)
    }
    words -= {"pylearn2.space.Data", "pylearn2.space.DataSpecs"}  # types, for annotations
    assert words == (LISTED.keys() & words) | NOT_LISTED.keys()
    assert not LISTED.keys() & NOT_LISTED.keys()


def test_every_listed_name_leads_to_a_function_or_class_of_that_name():
    for name in (*LISTED, *ALWAYS, *IN_PICKLES):
        module, _, thing = name.rpartition(".")
        first = name.split(".")[0]
        prefix = "pylearn2_jobman." if first in ("pylearn2", "jobman") else ""
        found = vars(importlib.import_module(prefix + module))[thing]
        assert inspect.isclass(found) or inspect.isroutine(found), name
        if name in IN_PICKLES:
            assert inspect.isclass(found), name
            assert f"{found.__module__}.{found.__qualname__}" == prefix + name or name in (
                "pylearn2.monitor.MonitorChannel",
            )


def test_every_listed_class_is_found_in_pickles_where_it_really_is(monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", ALLOWED)
    for name, mark in LISTED.items():
        if Use.BUILD not in mark.uses:
            continue
        found = names.resolve(name)
        if inspect.isclass(found):
            home = f"{found.__module__}.{found.__qualname__}"
            assert names.offered(home, AllowList.parse(ALLOWED), None, IN_PICKLES)[0] is found


@pytest.mark.parametrize("path", sorted(DATA.glob("before_rooms/*/*.pkl")), ids=str)
def test_saved_models_are_loaded(path, monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*")
    monkeypatch.chdir(path.parent)
    assert serial.load(path).get_params()


@pytest.mark.parametrize("protocol", range(2, 6))
def test_tensors_in_pickles_are_loaded(protocol, monkeypatch):
    import torch

    monkeypatch.setenv("JOBMAN_ALLOW", "")
    value = {"t": torch.arange(3.0), "p": torch.nn.Parameter(torch.ones(2, 2)), "d": torch.float64}
    loaded = unpickle(io.BytesIO(pickle.dumps(value, protocol)))
    assert torch.equal(loaded["t"], value["t"])
    assert torch.equal(loaded["p"], value["p"])
    assert isinstance(loaded["p"], torch.nn.Parameter)
    assert loaded["d"] is torch.float64


def test_a_type_of_numbers_that_all_share_is_not_changed(monkeypatch):
    import numpy as np

    monkeypatch.setenv("JOBMAN_ALLOW", "")
    swapped = b"cnumpy\ndtype\n(S'f8'\nI00\nI00\ntR(I3\nS'>'\nNNNI-1\nI-1\nI0\ntb."
    unpickle(io.BytesIO(swapped))
    assert np.dtype("f8").byteorder == "="
    assert np.array([1.0]).tobytes() == b"\0\0\0\0\0\0\xf0?"


def test_building_does_no_more_than_its_mark_says(tmp_path):
    """Everything is built from arguments of all kinds, in a process that is listened to."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("building.py"))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    everything = LISTED | ALWAYS
    buildable = {name for name, mark in everything.items() if Use.BUILD in mark.uses}
    assert result["beyond"] == []
    assert result["built"].keys() == buildable
    # The pool is good enough to get past the constructors' own checks.
    never = {name for name, number in result["built"].items() if number == 0}
    assert len(never) < len(buildable) / 4, sorted(never)
    reading = {name for name, mark in everything.items() if mark.effect is Effect.READS}
    assert set(result["read"]) <= reading
    assert len(result["read"]) >= 4
