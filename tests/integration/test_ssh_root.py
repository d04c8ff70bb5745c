"""An experiment root on another machine: a real sshd on the loopback interface."""

import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from required import require
from waiting import until

from pylearn2_jobman.errors import PermanentFileError
from pylearn2_jobman.jobman.files import remote
from pylearn2_jobman.jobman.files.remote import RemoteFiles
from pylearn2_jobman.jobman.files.roots import open_root
from pylearn2_jobman.jobman.parameters.conf import read_conf

_PROGRAMS = ("sshd", "ssh", "ssh-keygen", "rsync")


def _program(name):
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@pytest.fixture(scope="session")
def ssh(tmp_path_factory):
    """Start a server for this user alone; return the command that reaches it as ``far``."""
    missing = [name for name in _PROGRAMS if _program(name) is None]
    absent = f"not installed: {', '.join(missing)} (Debian: openssh-server, rsync)"
    require("ssh", absent if missing else None)
    path = tmp_path_factory.mktemp("ssh")
    path.chmod(0o700)
    for key in ("host", "user"):
        subprocess.run(
            [_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path / key], check=True
        )
    shutil.copy(path / "user.pub", path / "authorized")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = [
        _program("sshd"), "-D", "-e", "-f", "/dev/null", "-h", path / "host", "-p", str(port),
        "-o", "ListenAddress=127.0.0.1", "-o", f"AuthorizedKeysFile={path / 'authorized'}",
        "-o", "StrictModes=no", "-o", "UsePAM=no", "-o", f"PidFile={path / 'pid'}",
        "-o", "PermitRootLogin=yes",
    ]  # fmt: skip
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with (path / "log").open("w") as log:
        process = subprocess.Popen(server, stdout=log, stderr=log)
    config = path / "config"
    config.write_text(
        f"Host far\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
        f"  IdentityFile {path / 'user'}\n  IdentitiesOnly yes\n  BatchMode yes\n"
        "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n"
    )
    command = f"ssh -F {config}"
    reach = [*command.split(), "far", "true"]
    until(
        lambda: subprocess.run(reach, capture_output=True).returncode == 0,
        show=(path / "log").read_text,
    )
    yield command
    process.terminate()
    process.wait()


@pytest.fixture
def far_lab(lab, ssh):
    lab.environment["RSYNC_RSH"] = ssh
    lab.far = lab.path / "far away" / "exp"
    return lab


def test_the_files_of_a_job_reach_the_other_machine(far_lab):
    lab = far_lab
    lab.write("spare.py", "def run(state, channel): open('big.no_sync', 'w'); open('kept', 'w')\n")
    lab.jobman("sqlschedule", lab.url, "spare.run")
    lab.jobman("sql", lab.url, f"ssh://far:{lab.far}")
    files = sorted(path.name for path in (lab.far / "jobs.db" / "t" / "1").iterdir())
    assert files == ["current.conf", "kept", "orig.conf", "stderr", "stdout"]
    assert lab.leftovers() == []


def test_a_restarted_job_gets_its_files_back_from_there(far_lab):
    lab = far_lab
    lab.insert("steps", "n=12")
    root = f"ssh://far:{lab.far}"
    lab.jobman("sql", "--finish-up-after", "0.4", lab.url, root)
    directory = lab.far / "jobs.db" / "t" / "1"
    assert 0 < int((directory / "progress.txt").read_text()) < 12
    lab.jobman("sql", lab.url, root)
    assert lab.statuses() == {1: "DONE"}
    assert (directory / "stdout").read_text().count("returned value is") == 2
    assert read_conf(directory / "current.conf")["results.y"] == 12


def test_a_checkpoint_that_is_gone_goes_from_there_and_nothing_else(far_lab):
    lab = far_lab
    lab.write(
        "passing.py",
        """
        import os

        def run(state, channel):
            if "begun" not in state:
                state.begun = 1
                open("checkpoint.pt", "w")
                open("kept", "w")
                return channel.INCOMPLETE
            os.remove("checkpoint.pt")
            os.remove("kept")
        """,
    )
    lab.jobman("sqlschedule", lab.url, "passing.run")
    root = f"ssh://far:{lab.far}"
    lab.jobman("sql", lab.url, root)
    directory = lab.far / "jobs.db" / "t" / "1"
    assert {"checkpoint.pt", "kept"} <= {path.name for path in directory.iterdir()}
    lab.jobman("sql", lab.url, root)
    files = sorted(path.name for path in directory.iterdir())
    assert files == ["current.conf", "kept", "orig.conf", "stderr", "stdout"]


