"""The monitor records that the page draws."""

import os

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.context import PageContext, Settings
from pylearn2_jobman.jobman.dashboard.jobfiles import records_of

RECORDS = "epoch,batch,example,seconds,valid_nll\n0,0,0,0.01,2.5\n"


@pytest.fixture
def page(sqlite_url, tmp_path):
    """A page over a table with a job."""
    with open_table(sqlite_url) as table:
        table.insert({"n": 1})
        yield PageContext(table, Settings(exproot=tmp_path / "experiments"))


@pytest.fixture
def file(page):
    """Where the job's monitor records are."""
    table = page.table
    directory = page.settings.exproot / table.database / table.name / "1"
    directory.mkdir(parents=True)
    return directory / "monitor.csv"


def test_the_records_in_a_jobs_directory_are_found(page, file):
    file.write_text(RECORDS)
    assert records_of(page, page.table.get(1))["valid_nll"] == [2.5]


def test_a_file_that_cannot_be_one_of_records_holds_none(page, file):
    assert records_of(page, page.table.get(1)) == {}
    file.write_bytes(b"\xff\n")
    assert records_of(page, page.table.get(1)) == {}


def test_neither_links_are_followed_nor_pipes_waited_for(page, file, tmp_path):
    (tmp_path / "secret.csv").write_text(RECORDS)
    file.symlink_to(tmp_path / "secret.csv")
    assert records_of(page, page.table.get(1)) == {}
    file.unlink()
    os.mkfifo(file)
    assert records_of(page, page.table.get(1)) == {}
