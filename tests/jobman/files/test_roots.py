"""Experiment roots: files there and back."""

import os
from pathlib import Path

import pytest

from pylearn2_jobman.errors import PermanentFileError, UsageError
from pylearn2_jobman.jobman.files.roots import open_root, snapshot
from pylearn2_jobman.jobman.files.tree import remove as tree_remove


def prepared(path):
    """An experiment root that a worker has made, or found."""
    root = open_root(str(path))
    root.prepare()
    return root


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
    root = prepared(tmp_path / "exp")
    root.push(workdir, "db/t/1")
    assert files(tmp_path / "exp" / "db" / "t" / "1") == ["deep/er/model.npy", "link", "stdout"]
    again = tmp_path / "again"
    again.mkdir()
    root.fetch("db/t/1", again)
    assert files(again) == ["deep/er/model.npy", "link", "stdout"]
    assert (again / "link").readlink() == Path("stdout")


def test_a_job_without_files_fetches_nothing(tmp_path):
    prepared(tmp_path / "exp").fetch("db/t/1", tmp_path)
    assert files(tmp_path) == []


def test_only_what_changed_is_copied_again(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    root.push(workdir, "1")
    copy = tmp_path / "exp" / "1"
    before = {name: (copy / name).stat().st_ino for name in ("stdout", "deep/er/model.npy")}
    (workdir / "stdout").write_text("said more\n")
    root.push(workdir, "1")
    after = {name: (copy / name).stat().st_ino for name in before}
    assert [name for name in before if before[name] != after[name]] == ["stdout"]


def test_a_file_that_is_gone_from_the_working_directory_stays_in_the_root(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    root.push(workdir, "1")
    (workdir / "stdout").unlink()
    root.push(workdir, "1")
    assert (tmp_path / "exp" / "1" / "stdout").exists()


def test_a_checkpoint_that_is_gone_from_the_working_directory_goes_from_the_root(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    (workdir / "checkpoint.pt").write_bytes(b"large")
    root.push(workdir, "1")
    assert (tmp_path / "exp" / "1" / "checkpoint.pt").exists()
    (workdir / "checkpoint.pt").unlink()
    root.push(workdir, "1")
    assert files(tmp_path / "exp" / "1") == ["deep/er/model.npy", "link", "stdout"]


def test_a_link_that_points_elsewhere_now_is_copied_again(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    root.push(workdir, "1")
    (workdir / "link").unlink()
    (workdir / "link").symlink_to("deep/er/")
    root.push(workdir, "1")
    copy = Path(root.describe("1"))
    assert os.readlink(copy / "link") == "deep/er/"  # noqa: PTH115  (Path would lose the slash)


def test_a_root_below_the_home_directory_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_root("~/exp").describe("1") == f"{tmp_path}/exp/1"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("ssh://me@host:exp/", "ssh://me@host:exp/1"),
        ("ssh://host:~/exp", "ssh://host:exp/1"),
        ("ssh://host:/data/exp", "ssh://host:/data/exp/1"),
        ("ssh://host/data/exp", "ssh://host:/data/exp/1"),
        ("ssh://host:~/", "ssh://host:./1"),
    ],
)
def test_a_root_on_another_machine_is_at_a_path_there(address, place):
    assert open_root(address).describe("1") == place


@pytest.mark.parametrize("address", ["ssh://", "ssh://host", "ssh://:exp", "ssh://-oProxy=x:exp"])
def test_an_address_without_host_or_path_is_an_error(address):
    with pytest.raises(UsageError, match="is not of the form"):
        open_root(address)


def test_a_root_on_another_machine_needs_rsync(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="needs rsync, which is not installed here"):
        open_root("ssh://host:exp").prepare()


def test_what_an_experiment_may_have_written_is_told_by_size_and_time(workdir):
    (workdir / "current.conf").write_text("a = 1\n")  # the worker's own
    before = snapshot(workdir)
    names = {str(Path(path).relative_to(workdir)) for path in before}
    assert names == {"deep/er/model.npy", "big.no_sync", "link"}
    (workdir / "stdout").write_text("said more\n")
    assert snapshot(workdir) == before
    (workdir / "deep" / "er" / "model.npy").write_bytes(b"\0" * 1001)
    assert snapshot(workdir) != before


def test_a_root_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be made"):
        open_root(str(tmp_path / "file" / "exp")).prepare()


def test_a_root_with_an_unknown_scheme_is_an_error():
    with pytest.raises(UsageError, match="ftp"):
        open_root("ftp://host/path")


def tree(path):
    """Everything below a directory: names, and what files hold and links point at."""
    return {
        str(each.relative_to(path)): (
            str(each.readlink())
            if each.is_symlink()
            else each.read_text()
            if each.is_file()
            else None
        )
        for each in sorted(path.rglob("*"))
    }


KINDS = {
    "file": lambda path: path.write_text("text"),
    "directory": lambda path: (path.mkdir(), (path / "inside").write_text("deeper")),
    "link": lambda path: path.symlink_to("elsewhere"),
    "link to a directory": lambda path: path.symlink_to(path.parent.parent),
}


@pytest.mark.parametrize("now", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_what_became_something_else_is_that_in_the_root(tmp_path, before, now):
    root, workdir = prepared(tmp_path / "exp"), tmp_path / "work"
    workdir.mkdir()
    KINDS[before](workdir / "x")
    root.push(workdir, "db/t/1")
    tree_remove(workdir)
    workdir.mkdir()
    KINDS[now](workdir / "x")
    root.push(workdir, "db/t/1")
    assert tree(tmp_path / "exp" / "db" / "t" / "1") == tree(workdir)
    assert {path.name for path in tmp_path.iterdir()} == {"exp", "work"}


def test_names_may_be_as_long_and_trees_as_deep_as_the_system_allows(tmp_path):
    root, workdir = prepared(tmp_path / "exp"), tmp_path / "work"
    deepest = workdir
    workdir.mkdir()
    (workdir / ("n" * 255)).write_text("long")
    for _ in range(1200):
        deepest = deepest / "d"
        deepest.mkdir()
    (deepest / "f").write_text("deep")
    before = snapshot(workdir)
    root.push(workdir, "db/t/1")
    root.fetch("db/t/1", prepared(tmp_path / "again").path)
    assert (tmp_path / "again" / ("n" * 255)).read_text() == "long"
    assert (tmp_path / "again" / deepest.relative_to(workdir) / "f").read_text() == "deep"
    assert len(before) == 2
    for path in (workdir, tmp_path / "exp", tmp_path / "again"):
        tree_remove(path)
        assert not path.exists()


def test_a_root_that_is_gone_is_not_made_again(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    (tmp_path / "exp").rename(tmp_path / "moved")
    with pytest.raises(FileNotFoundError, match="experiment root is gone") as gone:
        root.push(workdir, "db/t/1")
    assert not isinstance(gone.value, PermanentFileError)
    with pytest.raises(FileNotFoundError, match="experiment root is gone"):
        root.fetch("db/t/1", workdir)
    assert not (tmp_path / "exp").exists()
    (tmp_path / "moved").rename(tmp_path / "exp")
    root.push(workdir, "db/t/1")
    assert (tmp_path / "exp" / "db" / "t" / "1" / "stdout").exists()


def test_what_can_never_be_copied_is_told_from_what_may_pass(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    (tmp_path / "exp" / "db").mkdir()
    (tmp_path / "exp" / "db" / "t").write_text("a file, where the jobs of a table belong")
    with pytest.raises(PermanentFileError):
        root.push(workdir, "db/t/1")


def test_the_database_itself_may_lie_in_the_root(tmp_path, workdir):
    root = prepared(tmp_path / "exp")
    (tmp_path / "exp" / "jobs.db").write_text("an SQLite file")
    root.push(workdir, "jobs.db/t/1")
    assert root.describe("jobs.db/t/1") == str(tmp_path / "exp" / "jobs.db.files" / "t" / "1")
    root.fetch("jobs.db/t/1", prepared(tmp_path / "again").path)
    assert (tmp_path / "again" / "stdout").exists()
