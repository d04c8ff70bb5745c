"""Several clients do what they can to a table, in any order; a model says what must come of it.

The model is the contract of `JobTable` in a page of Python.
"""

import math
from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from fuzzing import examples
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run
from tables import age_heartbeats, empty

from pylearn2_jobman.errors import ClaimLostError
from pylearn2_jobman.jobman.database.job import Claim, Wanted
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

CLIENTS = 3
LEASE_SECONDS = 300
MOST_RESTARTS = 1

clients = st.integers(0, CLIENTS - 1)
statuses = st.sampled_from(Status)
endings = st.sampled_from([each for each in Status if each is not Status.RUNNING])
# Whole numbers and halves, which every database sorts alike.
priorities = st.integers(-4, 4).map(lambda number: number / 2)
values = st.sampled_from([0, 2**70, 0.5, math.inf, "x", "é\n", None, True, [1, (2,)], {1: "a"}])
places = st.integers(0, 3)  # the latest claims matter most


@dataclass
class Held:
    """A claim that was given out, and what its holder knows."""

    client: int
    claim: Claim
    state: dict[str, Any]
    ended: Status | None = None


@dataclass
class Model:
    """What must be true of one job."""

    state: dict[str, Any]
    priority: float
    status: Status = Status.START
    holder: Held | None = None
    heard: bool = False  # a heartbeat is there
    old: bool = False  # and older than the lease
    restarts: int = 0

    def holds(self, held: Held) -> bool:
        alive = self.status in (Status.RUNNING, Status.CANCELED)
        return alive and self.holder is held


