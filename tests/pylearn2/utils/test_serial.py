"""Files hold all of an object or what they held before, and say what is wrong with them."""

import pickle
import stat

import numpy as np
import pytest

from pylearn2_jobman.errors import NameNotAllowedError
from pylearn2_jobman.naming import aliases
from pylearn2_jobman.pylearn2.utils import serial


class Unwilling:
    def __reduce__(self):
        raise RuntimeError("not today")


def test_what_is_saved_is_loaded(tmp_path):
    serial.save(tmp_path / "a.pkl", {"x": [1, 2]})
    assert serial.load(tmp_path / "a.pkl") == {"x": [1, 2]}


def test_missing_directories_are_made(tmp_path):
    serial.save(tmp_path / "deep" / "er" / "a.pkl", 1)
    assert serial.load(tmp_path / "deep" / "er" / "a.pkl") == 1


@pytest.mark.parametrize("on_overwrite", ["ignore", "backup"])
def test_a_failed_save_leaves_the_old_file_and_no_other(tmp_path, on_overwrite):
    serial.save(tmp_path / "a.pkl", "old")
    with pytest.raises(RuntimeError, match="not today"):
        serial.save(tmp_path / "a.pkl", Unwilling(), on_overwrite)
    assert serial.load(tmp_path / "a.pkl") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pkl"]


def test_a_saved_file_is_as_readable_as_any_other(tmp_path):
    serial.save(tmp_path / "a.pkl", 1)
    (tmp_path / "b").write_bytes(b"")
    a, b = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.pkl", "b"))
    assert a == b


def test_an_unknown_on_overwrite_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'ignore' or 'backup'"):
        serial.save(tmp_path / "a.pkl", 1, on_overwrite="ask")


def test_files_of_numpy_are_loaded_as_arrays(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    assert serial.load(tmp_path / "a.npy").tolist() == [0, 1, 2]


def test_a_truncated_pickle_is_refused_by_name(tmp_path):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(list(range(1000)))[:-100])
    with pytest.raises(ValueError, match=r"a\.pkl is not a whole pickle"):
        serial.load(tmp_path / "a.pkl")


@pytest.mark.parametrize(
    "holds",
    [
        b"theano.compile.sharedvalue\nTensorSharedVariable",
        b"pylearn2.linear.conv2d\nConv2D",
        b"pylearn2.models.dbm\nDBM",
    ],
)
def test_a_model_of_the_theano_version_is_refused_with_what_to_do(tmp_path, holds):
    aliases.install()
    (tmp_path / "a.pkl").write_bytes(b"c" + holds + b"\n.")
    with pytest.raises(ValueError, match=r"Theano version of pylearn2.*get_param_values"):
        serial.load(tmp_path / "a.pkl")


def test_a_name_that_is_not_allowed_is_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBMAN_ALLOW", "pylearn2.*")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(NameNotAllowedError, match=r"(os|posix)\.system"):
        serial.load(tmp_path / "a.pkl")


def test_paths_may_hold_environment_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    serial.save("${LAB_DATA}/a.pkl", 1)
    assert serial.load("${LAB_DATA}/a.pkl") == 1
    assert (tmp_path / "a.pkl").exists()


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("sub/mlp.yaml", ("sub/mlp", "sub/", "mlp.yaml", "mlp")),
        ("mlp.yaml", ("mlp", "", "mlp.yaml", "mlp")),
        ("mlp.v2", ("mlp.v2", "", "mlp.v2", "mlp.v2")),
    ],
)
def test_a_training_file_is_loaded_and_knows_its_name(tmp_path, monkeypatch, path, parts):
    names = ("FILE_FULL_STEM", "DIR", "BASE_NAME", "FILE_STEM")
    for name in names:
        monkeypatch.setenv(f"PYLEARN2_TRAIN_{name}", "before")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    listed = ", ".join(f"'${{PYLEARN2_TRAIN_{name}}}'" for name in names)
    (tmp_path / path).write_text(f"{{parts: [{listed}], own: '${{OWN}}'}}")
    loaded = serial.load_train_file(path, environ={"OWN": "mine"})
    assert loaded == {"parts": list(parts), "own": "mine"}
