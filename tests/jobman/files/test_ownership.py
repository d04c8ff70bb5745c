"""A directory that a row or a root names is used only if it is this user's own, and no link."""

import hashlib
import os
import platform
from dataclasses import replace

import pytest

from pylearn2_jobman.errors import PermanentFileError, UsageError
from pylearn2_jobman.jobman.files.directories import job_directory
from pylearn2_jobman.jobman.files.listing import JobFiles
from pylearn2_jobman.jobman.files.reload import reload_job
from pylearn2_jobman.jobman.files.roots import LocalRoot
from pylearn2_jobman.jobman.files.workdir import WorkDirectory, belongs_to, remove_given_up
from pylearn2_jobman.jobman.state import DD
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table

JOB = "jobs.db/t_/1"


@pytest.fixture
def root(tmp_path):
    root = LocalRoot(tmp_path / "exp")
    root.prepare()
    return root


@pytest.fixture
def workdir(tmp_path):
    directory = WorkDirectory.make(tmp_path, JOB)
    (directory.path / "stdout").write_text("said\n")
    directory.close()
    return directory.path


@pytest.fixture
def somebody_else(monkeypatch):
    """Have this process be another user than the one that made the files."""

    def become():
        other = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: other)

    return become


def test_a_working_directory_is_for_its_user_alone(workdir, tmp_path):
    assert workdir.stat().st_mode & 0o777 == 0o700
    directory = WorkDirectory.use(tmp_path / "fixed", JOB)
    directory.close()
    assert directory.path.stat().st_mode & 0o777 == 0o700


def test_a_directory_of_somebody_else_is_not_taken_over(workdir, somebody_else):
    assert belongs_to(workdir) == JOB
    somebody_else()
    assert belongs_to(workdir) is None
    assert WorkDirectory.take_over(workdir, JOB) is None


def test_a_directory_that_others_may_fill_is_not_taken_over(workdir):
    workdir.chmod(0o777)
    assert WorkDirectory.take_over(workdir, JOB) is None


def test_a_link_to_a_working_directory_is_not_taken_over(workdir, tmp_path):
    (tmp_path / "link").symlink_to(workdir)
    assert WorkDirectory.take_over(tmp_path / "link", JOB) is None


def test_what_somebody_else_gave_up_is_left_alone(workdir, tmp_path, somebody_else):
    there = workdir.rename(tmp_path / f"{workdir.name}.removable")
    somebody_else()
    remove_given_up(tmp_path)
    assert there.exists()


def test_a_row_shows_no_directory_of_somebody_else(tmp_path, workdir, somebody_else):
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"x": 1})
        where = DD(host_name=platform.node(), host_workdir=str(workdir))
        job = replace(table.get(1), status=Status.RUNNING, state=DD(jobman=DD(sql=where)))
        assert job_directory(table, job, None) == workdir
        somebody_else()
        assert job_directory(table, job, None) is None


@pytest.mark.parametrize("link", ["jobs.db", "jobs.db/t_", JOB])
def test_no_link_below_a_root_is_followed(root, workdir, tmp_path, link):
    victim = tmp_path / "victim"
    (victim / "t_" / "1").mkdir(parents=True)
    (victim / "1").mkdir()
    at = root.path / link
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(victim)
    for action in (lambda: root.push(workdir, JOB), lambda: root.fetch(JOB, workdir)):
        with pytest.raises(PermanentFileError, match="it is a link, which is not followed"):
            action()
    assert not list(victim.rglob("stdout"))
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"x": 1})
        assert job_directory(table, table.get(1), root.path) is None


def test_a_jobs_directory_of_somebody_else_is_not_used(root, workdir, somebody_else):
    root.push(workdir, JOB)
    somebody_else()
    with pytest.raises(PermanentFileError, match="belongs to user"):
        root.push(workdir, JOB)
    with pytest.raises(PermanentFileError, match="belongs to user"):
        root.fetch(JOB, workdir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_that_somebody_else_put_into_a_jobs_directory_is_not_fetched(root, workdir):
    root.push(workdir, JOB)
    planted = root.path / JOB / "monitor.csv"
    planted.symlink_to("/etc/passwd")
    os.lchown(planted, 12345, 12345)
    with pytest.raises(PermanentFileError, match="it belongs to another user"):
        root.fetch(JOB, workdir)


def test_a_link_in_the_place_of_a_copy_is_not_written_through(root, workdir, tmp_path):
    (tmp_path / "victim").write_text("kept")
    root.push(workdir, JOB)
    (workdir / "stdout").write_text("said more\n")
    # As the copy is named until it is whole: whoever knows that could lay a link there.
    name = hashlib.sha1(b"stdout", usedforsecurity=False).hexdigest()
    (root.path / JOB / f".{name}.no_sync").symlink_to(tmp_path / "victim")
    root.push(workdir, JOB)
    assert (root.path / JOB / "stdout").read_text() == "said more\n"
    assert (tmp_path / "victim").read_text() == "kept"


def test_files_are_not_shown_through_a_link(workdir, tmp_path):
    (tmp_path / "link").symlink_to(workdir)
    assert JobFiles(workdir).tail("stdout") == "said\n"
    files = JobFiles(tmp_path / "link")
    assert files.listing() == []
    assert files.tail("stdout") == ""


def test_a_state_is_not_read_through_a_link(tmp_path):
    (tmp_path / "secret.conf").write_text("jobman.experiment = lab.double\npassword = 1\n")
    (tmp_path / "current.conf").symlink_to("secret.conf")
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        with pytest.raises(UsageError, match="is a link, which is not followed"):
            reload_job(table, tmp_path, 1, 300)
        assert list(table.jobs()) == []
