"""Which keys the page shows at first, before a reader has chosen any."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.context import PageContext, Settings


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        yield table


def page(table):
    return PageContext(table, Settings())


def state(number, **more):
    return {"hyper_parameters": {"lr": 0.1 * number, "act": "relu", "seed": 7}, **more}


def test_the_first_columns_are_the_results_and_what_varies(table):
    table.insert_many(
        state(n, results={"epoch": n, "valid_error": 0.1, "valid_nll": 0.2}) for n in (1, 2)
    )
    profile = page(table).profile()
    assert profile.varying == ["hyper_parameters.lr"]
    assert profile.result == "results.valid_nll"
    assert profile.shown == [
        "jobman.status",
        "results.valid_nll",
        "results.valid_error",
        "results.epoch",
        "hyper_parameters.lr",
        "jobman.run_time",
    ]
    assert "hyper_parameters.act" not in profile.numbers


def test_before_there_are_results_progress_stands_for_them(table):
    progress = {"epoch": 3, "channels": {"train_objective": 2.0, "valid_objective": 1.0}}
    table.insert(state(1, jobman={"progress": progress}))
    profile = page(table).profile()
    assert profile.result == "jobman.progress.channels.valid_objective"
    assert "jobman.progress.epoch" in profile.shown


def test_an_empty_table_has_a_page(table):
    profile = page(table).profile()
    assert (profile.varying, profile.results, profile.result) == ([], [], None)


def test_tags_and_notes_are_shown_once_a_job_has_them(table):
    table.insert_many(state(n) for n in (1, 2))
    assert "jobman.tags" not in page(table).profile().shown
    table.edit([1], {"jobman.tags": "good", "jobman.note": "lowest"})
    assert page(table).profile().shown[2:4] == ["jobman.tags", "jobman.note"]
