"""Searches over a table: what is proposed, told, and found again."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.fence.listed import Use
from pylearn2_jobman.jobman.channel import Channel, EmptyChannel
from pylearn2_jobman.jobman.parameters.distributions import (
    Choice,
    LogUniform,
    Normal,
    RandInt,
    Uniform,
)
from pylearn2_jobman.jobman.query.front import Objective
from pylearn2_jobman.jobman.search import PROPOSE, Definition, Search, propose
from pylearn2_jobman.jobman.search.trials import Outcome, fits
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table
from pylearn2_jobman.naming import names

SPACE = {
    "hyper_parameters": {"lr": LogUniform(1e-4, 1.0), "nhid": RandInt(10, 20), "seed": 3},
    "dropout": Uniform(0.1, 0.9),
    "act": Choice(("tanh", None, 1, True, 1.0, (1, 2), "it's ~ choice(a)\n")),
    "noise": Normal(5.0, 0.5),
    "yaml_template": "!obj:x",
}
KEYS = ["hyper_parameters.lr", "hyper_parameters.nhid", "dropout", "act", "noise"]


@pytest.fixture
def table(table_url: str) -> Iterator[JobTable]:
    with open_table(table_url) as table:
        yield table


def searching(table: JobTable, parameters: Any = SPACE, **settings: Any) -> Search:
    settings = {"by": "results.nll", "trials": 40, **settings}
    return table.search("lab.train", parameters, **settings)


def end(table: JobTable, status: Status = Status.DONE, **results: Any) -> int:
    """Run the next job as a worker does; return its id."""
    claim = table.claim()
    assert claim is not None
    claim.state["results"] = results
    table.write_back(claim, claim.state, status=status)
    return claim.job_id


def test_what_is_proposed_is_in_the_space_and_is_found_again(table: JobTable) -> None:
    search = searching(table)
    assert search.propose(12) == list(range(1, 13))
    for number, job in enumerate(table.jobs()):
        flat = flatten(job.state)
        assert flat["jobman.experiment"] == "lab.train"
        assert flat["jobman.search.name"] == search.name
        assert flat["jobman.search.number"] == number
        assert (flat["hyper_parameters.seed"], flat["yaml_template"]) == (3, "!obj:x")
        assert all(fits(flat[key], search.definition.space[key]) for key in KEYS)
    assert [trial.number for trial in search.trials()] == list(range(12))
    assert Definition.read(search.definition.state()) == search.definition
    assert search.propose(100)[-1] == 40
    assert search.propose() == []  # all that were asked for


@pytest.mark.parametrize("sampler", ["tpe", "gp", "cmaes", "qmc", "random"])
def test_the_same_rows_lead_to_the_same_trials(sqlite_url: str, sampler: str) -> None:
    found = []
    for _ in range(2):
        with open_table(sqlite_url) as table:
            table.delete(job.id for job in table.jobs())
            search = searching(table, sampler=sampler, seed=7)
            search.propose(11)
            for number in range(11):
                end(table, nll=float(number))
            search.propose(2)  # of the second the first is known to be under way
            found.append([[job.state["dropout"], job.state["act"]] for job in table.jobs()])
    assert found[0] == found[1]
    assert len({row[0] for row in found[0]}) == 13


def test_seeds_have_no_trial_in_common(sqlite_url: str) -> None:
    with open_table(sqlite_url) as table:
        for seed in range(3):
            searching(table, seed=seed, name=f"s{seed}", sampler="random").propose(5)
        assert len({job.state["dropout"] for job in table.jobs()}) == 15


def test_a_sampler_learns_from_the_results(sqlite_url: str) -> None:
    def nearest(sampler: str) -> float:
        with open_table(f"{sqlite_url}{sampler}") as table:
            search = searching(table, {"x": Uniform(0, 1), "y": Uniform(0, 1)}, sampler=sampler)
            for _ in range(40):
                search.propose()
                x, y = (table.get(table.count()).state[key] for key in "xy")
                end(table, nll=(x - 0.3) ** 2 + (y - 0.8) ** 2)
            return float(search.best()[0].state.results.nll)

    assert nearest("tpe") < nearest("random")
    assert nearest("cmaes") < 1e-3


def test_who_proposes_at_the_same_time_doubles_nothing(table: JobTable) -> None:
    search, late = searching(table), searching(table, seed=9)
    before = late.trials()
    assert len(search.propose(3)) == 3
    assert late._propose(before, 2) == []  # its numbers are there, with other values
    assert len(late._propose(before, 4)) == 1
    assert [trial.number for trial in search.trials()] == [0, 1, 2, 3]


def test_a_trial_may_have_the_values_of_another(table: JobTable) -> None:
    search = searching(table, {"x": Choice((1, 2))}, trials=9)
    assert len(search.propose(9)) == 9
    assert table.insert({"x": 1, "jobman.experiment": "lab.train"}) is not None


def test_trials_are_told_as_what_became_of_them(table: JobTable) -> None:
    search = searching(table)
    search.propose(8)
    end(table, nll=0.5)
    end(table, nll=math.nan)
    end(table, nll="low")
    end(table)
    end(table, Status.ERR_RUN, nll=0.1)
    table.set_status([6], Status.CANCELED)
    table.set_status([7], Status.DONE)
    table.change(7, {"results.nll": 2, "jobman.pruned.epoch": 9})
    outcomes = [trial.outcome for trial in search.trials()]
    assert outcomes == [Outcome.DONE, *[Outcome.FAILED] * 5, Outcome.PRUNED, Outcome.OPEN]
    assert [trial.results for trial in search.trials() if trial.results] == [(0.5,), (2.0,)]
    assert str(search.standing()) == ("7 of 40 trials ended, 1 waiting, 1 stopped early, 5 failed")
    assert len(search.propose(2)) == 2  # the study can be rebuilt from all of that


def test_other_jobs_count_where_they_fit(table: JobTable) -> None:
    space = {"x": Uniform(0, 1), "k": Choice((1, "1")), "fixed": "a"}
    there = {"x": 0.5, "k": 1, "fixed": "a", "jobman.experiment": "lab.train", "results.nll": 1.0}
    others: list[dict[str, Any]] = [
        {},
        {"x": 1},  # a whole number is one
        {"x": 1.5},
        {"x": True},
        {"k": 1.0},
        {"k": "1", "more": 3},
        {"fixed": "b"},
        {"jobman.experiment": "lab.other"},
        {"results.nll": 3.0, "x": 0.25},
    ]
    table.insert_many([{**there, **other} for other in others], status=Status.DONE)
    search = searching(table, space)
    assert [trial.job_id for trial in search.trials()] == [1, 2, 6, 9]
    search.propose()
    assert [trial.number for trial in search.trials()] == [None] * 4 + [0]
    assert search.best()[0].id in (1, 2, 6)
    assert search.standing().trials == search.trials()[-1:]


def test_a_trial_that_somebody_changed_keeps_its_number(table: JobTable) -> None:
    search = searching(table)
    search.propose(2)
    table.change(2, {"dropout": 7.0})
    assert [trial.outcome for trial in search.trials()] == [Outcome.OPEN, Outcome.FAILED]
    search.propose()
    assert [trial.number for trial in search.trials()] == [0, 1, 2]


def test_the_front_is_what_nothing_beats(table: JobTable) -> None:
    search = searching(table, by=["results.nll", "results.speed:max"])
    assert search.definition.by == (Objective("results.nll"), Objective("results.speed", True))
    search.propose(5)
    for nll, speed in ((1, 1), (2, 3), (3, 2), (4, 9), (0.5, math.nan)):
        end(table, nll=nll, speed=speed)
    assert [job.id for job in search.best()] == [1, 2, 4]
    assert [job.id for job in table.front(["results.nll", "results.speed:max"])] == [1, 2, 4]
    search.propose(2)


def test_the_importance_tells_what_matters(table: JobTable) -> None:
    search = searching(table, {"x": Uniform(0, 1), "y": Uniform(0, 1)}, by="results.acc:max")
    with pytest.raises(UsageError, match="fewer than two"):
        search.importance()
    search.propose(20)
    for job in list(table.jobs()):
        end(table, acc=job.state["x"])
    assert next(iter(search.importance())) == "x"


def test_a_search_is_one_job_however_often_it_is_started(table: JobTable) -> None:
    search = searching(table)
    job_id = search.start()
    assert searching(table).start() == job_id
    job = table.get(job_id)
    assert (job.status, job.priority) == (Status.START, math.nextafter(1.0, 0))
    assert table.search(name=search.name).definition == search.definition
    table.set_status([job_id], Status.DONE)
    searching(table).start()
    assert table.get(job_id).status is Status.DONE  # nothing has changed
    more = searching(table, trials=50, sampler="random", priority=3.0)
    assert more.start() == job_id
    assert table.get(job_id).status is Status.START
    assert table.get(job_id).priority == math.nextafter(3.0, 0)
    assert table.search(name=search.name).definition == more.definition
    with pytest.raises(UsageError, match="is another one"):
        searching(table, {"x": Uniform(0, 1)}, name=search.name).start()
    with pytest.raises(UsageError, match=f"{search.name[:-1]}.*{search.name}"):
        table.search(name=search.name[:-1])
    other = searching(table, {"x": Uniform(0, 1)})
    assert other.start() != job_id
    assert other.name != search.name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parameters": {"x": 1}}, "nothing varies"),
        ({"parameters": {"jobman.id": Uniform(0, 1)}}, "scheduler's own"),
        ({"parameters": {"x": Choice(({"a": 1},))}}, "dictionaries"),
        ({"by": ()}, "goes by one result"),
        ({"by": ["results.nll", "results.nll:max"]}, "different ones"),
        ({"by": " :max"}, "goes by one result"),
        ({"sampler": "tpee"}, "did you mean 'tpe'"),
        ({"sampler": "cmaes", "by": ["a", "b"]}, "one result"),
        ({"trials": 0}, "trials is a number"),
        ({"ahead": 0}, "ahead is a number"),
        ({"seed": -1}, "a seed is"),
        ({"priority": math.nan}, "finite"),
    ],
)
def test_a_mistake_in_a_search_is_told(sqlite_url: str, changes: Any, said: str) -> None:
    with open_table(sqlite_url) as table, pytest.raises(UsageError, match=said):
        searching(table, **{"parameters": SPACE, **changes})


def test_the_experiment_proposes_for_the_free_slots_and_goes_back(table: JobTable) -> None:
    search = searching(table, trials=9, ahead=2)
    job = table.get(search.start())

    def called(free_slots: int) -> Any:
        url = table._database.address.anywhere
        channel = Channel(job.state, open_table=lambda: open_table(url), free_slots=free_slots)
        return propose(job.state, channel)

    assert called(4) is Channel.INCOMPLETE
    assert len(search.trials()) == 4
    assert called(1) is Channel.INCOMPLETE  # enough wait, but whoever asks gets one
    assert len(search.trials()) == 5
    for _ in range(5):
        end(table, nll=1.0)
    assert called(1) is Channel.INCOMPLETE
    assert len(search.trials()) == 7
    assert called(8) is Channel.COMPLETE
    assert len(search.trials()) == 9


def test_what_describes_no_search_or_is_in_no_table_is_told(table: JobTable) -> None:
    for state in ({}, {"jobman.search.name": "x", "jobman.search.distributions": 3}):
        with pytest.raises(UsageError, match="describes no search"):
            propose(state, EmptyChannel())
    with pytest.raises(UsageError, match="gets at its table"):
        propose(searching(table).definition.state(), EmptyChannel())


def test_every_allow_list_lets_a_search_propose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBMAN_ALLOW", "lab.train")
    assert names.resolve(PROPOSE, Use.RUN) is propose


def test_a_copy_of_a_trial_is_an_ordinary_job_and_an_edited_one_stays_a_trial(
    table: JobTable,
) -> None:
    search = searching(table)
    search.propose(1)
    code = table.get(1).hash
    table.edit([1], {"hyper_parameters.seed": 4})
    assert table.get(1).hash == code
    assert [trial.number for trial in search.trials()] == [0]
    (copy,) = table.copy([1], {"hyper_parameters.seed": 3}).ids
    assert "search" not in table.get(copy).state.jobman
    assert [trial.number for trial in search.trials()] == [None, 0]
