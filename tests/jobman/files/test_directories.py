"""Finding the directories of jobs, and reading states without a database."""

import json
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.directories import find_conf_files, job_directory
from pylearn2_jobman.jobman.files.workdir import WorkDirectory
from pylearn2_jobman.jobman.state import DD
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.values import parse_literal

LISA = json.loads((Path(__file__).parents[2] / "data/lisa/lisa_jobs.json").read_text())


@pytest.fixture
def experiments(tmp_path: Path) -> Path:
    """The directories in which the original's worker left the states of three jobs."""
    for job in LISA["sqlite_jobs"][:3]:
        directory = tmp_path / "jobs.db" / "t_" / str(job["id"])
        directory.mkdir(parents=True)
        lines = (f"{key} = {value}\n" for key, value in job["values"].items())
        (directory / "current.conf").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize("below", ["jobs.db/t_", "."])
def test_a_notebook_reads_experiment_directories(experiments: Path, below: str) -> None:
    from jobman import tools

    found = dict(tools.find_conf_files(experiments / below))
    assert list(found) == [job["id"] for job in LISA["sqlite_jobs"][:3]]
    for job in LISA["sqlite_jobs"][:3]:
        assert found[job["id"]] == {k: parse_literal(v) for k, v in job["values"].items()}
    assert isinstance(found[1], DD)
    assert tools.expand(found[1]).jobman.id == 1


def test_other_files_and_names_are_taken_as_asked(experiments: Path) -> None:
    directory = experiments / "jobs.db" / "t_" / "try"
    directory.mkdir()
    (directory / "orig.conf").write_text("x = 1\n")
    assert list(find_conf_files(experiments / "jobs.db" / "t_", "orig.conf")) == [(None, {"x": 1})]
    assert list(find_conf_files(experiments, recurse=False)) == []
    with pytest.raises(UsageError, match=r"there is no directory '.*nowhere'"):
        list(find_conf_files(experiments / "nowhere"))


def test_jobs_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 9, 100):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "current.conf").write_text("x = 1\n")
    assert [number for number, _ in find_conf_files(tmp_path)] == [9, 10, 100]


def test_a_damaged_state_is_logged_with_its_line_and_skipped(
    experiments: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (experiments / "jobs.db" / "t_" / "1" / "current.conf").write_text("x = 1\ny = open('z')\n")
    assert [number for number, _ in find_conf_files(experiments)] == [2, 3]
    assert "1/current.conf, line 2" in caplog.text


def test_a_running_job_is_in_its_working_directory_on_this_machine(tmp_path: Path) -> None:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"x": 1})
        job = table.get(1)
        assert job_directory(table, job, tmp_path) is None
        kept = tmp_path / "exp" / "jobs.db" / "t_" / "1"
        kept.mkdir(parents=True)
        assert job_directory(table, job, tmp_path / "exp") == kept
        directory = WorkDirectory.make(tmp_path, "jobs.db/t_/1")
        directory.close()
        running = directory.path
        where = DD(host_name=platform.node(), host_workdir=str(running))
        job = replace(job, status=Status.RUNNING, state=DD(jobman=DD(sql=where)))
        assert job_directory(table, job, tmp_path / "exp") == running
        where.host_name = "another"
        assert job_directory(table, job, tmp_path / "exp") == kept
