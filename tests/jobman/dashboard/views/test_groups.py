"""Groups of jobs as a table on the page."""

from typing import Any

from pylearn2_jobman.jobman.dashboard.views.groups import group_table
from pylearn2_jobman.jobman.query.groups import Group


def group(**values: Any) -> Group:
    return Group(
        n=2, mean=0.25, std=0.05, low=0.2, high=0.3, nan=1, missing=0, values=values,
        ids=[3, 4, 5, 6], failed=1, best=0.2, best_id=4, median=0.25,
    )  # fmt: skip


def texts(table: Any) -> list[str]:
    """Return the texts of a table, cell by cell."""
    children = [part.children for part in table._traverse() if hasattr(part, "children")]
    return [text for text in children if isinstance(text, str)]


def test_a_group_has_its_values_figures_and_counts() -> None:
    table = group_table([group(**{"hp.lr": 0.1, "hp.act": None})], "results.nll")
    assert texts(table) == [
        "lr", "act", "jobs", "n", "best nll", "in job", "median", "mean", "± deviation",
        "95 % interval", "failed", "NaN", "missing",
        "0.1", "none", "4", "2", "0.2", "4", "0.25", "0.25", "0.05", "0.2 to 0.3", "1", "1", "",
    ]  # fmt: skip


def test_a_click_shows_the_jobs_that_have_all_of_its_values() -> None:
    table = group_table([group(**{"hp.lr": 0.1, "hp.act": None}), group()], "results.nll")
    buttons = [part for part in table._traverse() if type(part).__name__ == "Button"]
    assert [button.id["where"] for button in buttons] == [
        "(hp.lr = 0.1) and ((hp.act is null or hp.act = None))", "",
    ]  # fmt: skip


def test_a_page_holds_so_many_groups_and_says_how_many_more() -> None:
    assert (
        texts(group_table([group(x=number) for number in range(218)], "r"))[-1] == "2 more groups."
    )
