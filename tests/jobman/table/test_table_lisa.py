"""Databases that LISA's jobman wrote open, list, run on and keep their values here."""

import json
import math
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from postgres import Server
from tables import query

from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.database.hashing import hashed_keys, legacy_hash
from pylearn2_jobman.jobman.database.job import Job
from pylearn2_jobman.jobman.database.schema import Schema
from pylearn2_jobman.jobman.query.keys import EXPERIMENT
from pylearn2_jobman.jobman.state import flatten
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.values import parse_literal

DATA = Path(__file__).parents[2] / "data" / "lisa"
RECORDED = json.loads((DATA / "lisa_jobs.json").read_text())
BOTH = [
    "lisa_sqlite",
    pytest.param("lisa_postgres", marks=pytest.mark.postgresql),
]


@pytest.fixture
def lisa_sqlite(tmp_path: Path) -> str:
    shutil.copy(DATA / "lisa_jobs_small.sqlite", tmp_path / "lisa.sqlite")
    return f"sqlite:///{tmp_path}/lisa.sqlite?table=t_"


@pytest.fixture
def lisa_postgres(postgres_server: Server, postgres_database: str) -> str:
    with postgres_server.connect(postgres_database) as connection:
        connection.execute((DATA / "lisa_jobs_pg.sql").read_bytes())
    return f"{postgres_server.url(postgres_database)}?table=t_"


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def recorded(url: str) -> dict[int, Any]:
    jobs = RECORDED["sqlite_jobs" if url.startswith("sqlite") else "pg_jobs"]
    return {job["id"]: job for job in jobs}


def value(literal: str) -> Any:
    return math.nan if literal == "float('nan')" else parse_literal(literal)


def test_every_job_has_the_values_that_the_original_read(url: str) -> None:
    with open_table(url, create=False) as table:
        jobs = list(table.jobs())
    assert len(jobs) >= 33
    for job in jobs:
        wanted = recorded(url)[job.id]
        assert job.status == wanted["trial_columns"]["status"]
        assert job.priority == wanted["trial_columns"]["priority"]
        found = {key: repr(value) for key, value in flatten(job.state).items()}
        assert found == {key: repr(value(literal)) for key, literal in wanted["values"].items()}


def test_a_database_is_queried(url: str) -> None:
    with open_table(url, create=False) as table:
        flat = {job.id: flatten(job.state) for job in table.jobs()}
        large = [number for number, keys in flat.items() if type(keys.get("first")) is int]
        found = table.query("select jobman.id, first where first >= -1000000 order by jobman.id")
        assert set(large) <= set(found.ids) <= {n for n, keys in flat.items() if "first" in keys}
        assert [job.id for job in table.jobs(where="first is null")] == sorted(
            number for number, keys in flat.items() if "first" not in keys
        )


def test_reading_leaves_the_file_as_it_is(lisa_sqlite: str, tmp_path: Path) -> None:
    with open_table(lisa_sqlite, create=False) as table:
        assert sum(table.counts().values()) == 33
    with sqlite3.connect(tmp_path / "lisa.sqlite") as connection:
        indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        assert {name for (name,) in indexes} == {"ix_t_keyval_name", "ix_t_keyval_dict_id"}


def test_every_job_can_be_claimed_and_completed(url: str) -> None:
    with open_table(url) as table:
        before = {job.id: repr(experiment_of(job)) for job in table.jobs()}
        table.set_status(before, Status.START)
        while claim := table.claim():
            claim.state.outcome = {"nll": 0.5}
            table.write_back(claim, claim.state, status=Status.DONE)
        after = {}
        for job in table.jobs(status=Status.DONE):
            assert job.state.pop("outcome") == {"nll": 0.5}
            after[job.id] = repr(experiment_of(job))
        assert after == before
        assert table.inconsistencies() == []


def test_jobs_that_were_edited_are_known_by_their_new_values(url: str) -> None:
    edited = 0
    with open_table(url) as table:
        for job in list(table.jobs(where="first is not null and second is not null")):
            flat = flatten(job.state)
            began = {key: flat[key] for key in ("first", "second", EXPERIMENT)}
            if legacy_hash(hashed_keys(began)) != job.hash:
                continue
            table.edit([job.id], {"first": job.id, "jobman.note": "ours"})
            assert table.insert({**began, "first": job.id}) is None
            now = table.get(job.id)
            assert flatten(now.state)["jobman.hash"] == now.hash != job.hash
            made = table.copy([job.id], {"first": f"as {job.id}"}).ids
            copied = flatten(table.get(made[0]).state)
            assert {key for key in copied if not key.startswith("jobman.")} == {"first", "second"}
            edited += 1
        assert table.inconsistencies() == []
    assert edited >= 5


def experiment_of(job: Job) -> dict[str, Any]:
    """Return a job's state without what the queue itself writes there."""
    queue = ("jobman.status", "jobman.sql.priority")
    flat = flatten(job.state)
    return {key: flat[key] for key in sorted(flat) if key not in queue}


def test_what_the_original_inserted_is_known(url: str) -> None:
    with open_table(url) as table:
        for insertion in RECORDED["inserted"]:
            if not insertion.get("returned", "").startswith("job"):
                continue
            state = insertion["state"]
            job_id = int(insertion["returned"].split()[1])
            if job_id not in {job.id for job in table.jobs(ids=[job_id])}:
                continue
            flat = parse_literal(state)
            assert table.insert({**flat, "jobman.experiment": insertion["experiment"]}) is None, (
                state
            )


