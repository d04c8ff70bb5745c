"""The contract of the job table (see `JobTable`) as tests, to be run on every database.

A subclass gives a fixture ``url``: the address of a table that does not exist yet.
"""

import math
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tables import add_cell, age_heartbeats, index_names, set_cell

from pylearn2_jobman.errors import (
    ClaimLostError,
    JobClaimedError,
    NotStorableError,
    TableError,
    UnknownJobError,
    UnreadableJobError,
    UsageError,
)
from pylearn2_jobman.jobman.database.hashing import legacy_hash
from pylearn2_jobman.jobman.database.job import Wanted
from pylearn2_jobman.jobman.live import Live
from pylearn2_jobman.jobman.state import DD, flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

JOB = {"lr": 0.1, "jobman.experiment": "lab.train"}

VALUES: dict[str, Any] = {
    "one": 1,
    "minus one": -1,
    "largest 64-bit integer": 2**63 - 1,
    "smallest 64-bit integer": -(2**63),
    "integer beyond 64 bits": 2**70,
    "tenth": 0.1,
    "third": 1 / 3,
    "whole float": 3.0,
    "smallest float": 5e-324,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "not a number": math.nan,
    "none": None,
    "true": True,
    "false": False,
    "text": "plain",
    "empty text": "",
    "text like a number": "1e3",
    "text like None": "None",
    "text with quotes and lines": 'it\'s "q" # x\n\ttwo\\n',
    "unicode": "naïve — 深層学習 🎲",
    "megabytes": "x" * 3_000_000,
    "empty list": [],
    "list": [1, 2.5, "x", None, [True, (1,)], {"k": [math.inf]}],
    "tuple": (1, (2, 3), "é"),
    "empty dictionary": {},
    "integer keys": {1: "one", 2: {3: [4]}},
    "set": {1, 2},
    "complex number": 1 - 2.5j,
}


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal and of one type, NaN equal to itself."""
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return type(left) is type(right) and repr(left) == repr(right)


class TableContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def table(self, url: str) -> Iterator[JobTable]:
        with open_table(url) as table:
            yield table

    # Inserting

    def test_a_new_job_waits_with_its_state(self, table: JobTable) -> None:
        job_id = table.insert({"hyper": {"lr": 0.1}, "jobman.experiment": "lab.train"}, priority=2)
        assert job_id is not None
        job = table.get(job_id)
        assert (job.status, job.priority) == (Status.START, 2.0)
        assert job.created is not None
        assert (job.claimed, job.heartbeat) == (None, None)
        assert flatten(job.state) == {
            "hyper.lr": 0.1,
            "jobman.experiment": "lab.train",
            "jobman.status": 0,
            "jobman.sql.priority": 2.0,
        }
        assert isinstance(job.state, DD)
        assert job.state.hyper.lr == 0.1

    def test_the_same_state_again_is_a_duplicate(self, table: JobTable) -> None:
        assert table.insert({"a": {"b": 1}, "c": [1]}) is not None
        assert table.insert({"c": [1], "a.b": 1}) is None
        assert table.insert({"c": [1], "a.b": 1}, force=True) is not None

    def test_how_many_states_are_new_is_what_would_be_inserted(self, table: JobTable) -> None:
        table.insert({"a": 2})
        states = [{"a": 1}, {"a": 2}, {"a": 1.0}, {"a": 1}, {"a": "1"}]
        assert table.count_new(states) == 3
        assert table.counts()[Status.START] == 1
        assert len(table.insert_many(states).ids) == 3
        assert table.count_new(states) == 0

    def test_jobman_keys_do_not_make_a_job_another_one(self, table: JobTable) -> None:
        table.insert(JOB)
        assert table.insert({**JOB, "jobman.note": "again"}, priority=5.0) is None

    def test_the_experiment_makes_a_job_another_one(self, table: JobTable) -> None:
        table.insert(JOB)
        assert table.insert({**JOB, "jobman.experiment": "lab.other"}) is not None

    def test_what_another_table_said_of_a_job_is_not_taken_over(self, table: JobTable) -> None:
        said = {"status": 2, "id": 99, "hash": 7, "sql": {"priority": 9.0, "restarts": 1}}
        job_id = table.insert({"a": 1, "jobman": said})
        assert job_id not in (None, 99)
        assert table.inconsistencies() == []
        job = table.get(job_id)
        assert (job.status, job.priority) == (Status.START, 1.0)
        assert flatten(job.state) == {
            "a": 1,
            "jobman.status": 0,
            "jobman.sql.priority": 1.0,
            "jobman.sql.restarts": 1,
        }

    def test_a_subset_is_not_a_duplicate(self, table: JobTable) -> None:
        table.insert({"a": 1, "b": 2})
        assert table.insert({"a": 1}) is not None
        assert table.insert({"a": 1, "b": 2, "c": 3}) is not None

    def test_values_of_different_types_are_different_jobs(self, table: JobTable) -> None:
        values = [1, 1.0, True, "1", "True", None, "None", [1], (1,), 0.3, 0.3 + 1e-16]
        assert table.insert_many({"a": value} for value in values).duplicates == 0

    def test_a_job_stays_one_of_a_kind_when_it_has_changed_its_own_keys(
        self, table: JobTable
    ) -> None:
        table.insert({"lr": 0.1, "deep": {"n": 1}, "s": "1"})
        claim = table.claim()
        assert claim is not None
        state = {"lr": 0.01, "deep": {"n": 7}, "results": {"nll": 1.0}}
        table.write_back(claim, state, status=Status.DONE)
        assert table.insert({"lr": 0.1, "deep": {"n": 1}, "s": "1"}) is None
        assert table.insert({"lr": 0.01, "deep": {"n": 7}}) is not None

    def test_an_experiment_is_one_by_whichever_of_its_names(self, table: JobTable) -> None:
        names = [
            "pylearn2.scripts.jobman.experiment.train_experiment",
            "pylearn2_jobman.experiment.train_experiment",
            "pylearn2_jobman.train_experiment",
            "pylearn2.scripts.jobman.train_experiment",
            "pylearn2_jobman.pylearn2.scripts.jobman.experiment.train_experiment",
        ]
        for first in names:
            state = {"jobman.experiment": first, "by": first}
            assert table.insert(state, check=False)
            again = [{**state, "jobman.experiment": name} for name in names]
            assert table.insert_many(again, check=False).duplicates == len(names)
        # Earlier versions knew two of the names as other experiments.
        for first in names[2:4]:
            state = {"jobman.experiment": first, "before": first}
            job_id = table.insert(state, check=False)
            table.change(job_id or 0, {"jobman.hash": legacy_hash(state)})
            again = [{**state, "jobman.experiment": name} for name in names]
            assert table.insert_many(again, check=False).duplicates == len(names)
        old, new = "pylearn2.scripts.jobman.experiment", "pylearn2_jobman.experiment"
        both = ({"jobman.experiment": f"{one}.other", "m": 1} for one in (old, new))
        assert table.insert_many(both).duplicates == 1

    def test_jobs_are_inserted_with_another_status(self, table: JobTable) -> None:
        job_id = table.insert(JOB, status=Status.CANCELED)
        assert job_id is not None
        job = table.get(job_id)
        assert (job.status, job.state.jobman.status) == (Status.CANCELED, Status.CANCELED)
        assert table.claim() is None

    def test_inserting_many_again_says_how_many_were_new(self, table: JobTable) -> None:
        assert len(table.insert_many({"a": i} for i in range(700)).ids) == 700
        again = table.insert_many([*({"a": i} for i in range(702)), {"a": 701}])
        assert (len(again.ids), again.duplicates) == (2, 701)

    def test_inserting_many_reports_progress_up_to_the_last(self, table: JobTable) -> None:
        seen: list[int] = []
        table.insert_many(({"a": i} for i in range(1200)), progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 1200

    def test_an_error_among_many_inserts_none(self, table: JobTable) -> None:
        def states() -> Iterator[dict[str, Any]]:
            yield from ({"a": i} for i in range(600))
            yield {"a": object()}

        with pytest.raises(NotStorableError, match="'a'"):
            table.insert_many(states())
        assert sum(table.counts().values()) == 0

    def test_inserting_the_same_from_several_clients_at_once_makes_one_of_each(
        self, url: str, table: JobTable
    ) -> None:
        def insert(_: int) -> int:
            with open_table(url) as own:
                return len(own.insert_many({"a": i} for i in range(50)).ids)

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(insert, range(4))) == 50
        assert table.counts()[Status.START] == 50

    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
    def test_a_value_comes_back_equal_and_of_the_same_type(
        self, table: JobTable, value: Any
    ) -> None:
        job_id = table.insert({"value": value, "deep": {"er": {"clé ключ": value}}})
        assert job_id is not None
        state = table.get(job_id).state
        assert same(state["value"], value)
        assert same(state["deep"]["er"]["clé ключ"], value)

    @pytest.mark.parametrize(
        "key", ["it's", "100%", 'quote"', "id", "a b", "ключ", "%s", ":x", "?"]
    )
    def test_a_strange_key_is_a_key(self, table: JobTable, key: str) -> None:
        job_id = table.insert({key: 1})
        assert job_id is not None
        assert table.get(job_id).state[key] == 1

    def test_a_key_of_128_characters_is_the_longest(self, table: JobTable) -> None:
        job_id = table.insert({"k" * 128: 1})
        assert job_id is not None
        assert table.get(job_id).state["k" * 128] == 1
        with pytest.raises(NotStorableError, match=r"k{129}.*129 characters"):
            table.insert({"k" * 129: 1})

    def test_a_key_that_is_a_value_and_a_prefix_is_refused(self, table: JobTable) -> None:
        with pytest.raises(NotStorableError, match=r"'a' is both .* 'a\.b\.c'"):
            table.insert({"a": 1, "a.b.c": 2})

    @pytest.mark.parametrize("state", [{".a": 1}, {"": {"a": 1}}], ids=repr)
    def test_a_key_that_begins_with_a_dot_is_refused(
        self, table: JobTable, state: dict[str, Any]
    ) -> None:
        with pytest.raises(NotStorableError, match=r"'\.a' begins with a dot"):
            table.insert(state)

    def test_an_empty_key_is_refused(self, table: JobTable) -> None:
        with pytest.raises(NotStorableError, match="the key '' has 0 characters"):
            table.insert({"": 1})

    def test_a_nul_in_a_key_is_refused(self, table: JobTable) -> None:
        with pytest.raises(NotStorableError, match=r"'a.x00b' holds a NUL character at position 1"):
            table.insert({"a\0b": 1})

    def test_half_a_surrogate_pair_is_refused(self, table: JobTable) -> None:
        with pytest.raises(NotStorableError, match=r"'a' holds '.udc80' at position 1"):
            table.insert({"a": "x\udc80"})

    def test_a_priority_is_a_number(self, table: JobTable) -> None:
        with pytest.raises(UsageError, match="finite"):
            table.insert(JOB, priority=math.nan)

    # Claiming

    def test_an_empty_table_has_nothing_to_claim(self, table: JobTable) -> None:
        assert table.claim() is None

    def test_the_highest_priority_is_claimed_first_then_the_lowest_id(
        self, table: JobTable
    ) -> None:
        low = table.insert({"a": 1}, priority=0.5)
        first, second = table.insert({"a": 2}), table.insert({"a": 3})
        high = table.insert({"a": 4}, priority=2.0)
        claims = [table.claim() for _ in range(4)]
        assert [claim.job_id for claim in claims if claim] == [high, first, second, low]
        assert table.claim() is None

    def test_a_claimed_job_runs_and_carries_the_workers_keys(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim(info={"jobman.sql.host_name": "node7"})
        assert claim is not None
        job = table.get(claim.job_id)
        assert job.status is Status.RUNNING
        assert job.state == claim.state
        assert job.state.jobman.status == Status.RUNNING
        assert job.state.jobman.sql.host_name == "node7"
        assert job.claimed is not None
        assert job.heartbeat is not None

    def test_only_a_selected_job_is_claimed(self, table: JobTable) -> None:
        table.insert_many({"nhid": nhid} for nhid in (10, 20, 30))
        claim = table.claim(where="nhid in (20, 40)")
        assert claim is not None
        assert claim.state.nhid == 20
        assert table.claim(where="nhid in (20, 40)") is None

    def test_no_job_is_claimed_twice_by_many_threads(self, table: JobTable) -> None:
        table.insert_many({"a": i} for i in range(100))

        def claim_all(_: int) -> list[int]:
            return [claim.job_id for claim in iter(table.claim, None)]

        with ThreadPoolExecutor(4) as threads:
            claimed = [job_id for ids in threads.map(claim_all, range(4)) for job_id in ids]
        assert len(claimed) == len(set(claimed)) == 100

    def test_tokens_of_a_job_increase(self, table: JobTable) -> None:
        table.insert(JOB)
        tokens = []
        for _ in range(20):
            claim = table.claim()
            assert claim is not None
            tokens.append(claim.token)
            table.write_back(claim, claim.state, status=Status.START)
        assert tokens == sorted(set(tokens), key=str)

    # Writing back

    def test_a_result_is_stored_and_ends_the_claim(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        claim.state.results = {"valid_nll": 0.25, "best": [1, 2]}
        table.write_back(claim, claim.state, status=Status.DONE, priority=3.0)
        job = table.get(claim.job_id)
        assert (job.status, job.priority) == (Status.DONE, 3.0)
        assert job.state.jobman.status == Status.DONE
        assert job.state.jobman.sql.priority == 3.0
        assert job.state.results == {"valid_nll": 0.25, "best": [1, 2]}
        with pytest.raises(ClaimLostError):
            table.heartbeat(claim)

    def test_changed_keys_change_deleted_keys_go_and_types_may_differ(
        self, table: JobTable
    ) -> None:
        table.insert({"changed": 1, "deleted": 2, "kept": 3, "mutated": [1]})
        claim = table.claim()
        assert claim is not None
        claim.state.changed = "one"
        claim.state.mutated.append(2)
        del claim.state["deleted"]
        claim.state.new = None
        table.write_back(claim, claim.state)
        state = table.get(claim.job_id).state
        del state["jobman"]
        assert state == {"changed": "one", "kept": 3, "mutated": [1, 2], "new": None}

    def test_a_save_in_mid_run_keeps_the_claim(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        for epoch in range(3):
            claim.state.epoch = epoch
            table.write_back(claim, claim.state)
            job = table.get(claim.job_id)
            assert (job.status, job.state.epoch) == (Status.RUNNING, epoch)
        assert table.heartbeat(claim) is Status.RUNNING

    def test_a_value_that_is_changed_back_after_a_save_is_the_last_one(
        self, table: JobTable
    ) -> None:
        table.insert({"lr": 0.1})
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, {**claim.state, "lr": 0.2, "epoch": 1, "note": "saved"})
        table.write_back(claim, {**claim.state, "lr": 0.1, "epoch": 2}, status=Status.DONE)
        state = table.get(claim.job_id).state
        del state["jobman"]
        assert state == {"lr": 0.1, "epoch": 2}
        assert table.inconsistencies() == []

    def test_an_unstorable_result_changes_nothing(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        with pytest.raises(NotStorableError, match=r"results\.model"):
            table.write_back(
                claim, {**claim.state, "results": {"model": object()}}, status=Status.DONE
            )
        assert table.get(claim.job_id).state == claim.state

    def test_writing_the_same_result_twice_is_harmless(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, {**JOB, "result": 1}, status=Status.DONE)
        table.write_back(claim, {**JOB, "result": 1}, status=Status.DONE)
        assert table.get(claim.job_id).state.result == 1

    def test_the_end_of_one_job_claims_the_next(self, table: JobTable) -> None:
        table.insert_many([{"n": 1}, {"n": 2}, {"n": 3, "kind": "late"}])
        first = table.claim()
        assert first is not None
        wanted = Wanted("kind = late", {"jobman.sql.host_name": "node7"})
        then = table.write_back(first, {"n": 1}, status=Status.DONE, then_claim=wanted)
        assert then is not None
        assert (then.state.n, then.state.jobman.sql.host_name) == (3, "node7")
        assert table.get(then.job_id).state == then.state
        assert table.get(first.job_id).status is Status.DONE
        assert table.heartbeat(then) is Status.RUNNING
        assert table.write_back(then, {"n": 3}, status=Status.DONE, then_claim=wanted) is None
        assert table.inconsistencies() == []

    def test_a_job_that_waits_again_may_be_the_next(self, table: JobTable) -> None:
        table.insert_many([{"n": 1}, {"n": 2}])
        first = table.claim()
        assert first is not None
        state = {**first.state, "epoch": 1}
        again = table.write_back(first, state, status=Status.START, then_claim=Wanted())
        assert again is not None
        assert (again.job_id, again.state.epoch) == (first.job_id, 1)
        with pytest.raises(ClaimLostError):
            table.heartbeat(first)

    def test_whoever_lost_a_job_claims_none_by_ending_it(self, table: JobTable) -> None:
        table.insert_many([{"n": 1}, {"n": 2}])
        first = table.claim()
        assert first is not None
        table.set_status([first.job_id], Status.ERR_RUN)
        with pytest.raises(ClaimLostError):
            table.write_back(first, {"n": 1}, status=Status.DONE, then_claim=Wanted())
        assert table.counts()[Status.START] == 1

    def test_a_next_job_that_cannot_be_read_fails_and_the_one_after_it_is_claimed(
        self, url: str, table: JobTable
    ) -> None:
        ids = table.insert_many([{"n": 1}, {"n": 2}, {"n": 3}]).ids
        set_cell(url, ids[1], "n", type="?")
        first = table.claim()
        assert first is not None
        then = table.write_back(first, {"n": 1}, status=Status.DONE, then_claim=Wanted())
        assert then is not None
        assert then.job_id == ids[2]
        assert table.counts()[Status.ERR_START] == 1

    def test_a_job_ends_although_none_can_be_claimed_after_it(self, table: JobTable) -> None:
        table.insert_many([{"n": 1}, {"n": 2}])
        first = table.claim()
        assert first is not None
        table._claims._take[None].sql = "SELECT id FROM nowhere"
        assert table.write_back(first, {"n": 1}, status=Status.DONE, then_claim=Wanted()) is None
        assert table.get(first.job_id).status is Status.DONE
        with pytest.raises(TableError, match="nowhere"):
            table.claim()

    # Cancelling, and losing a claim

    def test_a_cancelled_job_is_not_claimed(self, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert table.set_status([job_id, 999], Status.CANCELED) == 1  # type: ignore[list-item]
        assert table.claim() is None

    def test_a_job_that_ended_since_it_was_chosen_is_not_cancelled(self, table: JobTable) -> None:
        ids = table.insert_many([{"n": 1}, {"n": 2}]).ids
        table.set_status(ids[:1], Status.DONE)
        assert table.set_status(ids, Status.CANCELED, among=[Status.START, Status.RUNNING]) == 1
        for job_id, status in zip(ids, (Status.DONE, Status.CANCELED), strict=True):
            job = table.get(job_id)
            assert (job.status, job.state.jobman.status) == (status, status)

    def test_a_running_job_that_is_cancelled_tells_its_worker_and_stays_cancelled(
        self, table: JobTable
    ) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        table.set_status([claim.job_id], Status.CANCELED)
        assert table.heartbeat(claim) is Status.CANCELED
        claim.state.result = 1
        table.write_back(claim, claim.state, status=Status.DONE)
        job = table.get(claim.job_id)
        assert (job.status, job.state.jobman.status) == (Status.CANCELED, Status.CANCELED)
        assert job.state.result == 1

    @pytest.mark.parametrize(
        "statuses",
        [
            [Status.START],
            [Status.DONE],
            [Status.START, Status.CANCELED],
            [Status.CANCELED, Status.START],
            [Status.START, Status.RUNNING],
        ],
        ids=lambda statuses: " then ".join(status.name for status in statuses),
    )
    def test_a_status_set_by_hand_ends_the_claim(
        self, table: JobTable, statuses: list[Status]
    ) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        for status in statuses:
            table.set_status([claim.job_id], status)
        before = table.get(claim.job_id)
        with pytest.raises(ClaimLostError, match=f"job {claim.job_id} .* {statuses[-1].name}"):
            table.heartbeat(claim)
        with pytest.raises(ClaimLostError):
            table.write_back(claim, {**claim.state, "result": 1}, status=Status.DONE)
        with pytest.raises(ClaimLostError):
            table.write_back(claim, {**claim.state, "result": 1})
        assert table.get(claim.job_id) == before

    def test_a_job_claimed_again_is_lost_to_its_first_worker(self, table: JobTable) -> None:
        table.insert(JOB)
        first = table.claim()
        assert first is not None
        table.set_status([first.job_id], Status.START)
        second = table.claim()
        assert second is not None
        with pytest.raises(ClaimLostError, match="nothing was written"):
            table.write_back(first, {**first.state, "result": "first"}, status=Status.DONE)
        table.write_back(second, {**second.state, "result": "second"}, status=Status.DONE)
        assert table.get(first.job_id).state.result == "second"

    # The live row

    def test_a_claims_holder_replaces_the_live_row_which_is_no_part_of_the_state(
        self, url: str, table: JobTable
    ) -> None:
        table.insert(JOB | {"jobman.live": "of another table"})
        claim = table.claim()
        assert claim is not None
        assert table.live() == {}
        table.write_back(claim, claim.state | {"jobman.live": "mine"}, live=Live(since=1.0).text())
        assert table.heartbeat(claim, Live(message="half").text()) is Status.RUNNING
        assert table.live(ids=[claim.job_id]) == {claim.job_id: Live(message="half")}
        table.heartbeat(claim)
        table.write_back(claim, claim.state)
        assert table.live()[claim.job_id].message == "half"
        job = table.get(claim.job_id)
        assert "jobman.live" not in {*flatten(job.state), *table.keys()}
        assert "jobman.live" not in table.columns().columns
        assert "live" not in table.create_view("seen")
        table.write_back(claim, claim.state, status=Status.DONE, live=Live(message="all").text())
        assert table.live(status=Status.DONE) == {claim.job_id: Live(message="all")}
        assert table.insert(job.state) is None
        assert not table.inconsistencies()

    def test_the_next_attempt_has_the_same_live_row(self, table: JobTable) -> None:
        table.insert(JOB)
        for message in ("one", "two"):
            claim = table.claim()
            assert claim is not None
            assert "live" not in claim.state.jobman
            table.write_back(claim, claim.state, live=Live(message=message).text())
            table.write_back(claim, claim.state, status=Status.START)
        assert [live.message for live in table.live().values()] == ["two"]
        assert not table.inconsistencies()

    def test_only_who_holds_the_claim_changes_the_live_row(self, table: JobTable) -> None:
        table.insert(JOB)
        lost = table.claim()
        assert lost is not None
        table.write_back(lost, lost.state, live=Live(message="first").text())
        table.set_status([lost.job_id], Status.START)
        assert table.claim() is not None
        late = Live(message="late").text()
        with pytest.raises(ClaimLostError):
            table.heartbeat(lost, late)
        with pytest.raises(ClaimLostError):
            table.write_back(lost, lost.state, live=late)
        table.set_status([lost.job_id], Status.DONE)
        for change in (
            {"values": {"jobman.live": late}},
            {"values": {}, "remove": ["jobman.live"]},
        ):
            with pytest.raises(UsageError, match="live"):
                table.change(lost.job_id, **change)  # type: ignore[arg-type]
        table.change(lost.job_id, {"lr": 0.2})
        assert table.live()[lost.job_id].message == "first"

    def test_heartbeats_of_several_claims_tell_of_each(self, table: JobTable) -> None:
        table.insert_many([{"n": number} for number in range(4)])
        shown, quiet, cancelled, lost = [table.claim() for _ in range(4)]
        for claim in (shown, quiet, cancelled, lost):
            assert claim is not None
            table.write_back(claim, claim.state, live=Live(message="first").text())
        table.set_status([cancelled.job_id], Status.CANCELED)
        table.set_status([lost.job_id], Status.START)
        again = table.claim()
        assert again is not None
        new = Live(message="new").text()
        statuses = table.heartbeats(
            [(lost, Live(message="late").text()), (shown, new), (again, None), (quiet, None),
             (cancelled, new)]
        )  # fmt: skip
        assert statuses == [
            None, Status.RUNNING, Status.RUNNING, Status.RUNNING, Status.CANCELED
        ]  # fmt: skip
        messages = {job_id: live.message for job_id, live in table.live().items()}
        assert messages == {
            shown.job_id: "new", quiet.job_id: "first", cancelled.job_id: "new",
            lost.job_id: "first",
        }  # fmt: skip

    def test_a_live_row_may_hold_anything(self, url: str, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        add_cell(
            url, job_id, "jobman.live", type="s", sval='{"records": {"epoch": [[[' + "[" * 9999
        )
        assert table.live() == {job_id: Live()}
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, claim.state, live="{}", status=Status.DONE)
        assert not table.inconsistencies()

    # The lease

    def test_a_job_whose_heartbeat_is_old_goes_back(self, url: str, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim(info={"jobman.sql.host_name": "node7"})
        assert claim is not None
        age_heartbeats(url, 61)
        (taken,) = table.take_back(lease_seconds=60, max_restarts=3)
        assert (taken.job_id, taken.status, taken.restarts) == (claim.job_id, Status.START, 1)
        assert "node7" in taken.reason
        job = table.get(claim.job_id)
        assert (job.status, job.state.jobman.status) == (Status.START, Status.START)
        assert job.state.jobman.sql.restarts == 1
        (reason,) = job.state.jobman.sql.reasons
        assert "node7" in reason
        with pytest.raises(ClaimLostError):
            table.heartbeat(claim)

    def test_a_job_with_a_heartbeat_stays(self, url: str, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        age_heartbeats(url, 61)
        table.heartbeat(claim)
        assert table.take_back(lease_seconds=60, max_restarts=3) == []

    def test_a_job_is_restarted_so_often_and_then_fails_with_the_reason(
        self, url: str, table: JobTable
    ) -> None:
        table.insert(JOB)
        for restarts in (1, 2):
            assert table.claim() is not None
            age_heartbeats(url, 61)
            (taken,) = table.take_back(lease_seconds=60, max_restarts=2)
            assert (taken.status, taken.restarts) == (Status.START, restarts)
        claim = table.claim()
        assert claim is not None
        age_heartbeats(url, 61)
        (taken,) = table.take_back(lease_seconds=60, max_restarts=2)
        assert taken.status is Status.ERR_RUN
        job = table.get(claim.job_id)
        assert (job.status, job.state.jobman.status) == (Status.ERR_RUN, Status.ERR_RUN)
        assert "restarted 2 times" in job.state.jobman.error

    def test_a_job_without_a_heartbeat_is_left_to_a_person(self, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        table.set_status([job_id], Status.RUNNING)
        assert table.take_back(lease_seconds=0.0, max_restarts=3) == []

    # The pause

    def pause(self, table: JobTable, seconds: float | None) -> int:
        """Put the next job back, not to be claimed for so long; return which it was."""
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, claim.state, status=Status.START, pause_seconds=seconds)
        return claim.job_id

    def test_a_job_is_passed_over_until_its_pause_has_ended(
        self, url: str, table: JobTable
    ) -> None:
        assert table.next_in() is None
        table.insert(JOB, priority=2)
        table.insert({**JOB, "other": 1})
        assert table.next_in() == 0
        assert self.pause(table, 3600) == 1
        assert self.pause(table, 1800) == 2
        assert table.claim() is None
        assert 1700 < (table.next_in() or 0) <= 1800
        assert 3500 < (table.next_in("jobman.id = 1") or 0) <= 3600
        assert table.next_in("jobman.id = 3") is None
        age_heartbeats(url, 1800, Status.START)
        assert table.next_in() == 0
        assert self.pause(table, None) == 2
        age_heartbeats(url, 1800, Status.START)
        assert self.pause(table, 0.5) == 1  # of higher priority
        assert self.pause(table, 7) == 2

    def test_what_lies_further_ahead_than_any_pause_is_none(
        self, url: str, table: JobTable
    ) -> None:
        table.insert(JOB)
        self.pause(table, 3600)
        age_heartbeats(url, -86400, Status.START)
        assert table.next_in() == 0
        assert self.pause(table, 3600) == 1
        assert table.claim() is None

    @pytest.mark.parametrize("by", [Status.START, Status.DONE, Status.CANCELED])
    def test_a_person_ends_a_pause(self, table: JobTable, by: Status) -> None:
        table.insert(JOB)
        self.pause(table, 3600)
        table.set_status([1], by)
        table.set_status([1], Status.START)
        claim = table.claim()
        assert claim is not None
        assert table.heartbeat(claim) is Status.RUNNING
        assert table.take_back(60, 3) == []

    # Reading and selecting

    def test_an_unknown_job_is_named(self, table: JobTable) -> None:
        with pytest.raises(UnknownJobError, match=r"no job 17 in .*table=t_"):
            table.get(17)
        with pytest.raises(KeyError):
            table.get(17)
        with pytest.raises(UnknownJobError, match=f"no job {2**40} "):
            table.get(2**40)
        assert list(table.jobs(ids=[2**40])) == []

    def test_counts_have_every_status(self, table: JobTable) -> None:
        table.insert_many({"a": i} for i in range(3))
        table.claim()
        assert table.counts() == dict.fromkeys(Status, 0) | {
            Status.START: 2,
            Status.RUNNING: 1,
        }

    def test_jobs_are_selected_by_id_and_status_and_limited(self, table: JobTable) -> None:
        ids = table.insert_many({"a": i} for i in range(6)).ids
        table.set_status(ids[:2], Status.DONE)
        table.set_status(ids[2:3], Status.ERR_RUN)

        def found(**selection: Any) -> list[int]:
            return [job.id for job in table.jobs(**selection)]

        assert found() == ids
        assert found(ids=[ids[3], ids[1], 999]) == [ids[1], ids[3]]
        assert found(status=Status.DONE) == ids[:2]
        assert found(status=[Status.DONE, Status.ERR_RUN]) == ids[:3]
        assert found(limit=2) == ids[:2]
        assert found(descending=True, limit=2) == [ids[5], ids[4]]

    def test_jobs_are_ordered_by_a_key_those_without_it_last(self, table: JobTable) -> None:
        values = [0.5, 2, None, -1.5, math.nan, math.inf, 10]
        ids = [
            table.insert({"n": i} if value is None else {"n": i, "nll": value})
            for i, value in enumerate(values)
        ]
        order = [ids.index(job.id) for job in table.jobs(order_by="nll")]
        assert order == [3, 0, 1, 6, 5, 2, 4]
        order = [ids.index(job.id) for job in table.jobs(order_by="nll", descending=True)]
        assert order == [5, 6, 1, 0, 3, 2, 4]
        best = next(table.jobs(order_by="nll", limit=1))
        assert best.state.nll == -1.5

    def test_jobs_are_ordered_by_priority(self, table: JobTable) -> None:
        ids = [table.insert({"n": i}, priority=p) for i, p in enumerate((1.0, 3.0, 2.0))]
        found = [job.id for job in table.jobs(order_by="jobman.sql.priority", descending=True)]
        assert found == [ids[1], ids[2], ids[0]]

    def test_more_jobs_than_a_page_are_streamed_in_order(self, table: JobTable) -> None:
        ids = table.insert_many({"a": -i} for i in range(1300)).ids
        assert [job.id for job in table.jobs()] == ids
        assert [job.id for job in table.jobs(order_by="a")] == ids[::-1]
        assert [job.id for job in table.jobs(limit=700)] == ids[:700]

    def test_keys_are_those_that_some_job_has(self, table: JobTable) -> None:
        table.insert_many([{"b": {"c": 1}}, {"a": 1}])
        assert table.keys() == ["a", "b.c", "jobman.sql.priority", "jobman.status"]

    # Changing and deleting by hand

    def test_keys_of_a_job_are_set_and_removed(self, table: JobTable) -> None:
        job_id = table.insert({"lr": 0.1, "n": {"hid": 3}, "old": 1})
        assert job_id is not None
        table.change(job_id, {"lr": "small", "n": {"vis": [4]}}, remove=["old", "nosuch"])
        state = table.get(job_id).state
        assert (state.lr, state.n, "old" in state) == ("small", {"hid": 3, "vis": [4]}, False)

    def test_status_and_priority_change_with_their_keys_and_the_hash_in_its_column(
        self, table: JobTable
    ) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        values = {"jobman.status": "DONE", "jobman.sql.priority": 3, "jobman.hash": 7, "nll": 0.5}
        table.change(job_id, values)
        job = table.get(job_id)
        assert (job.status, job.priority, job.hash) == (Status.DONE, 3.0, 7)
        assert (job.state.jobman.status, job.state.jobman.sql.priority) == (Status.DONE, 3.0)
        assert job.state.nll == 0.5
        assert "hash" not in job.state.jobman
        assert table.inconsistencies() == []

    @pytest.mark.parametrize(
        ("values", "remove", "message"),
        [
            ({"a": len}, [], "'a'"),
            ({"a": 1, "lr.x": 2}, [], "'lr' is both"),
            ({"a": 1, "jobman.status": "DUNE"}, [], "no status 'DUNE'"),
            ({"a": 1, "jobman.sql.priority": math.nan}, [], "finite"),
            ({"a": 1, "jobman.id": 99}, [], "keeps its number"),
            ({"a": 1}, ["jobman.status"], "cannot be removed"),
        ],
        ids=str,
    )
    def test_a_change_that_cannot_be_changes_nothing(
        self, table: JobTable, values: dict[str, Any], remove: list[str], message: str
    ) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        before = table.get(job_id)
        with pytest.raises((NotStorableError, UsageError), match=message):
            table.change(job_id, values, remove=remove)
        assert table.get(job_id) == before

    def test_the_keys_of_a_running_job_are_its_workers(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        before = table.get(claim.job_id)
        for values in ({"lr": 1}, {"lr": 1, "jobman.status": Status.RUNNING}):
            with pytest.raises(JobClaimedError, match=f"job {claim.job_id} .* run by a worker"):
                table.change(claim.job_id, values)
        with pytest.raises(JobClaimedError):
            table.change(claim.job_id, {}, remove=["lr"])
        assert table.get(claim.job_id) == before
        table.change(claim.job_id, {"jobman.sql.priority": 5})
        assert table.heartbeat(claim) is Status.RUNNING
        table.change(claim.job_id, {"jobman.status": Status.CANCELED})
        assert table.heartbeat(claim) is Status.CANCELED

    @pytest.mark.parametrize(
        "changes",
        [
            [{"lr": 1, "jobman.status": Status.START}],
            [{"lr": 1, "jobman.status": Status.CANCELED}],
            [{"jobman.status": Status.CANCELED}, {"lr": 1}],
            [{"jobman.status": Status.START}, {"lr": 1}],
        ],
        ids=str,
    )
    def test_keys_that_change_with_the_status_or_after_it_end_the_claim(
        self, table: JobTable, changes: list[dict[str, Any]]
    ) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        for values in changes:
            table.change(claim.job_id, values)
        with pytest.raises(ClaimLostError):
            table.heartbeat(claim)
        with pytest.raises(ClaimLostError):
            table.write_back(claim, {**claim.state, "lr": 2}, status=Status.DONE)
        assert table.get(claim.job_id).state.lr == 1

    def test_a_job_that_was_set_running_by_hand_is_a_persons(self, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        table.set_status([job_id], Status.RUNNING)
        table.change(job_id, {"lr": 1})
        assert table.get(job_id).state.lr == 1

    def test_an_unknown_job_cannot_be_changed(self, table: JobTable) -> None:
        with pytest.raises(UnknownJobError, match=r"no job 17 in .*table=t_"):
            table.change(17, {"a": 1})

    def test_a_job_is_deleted_and_its_number_not_given_again(
        self, url: str, table: JobTable
    ) -> None:
        ids = table.insert_many({"a": i} for i in range(3)).ids
        assert table.delete([ids[0], ids[2], 999]) == 2
        assert [job.id for job in table.jobs()] == [ids[1]]
        assert table.keys() == ["a", "jobman.sql.priority", "jobman.status"]
        assert table.delete([]) == 0
        with open_table(url) as other:
            assert other.insert({"a": 2}) == ids[2] + 1
        table.delete([ids[2] + 1])
        table.place(ids[0], {"a": 0}, Status.DONE)
        assert table.insert({"a": 2}) not in [ids[2], ids[2] + 1]

    def test_a_running_job_that_is_deleted_is_lost_to_its_worker(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        table.delete([claim.job_id])
        with pytest.raises(ClaimLostError, match="gone from the table"):
            table.heartbeat(claim)
        with pytest.raises(ClaimLostError):
            table.write_back(claim, claim.state, status=Status.DONE)
        assert table.counts() == dict.fromkeys(Status, 0)
        assert table.keys() == []

    def test_jobs_that_were_edited_are_found_again_by_what_they_are_now(
        self, table: JobTable
    ) -> None:
        ids = table.insert_many({**JOB, "lr": lr, "n": 1} for lr in (0.1, 0.2)).ids
        values = {"n": 2, "jobman.tags": ["paper", "good"], "jobman.sql.priority": 3}
        values |= {"jobman.note": 2016}
        assert table.edit(ids, values) == ids
        for job_id, lr in zip(ids, (0.1, 0.2), strict=True):
            job = table.get(job_id)
            assert (job.state.lr, job.state.n, job.priority) == (lr, 2, 3.0)
            assert job.state.jobman.tags == "good paper"
            assert job.state.jobman.note == "2016"
            again = table.insert({**JOB, "lr": lr, "n": 2}, force=True)
            assert again is not None
            assert table.get(again).hash == job.hash
        assert table.insert_many({**JOB, "lr": lr, "n": 2} for lr in (0.1, 0.2)).duplicates == 2
        assert table.insert_many({**JOB, "lr": lr, "n": 1} for lr in (0.1, 0.2)).duplicates == 0
        assert table.inconsistencies() == []

    @pytest.mark.parametrize("learned", [{"results": {"nll": 1.0}}, {"sum": 3, "z": {"y": 1}}])
    def test_an_ended_job_that_is_edited_is_known_without_what_its_run_added(
        self, table: JobTable, learned: dict[str, Any]
    ) -> None:
        table.insert({**JOB, "n": 1})
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, {**claim.state, **learned}, status=Status.DONE)
        code = table.get(claim.job_id).hash
        table.edit([claim.job_id], dict.fromkeys(list(flatten(learned))[:1], 7))
        assert table.get(claim.job_id).hash == code
        table.edit([claim.job_id], {"n": 2})
        assert table.insert({**JOB, "n": 2}) is None
        assert table.insert({**JOB, "n": 1}) is not None

    def test_an_edited_job_whose_run_changed_its_own_keys_is_known_by_those_it_began_with(
        self, table: JobTable
    ) -> None:
        table.insert({**JOB, "n": 1})
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, {**claim.state, "lr": 0.01, "sum": 3}, status=Status.DONE)
        table.edit([claim.job_id], {"n": 2})
        assert table.insert({**JOB, "lr": 0.01, "n": 2}) is None

    def test_an_edit_never_makes_two_jobs_of_the_same_unless_forced(self, table: JobTable) -> None:
        ids = table.insert_many({**JOB, "lr": lr} for lr in (0.1, 0.2, 0.3)).ids
        before = [table.get(job_id) for job_id in ids]
        for some in (ids[:1], ids[:2], ids):
            with pytest.raises(UsageError, match="the same as other"):
                table.edit(some, {"lr": 0.3})
        assert [table.get(job_id) for job_id in ids] == before
        assert table.edit(ids[2:], {"lr": 0.3}) == ids[2:]
        assert table.edit(ids[:1], {"lr": 0.3}, force=True) == ids[:1]
        assert table.insert({**JOB, "lr": 0.1}) is not None

    @pytest.mark.parametrize(
        ("values", "remove", "message"),
        [
            ({"a": len}, [], "'a'"),
            ({"lrr": 1}, [], r"no key 'lrr'; did you mean 'lr'\?"),
            ({"lr.x": 1, "n": 1}, [], "no key 'lr.x'"),
            ({"lr": 1, "jobman.status": 0}, [], "sqlstatus"),
            ({"lr": 1, "jobman.error": "x"}, [], "kept by jobman"),
            ({"lr": 1, "jobman.sql.host_name": "x"}, [], "kept by jobman"),
            ({"lr": 1, "jobman.sql.priority": math.inf}, [], "finite"),
            ({"lr": 1}, ["jobman.sql.priority"], "cannot be removed"),
            ({"jobman.tag": "x"}, [], r"no key 'jobman.tag'; did you mean 'jobman.tags'\?"),
            ({"lr": 1}, ["lrr"], r"no key 'lrr' to remove; did you mean 'lr'\?"),
            ({"lr": 1}, ["lr"], "either removed or given"),
        ],
        ids=str,
    )
    def test_an_edit_that_cannot_be_changes_no_job(
        self, table: JobTable, values: dict[str, Any], remove: list[str], message: str
    ) -> None:
        ids = table.insert_many({**JOB, "n": n} for n in range(2)).ids
        before = [table.get(job_id) for job_id in ids]
        with pytest.raises((NotStorableError, UsageError), match=message):
            table.edit(ids, values, remove=remove)
        assert [table.get(job_id) for job_id in ids] == before

    def test_new_keys_are_given_and_others_removed_if_that_is_said(self, table: JobTable) -> None:
        ids = table.insert_many({**JOB, "n": n, "old": 1} for n in range(2)).ids
        table.edit(ids, {"new": [1]}, remove=["old"], add=True)
        assert table.insert({**JOB, "n": 1, "new": [1]}) is None
        with pytest.raises(NotStorableError, match="'n' is both"):
            table.edit(ids, {"n.x": 1}, add=True)
        with pytest.raises(UsageError, match="the same"):
            table.edit(ids, {}, remove=["n"])

    def test_a_running_job_is_not_edited_and_an_unknown_one_is_named(self, table: JobTable) -> None:
        ids = table.insert_many({**JOB, "n": n} for n in range(2)).ids
        claim = table.claim()
        assert claim is not None
        with pytest.raises(JobClaimedError, match=f"job {claim.job_id} "):
            table.edit(ids, {"lr": 1})
        with pytest.raises(UnknownJobError, match="no job 99 "):
            table.edit([*ids, 99], {"jobman.note": "x"})
        assert table.edit([*ids, 99], {"lr": 1}, among=list(Status)) == ids[1:]
        assert table.get(claim.job_id).state.lr == 0.1
        table.write_back(claim, claim.state, status=Status.DONE)

    def test_an_edit_of_a_cancelled_job_ends_its_claim(self, table: JobTable) -> None:
        table.insert(JOB)
        claim = table.claim()
        assert claim is not None
        table.set_status([claim.job_id], Status.CANCELED)
        table.edit([claim.job_id], {"lr": 1})
        with pytest.raises(ClaimLostError):
            table.write_back(claim, claim.state, status=Status.DONE)
        assert table.get(claim.job_id).state.lr == 1

    def test_jobs_that_are_claimed_while_they_are_edited_are_all_old_or_all_new(
        self, url: str, table: JobTable
    ) -> None:
        ids = table.insert_many({**JOB, "n": n} for n in range(40)).ids
        start = threading.Barrier(3)

        def claim(_: int) -> dict[int, float]:
            with open_table(url) as own:
                start.wait()
                claims = [one for one in (own.claim() for _ in range(15)) if one is not None]
                return {one.job_id: one.state.lr for one in claims}

        with ThreadPoolExecutor(2) as threads:
            claiming = [threads.submit(claim, number) for number in range(2)]
            start.wait()
            edited = set(table.edit(ids, {"lr": 5}, among=[Status.START]))
            seen = {job_id: lr for each in claiming for job_id, lr in each.result().items()}
        assert all((lr == 5) == (job_id in edited) for job_id, lr in seen.items())
        assert all((job.state.lr == 5) == (job.id in edited) for job in table.jobs())

    def test_a_copy_is_a_new_job_with_what_its_model_began_with(self, table: JobTable) -> None:
        table.insert({**JOB, "n": 1}, priority=4)
        claim = table.claim()
        assert claim is not None
        after = {**claim.state, "results": {"nll": 1.0}}
        table.write_back(claim, after, status=Status.DONE)
        table.edit([claim.job_id], {"jobman.tags": "good", "jobman.note": "at first"})
        made = table.copy([claim.job_id], {"n": 2})
        assert (len(made.ids), made.duplicates) == (1, 0)
        job = table.get(made.ids[0])
        assert (job.status, job.priority) == (Status.START, 4.0)
        assert flatten(job.state) == {
            **JOB, "n": 2, "jobman.tags": "good", "jobman.status": 0, "jobman.sql.priority": 4.0,
        }  # fmt: skip
        assert table.copy([claim.job_id], {"n": 2}).duplicates == 1
        assert len(table.copy([claim.job_id], {"n": 2}, force=True).ids) == 1
        assert table.get(claim.job_id).state.results.nll == 1.0

    def test_only_jobs_of_some_statuses_are_deleted(self, table: JobTable) -> None:
        ids = table.insert_many({"a": i} for i in range(2)).ids
        claim = table.claim()
        assert claim is not None
        assert table.delete(ids, among="START") == 1
        assert [job.id for job in table.jobs()] == [claim.job_id]
        table.heartbeat(claim)

    def test_many_threads_that_change_one_job_lose_nothing(self, url: str, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None

        def change(number: int) -> None:
            with open_table(url) as own:
                for i in range(5):
                    own.change(job_id, {f"by{number}.{i}": i, "last": number})

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(change, range(4)))
        flat = flatten(table.get(job_id).state)
        assert sum(key.startswith("by") for key in flat) == 20
        assert table.inconsistencies() == []

    def test_priority_is_set_in_both_places(self, table: JobTable) -> None:
        ids = table.insert_many({"a": i} for i in range(3)).ids
        assert table.set_priority([ids[2]], 7) == 1
        job = table.get(ids[2])
        assert (job.priority, job.state.jobman.sql.priority) == (7.0, 7.0)
        claim = table.claim()
        assert claim is not None
        assert claim.job_id == ids[2]

    def test_thousands_of_jobs_are_changed_at_once(self, table: JobTable) -> None:
        ids = table.insert_many({"a": i} for i in range(3000)).ids
        assert table.set_status(ids, Status.CANCELED) == 3000
        assert table.counts()[Status.CANCELED] == 3000
        assert table.inconsistencies() == []

    # Damage

    @pytest.mark.parametrize(
        ("value", "damage"),
        [
            ([1], {"bval": None}),
            (1, {"ival": None}),
            ("x", {"sval": None}),
            (1, {"type": "x"}),
        ],
        ids=str,
    )
    def test_an_unreadable_value_costs_its_job_not_the_table(
        self,
        url: str,
        table: JobTable,
        caplog: pytest.LogCaptureFixture,
        value: Any,
        damage: dict[str, Any],
    ) -> None:
        bad, good = table.insert({"a": value}, priority=2.0), table.insert({"a": 2})
        assert bad is not None
        set_cell(url, bad, "a", **damage)
        with pytest.raises(UnreadableJobError, match=f"job {bad} .*the key 'a'"):
            table.get(bad)
        assert [job.id for job in table.jobs()] == [good]
        assert f"job {bad} " in caplog.text
        claim = table.claim()
        assert claim is not None
        assert claim.job_id == good
        assert table.counts()[Status.ERR_START] == 1

    def test_two_statuses_of_a_job_are_found_and_repaired(self, url: str, table: JobTable) -> None:
        job_id = table.insert(JOB)
        assert job_id is not None
        add_cell(url, job_id, "jobman.status", type="i", ival=4)
        assert {found.job_id for found in table.inconsistencies()} == {job_id}
        assert table.repair()
        assert table.inconsistencies() == []
        assert table.get(job_id).state.jobman.status == Status.START

    @pytest.mark.parametrize("length", [41, 49, 57])
    def test_a_table_may_have_a_long_name(self, url: str, length: int) -> None:
        long = url.replace("table=t_", f"table={'long_name_' * 6}"[: len("table=") + length])
        for number in range(2):
            with open_table(long) as table:
                assert len(table.name) == length
                assert table.insert({"a": number}) == number + 1
        tables = {f"{table.name}trial", f"{table.name}keyval"}
        for indexed in tables:
            assert len(index_names(long, indexed)) == 2
        with open_table(long, create=False) as table:
            assert table.claim() is not None
            table.create_view("jobs")
            assert len(table.view_rows("jobs")) == 2

    # Processes and threads

    def test_twenty_clients_may_make_the_table_at_once(self, url: str) -> None:
        barrier = threading.Barrier(20)

        def start(number: int) -> int | None:
            barrier.wait()
            with open_table(url) as table:
                return table.insert({"a": number})

        with ThreadPoolExecutor(20) as threads:
            assert len(set(threads.map(start, range(20)))) == 20

    def test_parent_and_child_of_a_fork_both_go_on(self, table: JobTable) -> None:
        table.insert_many({"a": i} for i in range(40))
        child = os.fork()
        if child == 0:
            try:
                done = all(table.claim() for _ in range(20))
                os._exit(0 if done else 1)
            except BaseException:
                os._exit(2)
        mine = [table.claim() for _ in range(20)]
        _, code = os.waitpid(child, 0)
        assert code == 0
        assert all(mine)
        assert table.claim() is None
        assert table.counts()[Status.RUNNING] == 40

    def test_a_closed_table_opens_again_when_used(self, table: JobTable) -> None:
        table.close()
        assert table.insert(JOB) is not None
