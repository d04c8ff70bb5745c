"""What the page knows of a table before it shows anything."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.grid import rows, where_of
from pylearn2_jobman.jobman.dashboard.page import Page, Settings
from pylearn2_jobman.jobman.status import Status


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        yield table


def page(table):
    return Page(table, Settings())


def state(number, **more):
    return {"hyper_parameters": {"lr": 0.1 * number, "act": "relu", "seed": 7}, **more}


def test_the_version_changes_with_every_change_of_a_job(table):
    seen = [table.version()]

    def changed():
        seen.append(table.version())
        now = table.now()
        while table.now() == now:  # changes within a tick of the clock may look like one
            pass
        return seen[-1] not in seen[:-1]

    table.insert_many(state(n) for n in range(1, 4))
    assert changed()
    claim = table.claim()
    assert changed()
    claim.state.results = {"nll": 0.5}
    table.write_back(claim, claim.state)
    assert changed()
    table.write_back(claim, claim.state, status=Status.DONE)
    assert changed()
    table.set_status([2], Status.CANCELED)
    assert changed()
    table.set_priority([3], 2.0)
    assert changed()
    assert table.version() == seen[-1]


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


def test_rows_come_filtered_and_sorted_and_only_as_many_as_are_asked_for(table):
    table.insert_many(state(n) for n in range(10))
    shown = page(table)
    request = {
        "startRow": 1,
        "endRow": 3,
        "sortModel": [{"colId": "hyper_parameters.lr", "sort": "desc"}],
        "filterModel": {"hyper_parameters.lr": {"filter": "< 0.55"}},
    }
    where = where_of(shown, "hyper_parameters.lr > 0.25", request["filterModel"])
    assert rows(shown, request, where, {"hyper_parameters.lr"}) == [
        {"jobman.id": "5", "hyper_parameters.lr": "0.4"},
        {"jobman.id": "4", "hyper_parameters.lr": "0.3"},
    ]
    everything = {"startRow": 0, "endRow": 10**9}
    assert len(rows(shown, everything, None, {"hyper_parameters.lr"})) == 10