class Machine(RuleBasedStateMachine):
    url: str
    tables: list[JobTable]  # one a client

    def __init__(self) -> None:
        super().__init__()
        empty(self.url)
        self.model: dict[int, Model] = {}
        self.claims: list[Held] = []
        self.looks = 0

    def teardown(self) -> None:
        assert self.tables[0].inconsistencies() == []

    # What clients do

    @initialize(values=st.lists(st.tuples(priorities, values), min_size=2, max_size=4))
    def begin(self, values: list[tuple[float, Any]]) -> None:
        for client, (priority, value) in enumerate(values):
            self.insert(client % CLIENTS, priority, value)
        self.claim(0)
        self.claim(1)

    @rule(client=clients, priority=priorities, value=values)
    def insert(self, client: int, priority: float, value: Any) -> None:
        state = {"jobman.experiment": "lab.f", "number": len(self.model), "value": value}
        job_id = self.tables[client].insert(state, priority=priority)
        assert job_id is not None
        assert job_id not in self.model
        assert self.tables[client].insert(state) is None
        self.model[job_id] = Model(state, priority)

    @rule(client=clients)
    def claim(self, client: int) -> None:
        self._claimed(client, self.tables[client].claim(), lambda job: True)

    @rule(client=clients, most=st.integers(0, 3))
    def claim_some(self, client: int, most: int) -> None:
        claim = self.tables[client].claim(where=f"number <= {most}")
        self._claimed(client, claim, lambda job: job.state.get("number", math.inf) <= most)

    def _claimed(self, client: int, claim: Claim | None, allowed: Any) -> None:
        waiting = [
            (-job.priority, job_id)
            for job_id, job in self.model.items()
            if job.status is Status.START and allowed(job)
        ]
        if not waiting:
            assert claim is None
            return
        assert claim is not None
        job_id = min(waiting)[1]
        assert claim.job_id == job_id
        job = self.model[job_id]
        held = Held(client, claim, dict(job.state))
        job.status, job.holder, job.heard, job.old = Status.RUNNING, held, True, False
        self.claims.append(held)

    @precondition(lambda self: self.claims)
    @rule(place=places)
    def heartbeat(self, place: int) -> None:
        held = self._held(place)
        job = self.model[held.claim.job_id]
        if not job.holds(held):
            with pytest.raises(ClaimLostError):
                self.tables[held.client].heartbeat(held.claim)
            return
        assert self.tables[held.client].heartbeat(held.claim) is job.status
        job.old = False

    @precondition(lambda self: self.claims)
    @rule(place=places, value=values, key=st.sampled_from(["value", "result", "result.x"]))
    def save(self, place: int, value: Any, key: str) -> None:
        self._write(self._held(place), key, value, status=None)

    @precondition(lambda self: self.claims)
    @rule(
        place=places,
        value=values,
        status=endings,
        priority=st.none() | priorities,
        then_claim=st.sampled_from([None, Wanted()]),
    )
    def finish(self, place: int, value: Any, **changes: Any) -> None:
        self._write(self._held(place), "value", value, **changes)

    def _write(
        self,
        held: Held,
        key: str,
        value: Any,
        *,
        status: Status | None,
        priority: float | None = None,
        then_claim: Wanted | None = None,
    ) -> None:
        job = self.model[held.claim.job_id]
        table = self.tables[held.client]
        state = {k: v for k, v in held.state.items() if not k.startswith("result")} | {key: value}
        own = {k: v for k, v in flatten(table.get(held.claim.job_id).state).items()
               if k.startswith("jobman.")}  # fmt: skip

        def write_back() -> Claim | None:
            return table.write_back(
                held.claim, own | state, status=status, priority=priority, then_claim=then_claim
            )

        if job.holds(held):
            then = write_back()
            held.state = job.state = state
            job.old = False
            job.priority = job.priority if priority is None else priority
            if job.status is not Status.CANCELED and status is not None:
                job.status = held.ended = status
        elif status is not None and job.holder is held and job.status is held.ended is status:
            then = write_back()  # again
        else:
            with pytest.raises(ClaimLostError):
                write_back()
            return
        if then_claim is None:
            assert then is None
        else:
            self._claimed(held.client, then, lambda job: True)

    @precondition(lambda self: self.claims)
    @rule(place=places, status=endings)
    def fail(self, place: int, status: Status) -> None:
        held = self._held(place)
        job = self.model[held.claim.job_id]
        if not job.holds(held):
            with pytest.raises(ClaimLostError):
                self.tables[held.client].fail(held.claim, status, "no disk")
            return
        self.tables[held.client].fail(held.claim, status, "no disk")
        job.status, job.holder = status, None

    @rule(client=clients)
    def restart(self, client: int) -> None:
        """A client ends without a word, and another begins; the claims it had are nobody's."""
        self.tables[client].close()
        self.claims = [held for held in self.claims if held.client != client]

    @rule()
    def time_passes(self) -> None:
        age_heartbeats(self.url, 2 * LEASE_SECONDS)
        for job in self.model.values():
            job.old |= job.status is Status.RUNNING and job.heard

    @rule(client=clients)
    def take_back(self, client: int) -> None:
        late = {
            job_id
            for job_id, job in self.model.items()
            if job.status is Status.RUNNING and job.heard and job.old
        }
        assert set(self.tables[client].expired(LEASE_SECONDS)) == late
        taken = self.tables[client].take_back(LEASE_SECONDS, MOST_RESTARTS)
        assert {each.job_id for each in taken} == late
        for each in taken:
            job = self.model[each.job_id]
            again = job.restarts < MOST_RESTARTS
            job.status = Status.START if again else Status.ERR_RUN
            job.restarts += again
            job.holder = None
            assert (each.status, each.restarts) == (job.status, job.restarts)

    # What people do

    @precondition(lambda self: self.model)
    @rule(client=clients, some=st.sets(places, max_size=4), status=statuses)
    def set_status(self, client: int, some: set[int], status: Status) -> None:
        known = [*self.model, max(self.model) + 1]  # one is not there
        self._set_status(client, {known[number % len(known)] for number in some}, status)

    def _set_status(self, client: int, ids: set[int], status: Status) -> None:
        there = ids & self.model.keys()
        assert self.tables[client].set_status(ids, status) == len(there)
        for job_id in there:
            job = self.model[job_id]
            if job.status is status:
                continue
            if not (job.status is Status.RUNNING and status is Status.CANCELED):
                job.holder = None
            if status is Status.RUNNING:
                job.heard = job.old = False
            job.status = status

    @precondition(lambda self: self.claims)
    @rule(client=clients, place=places)
    def cancel(self, client: int, place: int) -> None:
        self._set_status(client, {self._held(place).claim.job_id}, Status.CANCELED)

    @precondition(lambda self: self.model)
    @rule(client=clients, number=places, priority=priorities)
    def set_priority(self, client: int, number: int, priority: float) -> None:
        job_id = list(self.model)[number % len(self.model)]
        assert self.tables[client].set_priority([job_id], priority) == 1
        self.model[job_id].priority = priority

    # What every client sees

    @invariant()
    def everybody_sees_the_same(self) -> None:
        self.looks += 1
        table = self.tables[self.looks % CLIENTS]
        assert {
            job.id: (job.status, job.priority, _own(flatten(job.state))) for job in table.jobs()
        } == {
            job_id: (job.status, job.priority, _own(job.state))
            for job_id, job in self.model.items()
        }

    def _held(self, place: int) -> Held:
        return self.claims[-1 - place % len(self.claims)]


def _own(flat: dict[str, Any]) -> str:
    return repr(sorted((k, v) for k, v in flat.items() if not k.startswith("jobman.")))


def search(url: str, number: int) -> None:
    tables = [open_table(url) for _ in range(CLIENTS)]
    machine = type("Machine", (Machine,), {"url": url, "tables": tables})
    try:
        run(machine, settings=examples(number, stateful_step_count=30))
    finally:
        for table in tables:
            table.close()


def test_any_order_on_sqlite(sqlite_url: str) -> None:
    search(sqlite_url, 12)


@pytest.mark.postgresql
def test_any_order_on_postgresql(postgres_url: str) -> None:
    search(postgres_url, 6)
