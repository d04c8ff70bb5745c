"""The rows of the page's table of jobs, and whether it notices that a job has changed."""

import pytest

from pylearn2_jobman import open_table
from pylearn2_jobman.jobman.dashboard.context import PageContext, Settings
from pylearn2_jobman.jobman.dashboard.grid import conditions, rows
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.status import Status


@pytest.fixture
def table(table_url):
    with open_table(table_url) as table:
        yield table


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


def test_rows_come_filtered_and_sorted_and_only_as_many_as_are_asked_for(table):
    table.insert_many(state(n) for n in range(10))
    page = PageContext(table, Settings())
    request = {
        "startRow": 1,
        "endRow": 3,
        "sortModel": [{"colId": "hyper_parameters.lr", "sort": "desc"}],
        "filterModel": {"hyper_parameters.lr": {"filter": "< 0.55"}},
    }
    where, wrong = conditions(page, "hyper_parameters.lr > 0.25", request["filterModel"])
    assert wrong == {}
    assert rows(page, request, where, {"hyper_parameters.lr"}) == [
        {"jobman.id": "5", "hyper_parameters.lr": "0.4"},
        {"jobman.id": "4", "hyper_parameters.lr": "0.3"},
    ]
    everything = {"startRow": 0, "endRow": 10**9}
    assert len(rows(page, everything, None, {"hyper_parameters.lr"})) == 10


def test_the_progress_of_a_running_job_is_that_of_its_live_row(table):
    table.insert(state(1))
    claim = table.claim()
    claim.state.jobman.progress = {"epoch": 1, "batches": 10, "channels": {"nll": 0.75}}
    live = Live(at={"epoch": 3, "batch": 30}, curves={"nll": [(3, 0.25)]})
    table.write_back(claim, claim.state, live=live.text())
    page = PageContext(table, Settings())
    keys = {f"jobman.progress.{name}" for name in ("epoch", "batches", "channels.nll")}
    (row,) = rows(page, {"startRow": 0, "endRow": 9}, None, keys)
    assert [row[key] for key in sorted(keys)] == ["30", "0.25", "3"]
