"""Jobs that differ in their seeds alone, together."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

NLL, SEED, LR = "results.nll", "hp.seed", "hp.lr"
DONE, ERR_RUN, START = Status.DONE, Status.ERR_RUN, Status.START


def add(table: JobTable, runs: list[Any], **keys: Any) -> list[int]:
    """Insert a job a run and let it end, with a result or a status; return their ids."""
    ids = []
    for seed, run in enumerate(runs):
        job_id = table.insert({"hp": {"seed": seed, **keys}, "jobman.experiment": "lab.train"})
        assert job_id is not None
        ids.append(job_id)
        if run is START:
            continue
        claim = table.claim_job(job_id, [START])
        assert claim is not None
        if not isinstance(run, Status):
            claim.state["results"] = {"nll": run}
        table.write_back(claim, claim.state, status=run if isinstance(run, Status) else DONE)
    return ids


@pytest.fixture
def table(table_url: str) -> Iterator[JobTable]:
    with open_table(table_url) as table:
        add(table, [0.5, 0.3, ERR_RUN], lr=0.1, layers=[1, {"a": 2}])
        add(table, [0.2, math.nan, START], lr=1, layers=[1, {"a": 3}])
        add(table, [0.6, 0.1, "diverged"], lr=1.0, act=None)
        yield table


def test_jobs_equal_in_everything_else_are_one_group(table: JobTable) -> None:
    first, second, third = table.groups(NLL, over=SEED)
    assert (first.ids, first.values[LR], first.values["hp.layers"]) == ([7, 8, 9], 1.0, None)
    assert (first.n, first.mean, first.best, first.best_id) == (2, pytest.approx(0.35), 0.1, 8)
    assert second.ids == [1, 2, 3]
    assert (second.mean, second.median, second.failed) == (0.4, 0.4, 1)
    assert third.values == {LR: 1, "hp.layers": [1, {"a": 3}]}


def test_every_job_is_counted_once_and_a_nan_comes_last(table: JobTable) -> None:
    counts = [
        (group.n, group.nan, group.missing, group.failed) for group in table.groups(NLL, over=SEED)
    ]
    assert counts == [(2, 0, 1, 0), (2, 0, 0, 1), (1, 1, 1, 0)]
    add(table, [ERR_RUN, ERR_RUN], lr=7)
    assert table.groups(NLL, over=SEED)[-1].failed == 2
    assert len(table.best(NLL, over=SEED)) == 3


def test_groups_are_ranked_by_the_mean_or_by_the_worse_end_of_its_interval(table: JobTable) -> None:
    def order(**how: Any) -> list[int]:
        return [group.ids[0] for group in table.best(NLL, over=SEED, **how)]

    assert order() == [7, 1, 4]
    assert order(rank_by="bound") == [1, 7, 4]
    assert order(highest=True) == [1, 7, 4]
    assert order(n=1) == [7]
    with pytest.raises(UsageError, match="by 'mean' or 'bound', not by 'median'"):
        order(rank_by="median")
    with pytest.raises(UsageError, match=r"averaged over 'hp.seed': choose another result"):
        table.groups(SEED, over=SEED)


def test_several_keys_may_differ_and_patterns_name_them(table: JobTable) -> None:
    by_lr = table.groups(NLL, over=f"{SEED},hp.layers")
    assert [sorted(group.values) for group in by_lr] == [[LR]] * 3
    (everything,) = table.groups(NLL, over=["hp.*"])
    assert (everything.ids, everything.values) == (list(range(1, 10)), {})
    with pytest.raises(UsageError, match=r"'hp.sed'; did you mean 'hp.seed'"):
        table.groups(NLL, over="hp.sed")


def test_groups_by_several_keys_have_equal_values_of_these(table: JobTable) -> None:
    groups = table.groups(NLL, by=[LR, "jobman.status"], where="hp.seed < 2")
    found = [(repr(g.values[LR]), g.values["jobman.status"], len(g.ids)) for g in groups]
    assert sorted(found) == [("0.1", DONE, 2), ("1", DONE, 2), ("1.0", DONE, 2)]
    with pytest.raises(UsageError, match="either over some keys or by some keys"):
        table.groups(NLL)


def test_what_a_run_adds_to_a_job_does_not_set_it_apart(table_url: str) -> None:
    with open_table(table_url) as table:
        for seed in range(4):
            table.insert({"seed": seed, "lr": 0.1})
        for number in range(3):
            claim = table.claim()
            assert claim is not None
            claim.state["valid_error"], claim.state["host_of_run"] = number / 10, f"lab{number}"
            table.write_back(claim, claim.state, status=DONE)
        (group,) = table.groups("valid_error", over="seed")
        assert (group.n, group.mean, group.missing) == (3, pytest.approx(0.1), 1)


def test_a_data_frame_of_groups_has_their_statistics(table: JobTable) -> None:
    frame = table.dataframe(keys=[NLL], over=SEED, order_by=NLL, descending=True, limit=2)
    assert (frame.index.tolist(), frame.index.name) == ([1, 2], "jobman.group")
    assert list(frame) == ["jobman.jobs", "jobman.failed", *(f"{NLL}.{figure}" for figure in (
        "n", "mean", "std", "low", "high", "nan", "missing")), "hp.layers", LR,
        "jobman.ids"]  # fmt: skip
    assert frame["jobman.ids"].tolist() == [[1, 2, 3], [7, 8, 9]]
    assert frame[f"{NLL}.mean"].tolist() == pytest.approx([0.4, 0.35])
    assert list(table.dataframe(keys=["res*"], over=SEED)) == list(frame)
    everything = table.dataframe(over=SEED)
    assert {LR, f"{NLL}.mean"} < set(everything)
    assert not [key for key in everything if key.startswith(SEED)]


def test_a_query_sorts_and_limits_groups(table: JobTable) -> None:
    def ids(text: str) -> Any:
        return table.query(text, over=SEED).columns["jobman.ids"]

    assert ids("order by results.nll limit 1") == [[7, 8, 9]]
    assert ids("order by results.nll.high desc, jobman.id limit 1") == [[7, 8, 9]]
    assert ids("order by jobman.failed desc, hp.lr limit 2 offset 1") == [[4, 5, 6], [7, 8, 9]]
    assert ids("where hp.lr > 5") == []
    with pytest.raises(UsageError, match=r"cannot be sorted by 'hp.seed': their jobs differ in it"):
        ids("order by hp.seed")
    with pytest.raises(UsageError, match=r"no job has the key 'results.nl'"):
        ids("order by results.nl")


def test_a_status_that_is_asked_for_is_the_one_that_counts(table: JobTable) -> None:
    found = table.columns(keys=[NLL], over=SEED, status="ERR_RUN")
    assert (found.columns["jobman.jobs"], found.columns["jobman.failed"]) == ([1], [0])


def test_a_table_without_jobs_has_no_groups(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({"a": 1})
        assert table.columns(over="a", where="a > 1").ids == []
        assert repr(table.columns(over="a")) == "<QueryResult: 1 groups, 3 keys>"


def test_ids_are_those_of_jobs_where_nothing_is_said() -> None:
    assert QueryResult([3], {}).index == "jobman.id"
