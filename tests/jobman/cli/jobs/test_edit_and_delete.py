"""``jobman edit`` and ``jobman delete``: which jobs they take, and what becomes of these."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table


@pytest.fixture
def url(tmp_path):
    """A table with two jobs that are done, one that failed, one that runs and one that waits."""
    url = f"sqlite:///{tmp_path}/jobs.db?table=t"
    with open_table(url) as table:
        table.insert_many({"lr": lr, "jobman.experiment": "lab.f"} for lr in (0.1, 0.2, 0.3, 0.4))
        ends = [Status.DONE, Status.DONE, Status.ERR_RUN, None]
        for end in ends:
            claim = table.claim()
            if end is not None:
                table.write_back(claim, {**claim.state, "nll": claim.job_id}, status=end)
        table.insert({"lr": 0.5, "jobman.experiment": "lab.f"})
    return url


@pytest.fixture
def files(tmp_path):
    """The experiment root of the jobs."""
    root = tmp_path / "exp"
    for number in range(1, 6):
        directory = root / "jobs.db" / "t" / str(number)
        directory.mkdir(parents=True)
        (directory / "stdout").write_text("said\n")
    return root


def left(files):
    return sorted(path.name for path in (files / "jobs.db" / "t").iterdir())


def values(url, key):
    with open_table(url) as table:
        return [flatten(job.state).get(key) for job in table.jobs()]


class TestEdit:
    def test_changes_the_selected_jobs(self, run, url):
        assert run("edit", url, 1, 3, "lr=[1, 2]", "--force") == "Changed 2 jobs: 1 3\n"
        assert values(url, "lr") == [[1, 2], 0.2, [1, 2], 0.4, 0.5]
        said = run("edit", url, "--status", "done", "--where", "nll > 1", "jobman.tags=good paper",
                   "jobman.note='low = good'", "--priority", 3)  # fmt: skip
        assert said == "Changed 1 job: 2\n"
        assert values(url, "jobman.tags") == [None, "good paper", None, None, None]
        assert values(url, "jobman.note")[1] == "low = good"
        assert values(url, "jobman.sql.priority")[1] == 3.0
        assert run("edit", url, 2, "--remove", "jobman.note") == "Changed 1 job: 2\n"
        assert values(url, "jobman.note")[1] is None
        run("edit", url, 2, "jobman.time_limit=2h", "jobman.retries=1")
        assert values(url, "jobman.time_limit")[1] == "2h"
        run("edit", url, 2, "--remove", "jobman.time_limit")
        assert values(url, "jobman.time_limit")[1] is None

    def test_leaves_running_jobs_alone(self, run, url):
        assert run("edit", url, "--all", "jobman.tags=x") == "Changed 4 jobs: 1 2 3 5\n"
        assert "job 4: run now" in run("edit", url, 1, 4, "jobman.tags=y", code=2)
        assert values(url, "jobman.tags") == ["x", "x", "x", None, "x"]
        assert "only for" in run("edit", url, "--status", "RUNNING", "lr=1", code=2)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["1"], "which keys"),
            (["lr=1"], "which jobs"),
            (["99", "lr=1"], "job 99: not in the table"),
            (["1", "l=1"], "job 1 has no key 'l'; did you mean 'lr'"),
            (["1", "lr=0.2"], "job 1 as 2; nothing was changed"),
            (["1", "jobman.status=DONE"], "jobman retry and sqlstatus change it"),
            (["1", "jobman.id=7"], "kept by jobman itself"),
            (["1", "jobman.time_limit=soon"], "jobman.time_limit: a time is"),
            (["1", "--remove", "jobman.sql.priority"], "it cannot be removed"),
            (["1", "nosuch.conf"], "there is no file 'nosuch.conf'"),
            (["1", "lr=1", "--where", "lr ="], "the selection"),
            (["1", "lr={{1,2}}"], "stands for several jobs"),
            (["1", "lr={1}", "lr={2}"], "the shell took braces from a grid"),
        ],
    )
    def test_says_what_is_wrong_and_changes_nothing(self, run, url, words, said):
        before = values(url, "lr")
        assert said in run("edit", url, *words, code=2)
        assert values(url, "lr") == before

    def test_only_says_which_jobs_that_would_be(self, run, url):
        assert run("edit", url, "--all", "lr=1", "-n") == "4 jobs would be changed: 1 2 3 5\n"
        assert run("edit", url, 4, "lr=1", "-n", "--copy") == "1 jobs would be copied: 4\n"
        assert values(url, "lr") == [0.1, 0.2, 0.3, 0.4, 0.5]

    def test_makes_new_jobs_of_old_ones(self, run, url):
        assert run("edit", url, 1, 4, "--copy", "n=7", "--add") == "Added 2 jobs: 6 7\n"
        assert values(url, "n") == [None] * 5 + [7, 7]
        assert values(url, "nll")[5:] == [None, None]
        said = run("edit", url, 1, "--copy", "lr=0.5")
        assert said == "Added 0 jobs; 1 were there already (--force adds them)\n"


class TestDelete:
    def test_removes_rows_and_only_if_asked_files(self, run, url, files):
        assert run("delete", url, 1) == "Deleted 1 job: 1\n"
        assert left(files) == list("12345")
        said = run("delete", url, "--status", "DONE", "--status", "ERR_RUN", "--files",
                   "--exproot", files)  # fmt: skip
        assert said == "Deleted 2 jobs: 2 3\n"
        assert left(files) == list("145")
        assert values(url, "lr") == [0.4, 0.5]

    def test_never_takes_a_running_job(self, run, url, files):
        assert "job 4: run now" in run("delete", url, 1, 4, code=2)
        assert run("delete", url, "--all") == "Deleted 4 jobs: 1 2 3 5\n"
        assert values(url, "lr") == [0.4]

    def test_wants_a_selection_and_a_root_that_is_there(self, run, url, tmp_path):
        assert "which jobs" in run("delete", url, code=2)
        assert "where are the files" in run("delete", url, 1, "--files", code=2)
        nowhere = ("--files", "--exproot", tmp_path / "no")
        assert "there is no directory" in run("delete", url, 1, *nowhere, code=2)
        assert run("delete", url, 1, "-n") == "1 jobs would be deleted: 1\n"
        assert len(values(url, "lr")) == 5

    def test_follows_no_link_and_says_what_is_left(self, run, url, files, tmp_path):
        other = tmp_path / "other"
        other.mkdir()
        (files / "jobs.db" / "t" / "1" / "stdout").unlink()
        (files / "jobs.db" / "t" / "1").rmdir()
        (files / "jobs.db" / "t" / "1").symlink_to(other)
        said = run("delete", url, 1, 2, "--files", "--exproot", files)
        assert "jobs.db/t/1 is left: " in said
        assert other.is_dir()
        assert left(files) == list("1345")

    def test_asks_on_a_terminal_about_more_than_one_job(self, url):
        def answer(*words, typed=b""):
            here, there = pty.openpty()
            os.write(here, typed)
            jobman = Path(sys.executable).parent / "jobman"
            done = subprocess.run([jobman, *words], stdin=there, capture_output=True, text=True)
            os.close(here)
            os.close(there)
            return done.returncode, done.stdout

        code, said = answer("delete", url, "1", "2", typed=b"n\n")
        assert (code, "Delete 2 jobs: 1 2? [y/N]" in said) == (130, True)
        assert len(values(url, "lr")) == 5
        code, said = answer("delete", url, "1", "2", typed=b"y\n")
        assert (code, said.endswith("Deleted 2 jobs: 1 2\n")) == (0, True)
        assert answer("delete", url, "3") == (0, "Deleted 1 job: 3\n")