def test_what_the_originals_command_line_scheduled_is_known(url: str) -> None:
    # It stored no hash; and since then these jobs have been run, and have a result.
    with open_table(url) as table:
        jobs = [job for job in table.jobs() if job.hash is None]
        assert len(jobs) == 6
        for job in jobs:
            state = {key: job.state[key] for key in ("first", "second")}
            state["jobman.experiment"] = job.state.jobman.experiment
            assert table.insert(state) is None
            ours = f"pylearn2_jobman.{job.state.jobman.experiment}"
            assert table.insert({**state, "jobman.experiment": ours}) is None
        new = [{"first": float(job.state.first)}, {"third": 3}, {"jobman.experiment": "lab.other"}]
        for change in new:
            assert table.insert({**state, **change}) is not None


def test_one_that_waits_is_not_taken_for_another_with_keys_more(url: str) -> None:
    with open_table(url) as table:
        job = table.get(1)
        state = {"a": 1, "t": True, "x": [1], "jobman.experiment": "lab.train"}
        table.insert(state, force=True)
        waiting = max(one.id for one in table.jobs())
        forget_hash(url, waiting)
        assert table.insert(state) is None
        assert table.insert({"a": 1, "jobman.experiment": "lab.train"}) is not None
        assert table.insert({f"key{number}": number for number in range(1500)}) is not None
        assert table.get(1) == job


def forget_hash(url: str, job_id: int) -> None:
    address = Address.parse(url)
    engine = sa.create_engine(address.url)
    with engine.begin() as connection:
        trial = Schema(address.table).trial
        connection.execute(sa.update(trial).where(trial.c.id == job_id).values(hash=None))
    engine.dispose()


def test_our_jobs_carry_the_hash_by_which_the_original_finds_them(url: str, tmp_path: Path) -> None:
    hashes = {f"job {id_}": job["trial_columns"]["hash"] for id_, job in recorded(url).items()}
    checked = 0
    with open_table(f"sqlite:///{tmp_path}/ours.db?table=t_") as table:
        for insertion in RECORDED["inserted"]:
            state = parse_literal(insertion["state"])
            if insertion.get("returned") not in hashes or len(max(state, key=len)) > 128:
                continue
            experiment = insertion["experiment"]
            if experiment.startswith("jobman."):  # as the function says of itself here
                experiment = f"pylearn2_jobman.{experiment}"
            job_id = table.insert({**state, "jobman.experiment": experiment}, force=True)
            assert job_id is not None
            assert table.get(job_id).hash == hashes[insertion["returned"]]
            checked += 1
    assert checked > 10


def test_what_only_hashes_alike_is_new(url: str) -> None:
    with open_table(url) as table:
        experiment = {"jobman.experiment": "hb_exps.values"}
        # The original took these two for its own jobs {'same': 1} and {'L': 10}.
        assert table.insert({"same": "1", **experiment}) is not None
        assert table.insert({"L": "10", **experiment}) is not None


def rows(url: str, sql: str) -> list[list[Any]]:
    return [list(row.values()) for row in query(url, sql)]


def test_a_table_of_ours_has_the_columns_of_the_original(postgres_url: str, tmp_path: Path) -> None:
    information = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_name IN ('t_trial', 't_keyval') "
        "ORDER BY table_name DESC, ordinal_position"
    )
    open_table(postgres_url).close()
    assert rows(postgres_url, information) == RECORDED["pg_schema"]
    new = f"sqlite:///{tmp_path}/new.db?table=t_"
    open_table(new).close()
    created = "SELECT sql FROM sqlite_master WHERE name IN ('t_trial', 't_keyval')"
    ours = [sql.split() for (sql,) in rows(new, created)]
    assert ours == [sql.split() for sql in RECORDED["sqlite_schema"][:2]]


def test_the_view_has_the_names_and_values_of_the_originals(lisa_sqlite: str) -> None:
    wanted = RECORDED["sqlite_small_view"]
    with open_table(lisa_sqlite) as table:
        table.create_view("ours")
    ours = rows(lisa_sqlite, "SELECT * FROM ours ORDER BY id")
    names = [row[1] for row in rows(lisa_sqlite, "PRAGMA table_info(ours)")]
    # Which type of a key gets the name without a letter was not specified.
    assert {base(name) for name in names} == {base(name) for name in wanted["columns"]}
    assert len(names) == len(wanted["columns"])
    for row, other in zip(ours, wanted["rows"], strict=True):
        assert shown(names, row) == shown(wanted["columns"], other)


def base(name: str) -> str:
    return re.sub(r"_[ifsb]$", "", name)


def shown(names: list[str], row: list[Any]) -> set[tuple[str, Any]]:
    cells = ((base(name), cell) for name, cell in zip(names, row, strict=True))
    return {
        (name, cell["bytes"] if isinstance(cell, dict) else cell)
        for name, cell in cells
        if cell is not None
    }


def test_a_job_with_two_statuses_is_reported_and_repaired(tmp_path: Path) -> None:
    shutil.copy(DATA / "corrupt_two_status_rows.sqlite", tmp_path / "corrupt.sqlite")
    with open_table(f"sqlite:///{tmp_path}/corrupt.sqlite?table=f_") as table:
        assert [job.status for job in table.jobs()] == [Status.ERR_SYNC]
        found = table.inconsistencies()
        assert [(one.job_id, one.what) for one in found] == [
            (1, "the key 'jobman.status' has 2 values"),
            (1, "its status is 4, but jobman.status is 1"),
        ]
        assert table.repair() == found
        assert table.inconsistencies() == []
        assert table.set_status([1], Status.START) == 1
        claim = table.claim()
        assert claim is not None
        table.write_back(claim, claim.state, status=Status.DONE)
        assert table.get(1).state.jobman.status == Status.DONE
