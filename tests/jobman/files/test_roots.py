"""Experiment roots: files there and back."""

from pathlib import Path

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.roots import open_root


@pytest.fixture
def workdir(tmp_path):
    path = tmp_path / "work"
    (path / "deep" / "er").mkdir(parents=True)
    (path / "stdout").write_text("said\n")
    (path / "deep" / "er" / "model.npy").write_bytes(b"\0" * 1000)
    (path / "big.no_sync").write_text("stays here")
    (path / "cache.no_sync").mkdir()
    (path / "link").symlink_to("stdout")
    return path


def files(path):
    return sorted(str(p.relative_to(path)) for p in path.rglob("*") if not p.is_dir())


def test_files_reach_the_root_and_come_back(tmp_path, workdir):
    root = open_root(str(tmp_path / "exp"))
    root.prepare()
    root.push(workdir, "db/t/1")
    assert files(tmp_path / "exp" / "db" / "t" / "1") == ["deep/er/model.npy", "link", "stdout"]
    again = tmp_path / "again"
    again.mkdir()
    root.fetch("db/t/1", again)
    assert files(again) == ["deep/er/model.npy", "link", "stdout"]
    assert (again / "link").readlink() == Path("stdout")


def test_a_job_without_files_fetches_nothing(tmp_path):
    open_root(str(tmp_path / "exp")).fetch("db/t/1", tmp_path)
    assert files(tmp_path) == []


def test_only_what_changed_is_copied_again(tmp_path, workdir):
    root = open_root(str(tmp_path / "exp"))
    root.push(workdir, "1")
    copy = tmp_path / "exp" / "1"
    before = {name: (copy / name).stat().st_ino for name in ("stdout", "deep/er/model.npy")}
    (workdir / "stdout").write_text("said more\n")
    root.push(workdir, "1")
    after = {name: (copy / name).stat().st_ino for name in before}
    assert [name for name in before if before[name] != after[name]] == ["stdout"]


def test_a_file_that_is_gone_from_the_working_directory_stays_in_the_root(tmp_path, workdir):
    root = open_root(str(tmp_path / "exp"))
    root.push(workdir, "1")
    (workdir / "stdout").unlink()
    root.push(workdir, "1")
    assert (tmp_path / "exp" / "1" / "stdout").exists()


def test_a_checkpoint_that_is_gone_from_the_working_directory_goes_from_the_root(tmp_path, workdir):
    root = open_root(str(tmp_path / "exp"))
    (workdir / "checkpoint.pt").write_bytes(b"large")
    root.push(workdir, "1")
    assert (tmp_path / "exp" / "1" / "checkpoint.pt").exists()
    (workdir / "checkpoint.pt").unlink()
    root.push(workdir, "1")
    assert files(tmp_path / "exp" / "1") == ["deep/er/model.npy", "link", "stdout"]


def test_a_root_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        open_root(str(tmp_path / "file" / "exp")).prepare()


def test_a_root_with_an_unknown_scheme_is_an_error():
    with pytest.raises(UsageError, match="ftp"):
        open_root("ftp://host/path")
