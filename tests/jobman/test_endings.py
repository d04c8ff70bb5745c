"""What becomes of a job when an attempt at it ends: the table in workers.rst."""

import csv
from pathlib import Path

import pytest

from pylearn2_jobman.jobman import status
from pylearn2_jobman.jobman.bookkeeping import Bookkeeping
from pylearn2_jobman.jobman.endings import LAST_WORDS, Ending, How, settle

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "workers.rst"
TABLE = [
    row
    for row in csv.reader(DOCUMENT.read_text(encoding="utf-8").splitlines(), skipinitialspace=True)
    if len(row) == 4 and row[0] in set(How)
]
FAILED = {how for how in How if how.status in status.FAILED} | {How.LEASE_ENDED, How.KILLED}
CONDITIONS = {
    "": ({}, {}),
    "the worker is stopping": ({"stopping": "the worker got SIGTERM", "changed": False}, {}),
    "changed its state or wrote a file": ({"changed": True, "seconds": 9.0}, {"stalls": 2}),
    "changed its state or wrote a file, at once": ({"seconds": 0.0}, {"stalls": 2}),
    "is tried again (--retry, jobman.retries)": ({"retries": 3}, {}),
    "is tried again, as often as asked": ({"retries": 3}, {"retries": 3}),
    "--on-time-limit requeue": ({"requeue": True}, {}),
    "--on-time-limit requeue, as often as --max-restarts": ({"requeue": True}, {"restarts": 3}),
    "changed nothing": ({"changed": False, "seconds": 9.0}, {}),
    "changed nothing, for the third time": ({"changed": False}, {"stalls": 2}),
    "as often as --max-restarts": ({}, {"restarts": 3}),
    "somebody cancelled the job": ({"cancelled": True, "stopping": "SIGTERM"}, {}),
}
EFFECTS = {
    "an error": lambda row: row.error is not None,
    "the reason": lambda row: row.interrupted == "the worker got SIGTERM",
    "priority 2": lambda row: row.priority == 2,
    "restarts 1": lambda row: row.restarts == 1,
    "retries 1": lambda row: row.retries == 1,
    "the error among the reasons": lambda row: row.reasons == ("attempt 2: what went wrong",),
    **{f"stalls {n}": lambda row, n=n: row.stalls == n for n in (0, 1, 3)},
}


@pytest.mark.parametrize(("how", "condition", "becomes", "effects"), TABLE)
def test_a_job_becomes_what_the_documentation_says(how, condition, becomes, effects):
    of_ending, of_row = CONDITIONS[condition]
    error = "what went wrong" if how in FAILED else None
    before = Bookkeeping(attempts=2, **of_row)
    new, row, pause = settle(Ending(How(how), error, **of_ending), before, max_restarts=3)
    wanted = [effect for effect in effects.split(", ") if effect]
    waits = [effect.split() for effect in wanted if effect.startswith("a pause of")]
    wanted = [effect for effect in wanted if not effect.startswith("a pause of")]
    assert new.name == becomes
    assert all(EFFECTS[effect](row) for effect in wanted)
    assert pause == (float(waits[0][3]) if waits else 0)
    assert (row.error is None) == ("an error" not in wanted)
    assert (row.priority == 1) == ("priority 2" not in wanted)


def test_the_documentation_has_every_way_to_end():
    assert {row[0] for row in TABLE} == set(How)


def test_a_higher_priority_stays():
    stopped = Ending(How.DIED, "killed", stopping="SIGTERM")
    assert settle(stopped, Bookkeeping(priority=7.5))[1].priority == 7.5


def test_the_pauses_grow():
    row, pauses = Bookkeeping(), []
    for _ in range(4):
        _, row, pause = settle(Ending(How.RAISED, "away", retries=9), row)
        pauses.append(pause)
    assert pauses == [10, 60, 300, 300]


def test_the_reasons_are_the_last_few_and_short():
    row = Bookkeeping(reasons=tuple("abcdefghij"))
    said = f"was killed{LAST_WORDS}Traceback (most recent call last):\nanother error\n"
    _, row, _ = settle(Ending(How.KILLED, said), row, 1)
    assert row.reasons == (*"bcdefghij", "attempt 0: was killed")
    _, row, _ = settle(Ending(How.LEASE_ENDED, "x" * 1000), row, 2)
    assert len(row.reasons[-1]) == 300
    assert Bookkeeping.read(row.into({})) == row
    assert row.into({})["jobman.sql.reasons"] == list(row.reasons)


@pytest.mark.parametrize("stopping", [None, "SIGTERM"])
def test_a_search_makes_way_for_its_trials_whatever_happens(stopping):
    back = Ending(How.INCOMPLETE, changed=False, stopping=stopping, proposes=True)
    row = Bookkeeping(priority=0.5, stalls=2)
    assert settle(back, row)[:2] == (status.Status.START, row)
    died = Ending(How.DIED, "killed", stopping=stopping, proposes=True)
    assert settle(died, row)[0].name == ("ERR_RUN" if stopping is None else "START")
    assert settle(died, row)[1].priority == 0.5
