"""The monitor records that the page draws."""

import os

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.context import PageContext, Settings
from pylearn2_jobman.jobman.dashboard.views.jobfiles import records_of
from pylearn2_jobman.jobman.dashboard.views.jobtabs import curves_tab, tab
from pylearn2_jobman.jobman.live import Live

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


def test_of_a_job_whose_directory_cannot_be_read_the_live_row_is_drawn_and_shown(page):
    claim = page.table.claim()
    live = Live(at={"batch": 4}, curves={"nll": [(2, 0.5), (4, 0.25)]}, output="step 4")
    page.table.write_back(claim, claim.state, live=live.text())
    job = page.table.get(1)
    assert records_of(page, job)["nll"] == [0.5, 0.25]
    (figure,) = curves_tab(page, job, None)["body"].figure.data
    assert (list(figure.x), list(figure.y)) == ([2, 4], [0.5, 0.25])
    heading, output = tab("output", page, job)
    assert (heading.children, output.children.children) == ("output", "step 4")
