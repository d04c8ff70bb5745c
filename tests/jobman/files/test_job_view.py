"""What can be seen of a job from a machine that sees its directory, and from one that does not."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.job_view import JobView
from pylearn2_jobman.jobman.files.workdir import WorkDirectory
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table
from pylearn2_jobman.record_file import FILE, RecordFile

LIVE = Live(at={"epoch": 5}, curves={"nll": [(0, 1.0), (5, 0.5)]}, output="epoch 5")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[JobTable]:
    """A table with a job that runs in a directory on another machine."""
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"x": 1})
        claim = table.claim()
        assert claim is not None
        workdir = {"jobman.sql.host_name": "another", "jobman.sql.host_workdir": "/tmp/its"}
        table.write_back(claim, claim.state | workdir, live=LIVE.text())
        yield table


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """What the job stored of itself in the experiment root, some epochs ago."""
    directory = tmp_path / "exp" / "jobs.db" / "t_" / "1"
    directory.mkdir(parents=True)
    RecordFile(directory / FILE).add([{"epoch": epoch, "nll": 0.75} for epoch in range(3)])
    (directory / "stdout").write_text("epoch 2\n")
    return directory


def view(table: JobTable, exproot: Path | str | None) -> JobView:
    return JobView.of(table, table.get(1), exproot)


def test_without_its_directory_a_job_is_what_its_live_row_says(table: JobTable) -> None:
    seen = view(table, None)
    assert seen.files is None
    assert seen.records()["epoch"] == [0, 5]
    assert seen.records()["nll"] == [1, 0.5]
    assert seen.output() == {"output": "epoch 5"}


def test_of_a_job_that_runs_elsewhere_the_later_is_seen(
    table: JobTable, stored: Path, tmp_path: Path
) -> None:
    assert view(table, tmp_path / "exp").records()["nll"] == [1, 0.5]
    assert view(table, tmp_path / "exp").output() == {"output": "epoch 5"}
    RecordFile(stored / FILE).add([{"epoch": 6, "nll": 0.25}])
    assert view(table, tmp_path / "exp").records()["epoch"] == [0, 1, 2, 6]


def test_of_a_job_that_has_ended_its_directory_says_all(
    table: JobTable, stored: Path, tmp_path: Path
) -> None:
    table.set_status([1], Status.DONE)
    seen = view(table, tmp_path / "exp")
    assert seen.records()["epoch"] == [0, 1, 2]
    assert seen.output() == {"stdout": "epoch 2\n", "stderr": ""}
    (stored / FILE).write_text("damaged\n")
    with pytest.raises(UsageError, match="does not hold monitor records"):
        view(table, tmp_path / "exp").records()
    (stored / FILE).unlink()
    assert seen.records()["epoch"] == [0, 5]


def test_a_job_that_runs_here_is_seen_in_its_working_directory(
    table: JobTable, stored: Path, tmp_path: Path
) -> None:
    directory = WorkDirectory.make(tmp_path, "jobs.db/t_/1")
    RecordFile(directory.path / FILE).add([{"epoch": 1, "nll": 9}])
    table.set_status([1], Status.START)
    claim = table.claim(info={
        "jobman.sql.host_name": platform.node(), "jobman.sql.host_workdir": str(directory.path),
    })  # fmt: skip
    assert claim is not None
    assert view(table, tmp_path / "exp").records()["nll"] == [9]
    assert view(table, tmp_path / "exp").output() == {"stdout": "", "stderr": ""}
    directory.close()