def test_a_link_where_a_jobs_directory_should_be_is_not_followed_there(far_lab, monkeypatch):
    monkeypatch.setenv("RSYNC_RSH", far_lab.environment["RSYNC_RSH"])
    victim, work = far_lab.path / "victim", far_lab.path / "work"
    victim.mkdir()
    work.mkdir()
    (work / "stdout").write_text("said\n")
    root = open_root(f"ssh://far:{far_lab.far}")
    root.prepare()
    root.push(work, "db/t/2")
    assert (far_lab.far / "db/t/2/stdout").read_text() == "said\n"
    (far_lab.far / "db/t/1").symlink_to(victim)
    with pytest.raises(PermanentFileError, match="is not the user's own directory"):
        root.push(work, "db/t/1")
    (victim / "secret").write_text("kept")
    with pytest.raises(PermanentFileError, match="is not the user's own directory"):
        root.fetch("db/t/1", work)
    assert [path.name for path in victim.iterdir()] == ["secret"]
    assert [path.name for path in work.iterdir()] == ["stdout"]


def test_a_host_that_cannot_be_reached_is_an_error_before_any_job_is_begun(far_lab):
    lab = far_lab
    lab.insert("double", "x=1")
    printed = lab.jobman("sql", lab.url, "ssh://nowhere.invalid:exp", code=2)
    assert "ssh://nowhere.invalid:exp" in printed
    assert lab.statuses() == {1: "START"}


@pytest.mark.parametrize("address", ["ssh://", "ssh://host", "ssh://-oProxyCommand=x:y"])
def test_an_address_that_is_none_is_refused(lab, address):
    assert "ssh://[user@]host:path" in lab.jobman("sql", lab.url, address, code=2)


REPORTING = """
import pickle

def run(state, channel):
    pickle.dump([1], open("model.pkl", "wb"))
    for epoch in range(3):
        channel.report(epoch=epoch, valid_nll=1 / (epoch + 1))
    open("model of mine.txt", "w").write("weights")
    print("said")
"""


def test_what_lies_there_is_shown_and_drawn_here(far_lab, tmp_path):
    lab = far_lab
    lab.write("reporting.py", REPORTING)
    lab.jobman("sqlschedule", lab.url, "reporting.run")
    root = f"ssh://far:{lab.far}"
    lab.jobman("sql", lab.url, root)
    lab.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    shown = lab.jobman("show", lab.url, "1", "--exproot", root)
    assert f"Files in {root}/jobs.db/t/1" in shown
    assert "7 bytes  model of mine.txt" in shown
    assert "The end of stdout\nsaid\n" in shown
    assert lab.jobman("model", lab.url, "1") == f"file: {root}/jobs.db/t/1/model.pkl\n"
    lab.jobman("plot", lab.url, "curves", "--exproot", root, "-o", "curves.svg")
    assert "valid_nll" in (lab.path / "curves.svg").read_text()
    copies = {
        path.name for path in (tmp_path / "cache" / "pylearn2_jobman").rglob("*") if path.is_file()
    }
    assert copies == {"stdout", "stderr", "monitor.csv"}  # what was asked for, and no more


def test_files_there_are_read_without_following_links(far_lab, monkeypatch, tmp_path):
    monkeypatch.setenv("RSYNC_RSH", far_lab.environment["RSYNC_RSH"])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "_FRESH_SECONDS", -1)
    root, secret = open_root(f"ssh://far:{far_lab.far}"), far_lab.path / "secret"
    secret.mkdir()
    (secret / "stdout").write_text("secret\n")
    job = far_lab.far / "db" / "t" / "1"
    job.mkdir(parents=True)
    (job / "below").symlink_to(secret)
    (job / "stderr").symlink_to(secret / "stdout")
    (job / "stdout").write_text("one\n")
    files = RemoteFiles.of(root, "db/t/1")
    assert [(file.name, file.size) for file in files.listing()] == [("stdout", 4)]
    assert files.tail("stdout") == "one\n"
    (job / "stdout").write_text("one\ntwo\n")
    assert files.tail("stdout") == "one\ntwo\n"
    for name in ("below/stdout", "stderr", "../2/stdout", "no such file"):
        with pytest.raises(OSError, match=r"."):
            files.open(name)
    (job / "stdout").unlink()
    assert files.tail("stdout") == ""
    (far_lab.far / "db" / "t" / "2").symlink_to(secret)
    other = RemoteFiles.of(root, "db/t/2")
    assert other.tail("stdout") == ""
    with pytest.raises(OSError, match=r"."):
        other.listing()


def test_jobs_are_deleted_there_with_their_files_and_nothing_else(far_lab):
    lab = far_lab
    lab.write("spare.py", "def run(state, channel): open('kept', 'w')\n")
    lab.jobman("sqlschedules", lab.url, "spare.run", "n={{1,2,3}}")
    root = f"ssh://far:{lab.far}"
    lab.jobman("sql", "-n0", lab.url, root)
    directory = lab.far / "jobs.db" / "t"
    shutil.rmtree(directory / "2")
    (directory / "2").symlink_to(directory / "3")
    mode = lab.far.stat().st_mode
    said = lab.jobman("delete", lab.url, "1", "2", "--files", "--exproot", root, code=1)
    assert "jobs.db/t/2 is left" in said
    assert lab.far.stat().st_mode == mode
    assert sorted(path.name for path in directory.iterdir()) == ["2", "3"]
    assert (directory / "3" / "kept").exists()
    assert lab.statuses() == {3: "DONE"}
