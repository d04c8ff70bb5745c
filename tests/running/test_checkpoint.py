"""Checkpoints are whole or not there; training resumes only where the result is the same."""

import json
import os
import re
import time
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pylearn2_jobman.errors import CheckpointError
from pylearn2_jobman.running import checkpoint
from pylearn2_jobman.running.checkpoint import CheckpointFile

TEXT = "a: 1\nb: 2\n"


@pytest.fixture
def file(tmp_path):
    return CheckpointFile(tmp_path, TEXT)


def names(path):
    return sorted(each.name for each in path.iterdir())


def test_the_last_state_comes_back(file):
    assert file.load() is None
    for step in (1, 2, 3):
        file.save({"step": step, "values": torch.arange(step)}, {})
    state = file.load()
    assert (state["step"], state["values"].tolist()) == (3, [0, 1, 2])


def test_two_checkpoints_and_a_summary_for_people_are_kept(file, tmp_path):
    for epoch in (1, 2, 3):
        file.save({}, {"epoch": epoch})
    assert names(tmp_path) == ["checkpoint.json", "checkpoint.previous.pt", "checkpoint.pt"]
    summary = json.loads((tmp_path / "checkpoint.json").read_text())
    assert summary["epoch"] == 3
    assert summary["versions"]["torch"] == torch.__version__
    assert len(summary["yaml_sha256"]) == 64


def test_pytorch_reads_it_without_running_code(file):
    file.save({"x": torch.ones(2)}, {})
    assert torch.load(file.path, weights_only=True)["state"]["x"].tolist() == [1, 1]


def test_a_save_that_fails_leaves_what_there_was(file, tmp_path):
    file.save({"step": 1}, {})
    with pytest.raises(CheckpointError):
        file.save({"step": object()}, {})
    assert file.load() == {"step": 1}
    assert names(tmp_path) == ["checkpoint.json", "checkpoint.pt"]


def test_one_that_was_killed_between_two_renamings_is_gone_on_from(file):
    file.save({"step": 1}, {})
    file.path.rename(file.previous)
    assert file.exists()
    assert file.load() == {"step": 1}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damage_anywhere_is_seen_and_the_one_before_is_gone_on_from(file, caplog, data):
    file.save({"step": 1, "values": torch.zeros(500)}, {})
    file.save({"step": 2, "values": torch.ones(500)}, {})
    raw = bytearray(file.path.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1), label="place")
    if data.draw(st.booleans(), label="cut"):
        raw = raw[:place]
    else:
        raw[place] ^= data.draw(st.integers(1, 255), label="change")
    file.path.write_bytes(raw)
    state = file.load()
    if state["step"] == 2:  # the place is one that means nothing
        assert state["values"].tolist() == [1] * 500
    else:
        assert state["values"].tolist() == [0] * 500
        assert "checkpoint.pt is damaged" in caplog.text


def test_two_damaged_ones_are_an_error_that_names_both(file):
    file.save({}, {})
    file.save({}, {})
    for path in (file.path, file.previous):
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt is .*checkpoint\.previous\.pt is"):
        file.load()


def test_another_yaml_text_is_refused_by_its_first_line_that_differs(file, tmp_path):
    file.save({}, {})
    other = CheckpointFile(tmp_path, "a: 1\nb: 3\n", how_to_restart="begin anew with --restart")
    with pytest.raises(CheckpointError, match=r"line 2 .* was 'b: 2', and is 'b: 3'.*--restart"):
        other.load()


@pytest.mark.parametrize("what", ["pylearn2_jobman", "torch", "numpy"])
def test_another_version_is_refused_by_name(file, monkeypatch, what):
    versions = checkpoint._versions()
    monkeypatch.setattr(checkpoint, "_versions", lambda: versions | {what: "0.0.7"})
    file.save({}, {})
    monkeypatch.undo()
    with pytest.raises(
        CheckpointError, match=re.escape(f"{what} was 0.0.7, and is {versions[what]}")
    ):
        file.load()


def test_another_number_of_threads_is_noted(file, monkeypatch, caplog):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    file.save({"step": 1}, {})
    file.load()
    assert caplog.text == ""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert file.load() == {"step": 1}
    assert "written with 3 threads, and training goes on with 1" in caplog.text


def test_another_float_type_is_refused(file, monkeypatch):
    file.save({}, {})
    monkeypatch.setenv("PYLEARN2_FLOATX", "float64")
    with pytest.raises(CheckpointError, match="PYLEARN2_FLOATX was float32, and is float64"):
        file.load()


def test_an_older_one_than_wanted_is_removed_and_a_newer_one_is_gone_on_from(tmp_path):
    now = time.time()
    file = CheckpointFile(tmp_path, TEXT, not_before=now - 100)
    file.save({"step": 1}, {})
    file.save({"step": 2}, {})
    os.utime(file.previous, (now - 200, now - 200))
    assert file.load() == {"step": 2}
    os.utime(file.path, (now - 200, now - 200))
    assert file.load() is None
    assert not file.exists()


def test_several_trainings_share_a_directory_by_prefixes(tmp_path):
    for name in ("a", "b"):
        CheckpointFile(tmp_path, TEXT, prefix=f"{name}.").save({"name": name}, {})
    assert CheckpointFile(tmp_path, TEXT, prefix="a.").load() == {"name": "a"}
    CheckpointFile(tmp_path, TEXT, prefix="a.").remove()
    assert names(tmp_path) == ["b.checkpoint.json", "b.checkpoint.pt"]


def test_the_directory_is_the_one_it_was_wherever_the_training_goes(tmp_path, monkeypatch):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    file = CheckpointFile(Path(), TEXT)
    monkeypatch.chdir(tmp_path / "there")
    file.save({"step": 1}, {})
    assert names(tmp_path / "here") == ["checkpoint.json", "checkpoint.pt"]
    assert names(tmp_path / "there") == []
    assert file.load() == {"step": 1}


@pytest.mark.parametrize("content", [[1, 2], {"state": {}}, {"format": 2, "state": {}}])
def test_what_pytorch_reads_but_is_no_checkpoint_is_damaged(file, content):
    torch.save(content, file.path)
    with pytest.raises(CheckpointError, match=r"checkpoint\.pt is damaged: it has another format"):
        file.load()
