"""The handle and the jobs of scripts of LISA's time, beyond what was recorded of the original."""

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pylearn2_jobman.errors import (
    ClaimLostError,
    JobClaimedError,
    UnknownJobError,
    UsageError,
)
from pylearn2_jobman.jobman import api0, channel, sql, tools
from pylearn2_jobman.jobman.api0 import DbHandle
from pylearn2_jobman.jobman.examples.def_addition import addition_example
from pylearn2_jobman.jobman.mydriver import main, mydriver_cmd
from pylearn2_jobman.jobman.parameters.conf import write_conf
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.naming.names import resolve


@pytest.fixture
def db(table_url: str) -> Iterator[DbHandle]:
    handle = api0.open_db(table_url)
    yield handle
    handle.table.close()


def insert(db: DbHandle, *states: dict[str, Any]) -> list[int]:
    return [db.insert({"jobman.experiment": "lab.train", **state}).id for state in states]


def ids(jobs: Any) -> list[int]:
    return [job.id for job in jobs]


class TestJobs:
    def test_a_jobs_status_and_key_change_together_and_a_claim_ends(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        claim = db.table.claim()
        assert claim is not None
        job = db.get(claim.job_id)
        with pytest.raises(JobClaimedError):
            job["lr"] = 1
        assert job["lr"] == db.get(job.id)["lr"] == 0.1
        job["jobman.status"] = "START"
        for one in (job, db.get(job.id)):
            assert (one.status, one["jobman.status"]) == (sql.START, sql.START)
        with pytest.raises(ClaimLostError):
            db.table.heartbeat(claim)
        job.update({"jobman.sql.priority": 3, "jobman.status": sql.DONE}, lr=2)
        assert (db.get(job.id).priority, db.get(job.id)["lr"]) == (3.0, 2)

    def test_a_jobs_missing_key_is_named(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        job = db.get(1)
        with pytest.raises(KeyError, match="job 1 has no key 'nosuch'"):
            job["nosuch"]
        with pytest.raises(KeyError, match="'nosuch'"):
            del job["nosuch"]
        assert job.get("nosuch") is None
        assert "nosuch" not in job

    def test_a_job_shows_what_was_read_until_it_is_refreshed(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        job, other = db.get(1), db.get(1)
        other["lr"] = 0.2
        assert job["lr"] == 0.1
        job.refresh()
        assert job == other
        other.delete()
        with pytest.raises(UnknownJobError):
            job.refresh()
        with pytest.raises(UnknownJobError):
            job["lr"] = 1

    def test_jobs_are_deleted_and_inserted_while_one_goes_through_them(self, db: DbHandle) -> None:
        insert(db, *({"n": n} for n in range(4)))
        for job in db:
            insert(db, {"of": job.id})
            job.delete()
        assert [job["of"] for job in db] == [1, 2, 3, 4]


class TestSessions:
    def test_changes_are_stored_when_a_session_is_committed(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1}, {"lr": 0.2})
        session = db.session()
        first, second = db.query(session).all()
        first.update_simple({"lr": 1}, session, n=2)
        second.delete(session)
        assert (first["lr"], first["n"]) == (1, 2)
        assert [job["lr"] for job in db] == [0.1, 0.2]
        session.commit()
        assert [(job["lr"], job["n"]) for job in db] == [(1, 2)]
        session.close()

    def test_what_is_rolled_back_or_not_committed_is_not_stored(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        session = db.session()
        job = db.get(1)
        job.update_simple({"lr": 1}, session)
        session.rollback()
        assert job["lr"] == 0.1
        session.commit()
        with db.session() as other:
            job.update_simple({"lr": 2}, other)
        assert db.get(1)["lr"] == 0.1
        job.update_in_session({"lr": 3}, session)
        assert db.get(1)["lr"] == 3

    def test_a_key_is_set_in_a_session_by_the_methods_below_it(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        session = db.session()
        job = db.query(session)._query.get("1")
        assert job is not None
        job.__setitem__("lr", 1, session)
        job._set_in_session(sql.JOBID, job.id, session)
        assert db.get("1")["lr"] == 0.1
        session.commit()
        assert (db.get(1)["lr"], db.get(1).id) == (1, 1)

    def test_a_value_that_cannot_be_stored_is_refused_when_it_is_set(self, db: DbHandle) -> None:
        insert(db, {"lr": 0.1})
        session = db.session()
        with pytest.raises(TypeError, match="'model'"):
            db.get(1).update_simple({"model": object()}, session)
        session.commit()


class TestQueries:
    def test_values_have_to_be_equal_in_type_too(self, db: DbHandle) -> None:
        values = [1, 1.0, True, "1", "it's", None, [1], [1.0], {"a b": "ü"}, {1: 2}, float("inf")]
        insert(db, *({"v": value} for value in values))
        query = db.query(db.session())
        assert ids(query.filter_eq("v", 1)) == [1, 3]  # True was stored as 1
        assert ids(query.filter_eq("v", 1.0)) == [2]
        assert ids(query.filter_eq("v", "1")) == [4]
        assert ids(query.filter_eq("v", "it's")) == [5]
        assert ids(query.filter_eq("v", None)) == [6]
        assert ids(query.filter_eq("v", [1])) == [7]
        assert ids(query.filter_eq("v", {1: 2})) == [10]
        assert ids(query.filter_eq("v", float("inf"))) == [11]
        assert ids(query.filter_missing("v")) == [9]
        assert query.filter_eq("v", "no such").first() is None

    def test_columns_of_the_table_are_keys(self, db: DbHandle) -> None:
        first, second = insert(db, {"n": 1}, {"n": 2, "jobman.status": sql.DONE})
        db.get(first)["jobman.hash"] = 77
        query = db.query(db.session())
        assert ids(query.filter_eq("jobman.status", sql.DONE)) == [second]
        assert ids(query.filter_eq("jobman.status", sql.FUCKED_UP)) == []
        assert ids(query.filter_eq("jobman.hash", 77)) == [first]
        assert ids(query.filter_eq("jobman.sql.priority", 1.0)) == [first, second]
        assert ids(query.filter_eq("jobman.id", 1)) == [first]
        for key in ("id", "status", "sql.priority", "hash"):
            for value in (0.5, 10**30, float("nan"), "1", None, [1]):
                assert ids(query.filter_eq(f"jobman.{key}", value)) == []
        assert query.get(first)["n"] == 1
        assert (query.count(), query.filter_eq("n", 1).count()) == (2, 1)
        assert ids(query[1:]) == [second]

    def test_jobs_are_ordered_by_several_keys_and_values_of_any_types(self, db: DbHandle) -> None:
        insert(db, *({"a": a, "b": b} for a, b in ((2, "x"), ("s", "y"), (None, "z"), (2, "w"))))
        query = db.query(db.session())
        assert ids(query.all_ordered_by(["a", "b"])) == [3, 4, 1, 2]
        assert ids(query.all_ordered_by("a", desc=True)) == [2, 1, 4, 3]
        with pytest.raises(KeyError):
            query.all_ordered_by("nosuch")


class TestScheduling:
    def test_the_state_may_name_its_experiment_but_no_other(self, db: DbHandle) -> None:
        named = {"a": 1, "jobman.experiment": "jobman.examples.def_addition.addition_example"}
        assert sql.insert_job(addition_example, named, db) is not None
        with pytest.raises(UsageError, match=r"'lab\.other', and the experiment is"):
            sql.insert_job(addition_example, {"jobman.experiment": "lab.other"}, db)

    def test_a_dictionary_keeps_its_status_and_priority(self, db: DbHandle) -> None:
        state = {"a": 1, "jobman.status": sql.CANCELED, "jobman.sql.priority": 4}
        job = sql.insert_dict(state, db)
        assert job is not None
        assert (job.status, job.priority) == (sql.CANCELED, 4.0)

    def test_a_hash_of_ones_own_tells_jobs_apart(self, db: DbHandle) -> None:
        def by_a(state: Any) -> int:
            return int(state["a"])

        assert sql.insert_dict({"a": 5, "b": 1}, db, hashalgo=by_a)["jobman.hash"] == 5
        assert sql.insert_dict({"a": 5, "b": 2}, db, hashalgo=by_a) is None
        assert sql.insert_dict({"a": 6, "b": 2}, db, hashalgo=sql.hash_state_old) is not None

    def test_experiments_are_added_once_and_their_types_checked(
        self, db: DbHandle, capsys: pytest.CaptureFixture[str]
    ) -> None:
        class Types:
            a = int

        states = [{"a": 1}, {"a": 2}, {"a": 1}]
        added = sql.add_experiments_to_db(states, db, verbose=1, type_check=Types)
        assert [new for new, _ in added] == [True, True, False]
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
            "ADDING", "ADDING", "SKIPPING",
        ]  # fmt: skip
        assert sql.add_experiments_to_db(states, db, force_dup=True)[2][0]
        with pytest.raises(TypeError, match=r"'a' is 1\.5, which is no int"):
            sql.add_experiments_to_db([{"a": 1.5}], db, type_check=Types)

    def test_a_duplicate_is_to_be_run_with_what_was_changed(self, db: DbHandle) -> None:
        insert(db, {"a": 1, "b": {"c": 2}, "note": "x", "jobman.status": sql.DONE})
        job = sql.duplicate_job(db, 1, 2.0, ["note", "nosuch"], ("b", {"d": 3}), a=5)
        assert (job.status, job.priority) == (sql.START, 2.0)
        assert {key: job[key] for key in job if not key.startswith("jobman.")} == {
            **{"a": 5, "b.c": 2, "b.d": 3},
        }
        with pytest.raises(ValueError, match="no job 99"):
            sql.duplicate_job(db, 99)

    def test_a_program_books_jobs_and_ends_them_itself(
        self, db: DbHandle, capsys: pytest.CaptureFixture[str]
    ) -> None:
        insert(db, {"n": 1}, {"n": 2, "jobman.sql.priority": 2.0})
        job = sql.book_dct_postgres_serial(db)
        assert job is not None
        assert (job["n"], job.status) == (2, sql.RUNNING)
        assert "retrieved" in capsys.readouterr().out
        job.update({"results.nll": 0.5, "jobman.status": sql.DONE})
        assert db.get(job.id)["results.nll"] == 0.5
        assert sql.book_dct_postgres_serial(db, verbose=0)["n"] == 1
        assert sql.book_dct_postgres_serial(db, verbose=0) is None
        assert db.table.take_back(0.0, 3) == []

    def test_jobs_are_put_back_from_their_directories(
        self, db: DbHandle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for number, status in ((7, sql.DONE), (9, sql.START)):
            (tmp_path / str(number)).mkdir()
            flat = {"n": number, "jobman.experiment": "lab.train", "jobman.status": int(status)}
            write_conf(tmp_path / str(number) / "current.conf", flat)
        tools.rebuild_DB_from_FS(db, tmp_path, verbose=True)
        assert [(job.id, job["n"], job.status) for job in db] == [(7, 7, 2), (9, 9, 0)]
        assert capsys.readouterr().out.endswith("==== Inserted 2 jobs ====\n")
        with pytest.raises(UsageError, match="there is a job 7"):
            tools.rebuild_DB_from_FS(db, tmp_path)
        tools.rebuild_DB_from_FS(db, tmp_path, keep_id=False, verbose=True)
        assert capsys.readouterr().out.endswith("==== Inserted 0 jobs ====\n")


def test_a_script_is_a_command(
    sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*words: str) -> str:
        states = ({"lr": lr} for lr in (0.1, 0.2))
        main(["jobs.py", *words], sqlite_url, "experiments", addition_example, states)
        return capsys.readouterr().out

    @mydriver_cmd
    def roots(db: DbHandle, exp_root: str, **_: Any) -> None:
        """Print where the files are."""
        print(exp_root, db.tablename)

    assert "roots - Print where the files are.\n" in said()
    assert said("roots") == "experiments t_\n"
    assert said("insert", "--dry") == "..\nWould insert 2/2 jobs in database\n"
    assert said("insert") == "..\nInserted 2/2 jobs in database\n"
    assert said("insert", "--dry") == "--\nWould insert 0/2 jobs in database\n"
    assert said("insert") == "--\nInserted 0/2 jobs in database\n"
    assert "START    : 2\n" in said("status")
    assert said("dbstring") == f"{sqlite_url}\n"
    assert said("create_view").startswith("Creating sql view")
    for answer, outcome in (("", "not deleting anything"), ("y", "deleted 2 jobs")):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert said("clear_db") == f"{outcome}\n"


def test_a_handle_is_opened_by_an_engine_too(db: DbHandle, table_url: str) -> None:
    url, _, _ = table_url.partition("?")
    url = url.replace("postgres:", "postgresql+psycopg:")
    handle = api0.db_from_engine(sa.create_engine(url), "ignored", table_prefix="t_")
    insert(db, {"a": 1})
    assert ids(handle) == [1]
    with pytest.raises(UsageError, match="end in 'trial' and 'keyval'"):
        api0.open_db(table_url, trial_suffix="jobs")


def test_views_are_made_dropped_and_read_by_the_old_names(
    db: DbHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(db, {"a": {"b_c": 1}}, {"a": {"b_c": 2}})
    view = db.createView("MyView")
    assert capsys.readouterr().out.startswith("Creating sql view with command:\nCREATE VIEW")
    rows = db.session().query(view)
    assert [row.a_bc for row in rows.all()] == [1, 2]
    assert (rows.first().id, rows.count()) == (1, 2)
    db.dropView("MyView")
    assert capsys.readouterr().out.startswith("Deleting sql view with command:\nDROP VIEW")
    with pytest.raises(UsageError, match="no view 'MyView'"):
        db.dropView("MyView", False)


def test_what_is_inserted_into_a_table_is_known_to_its_handle(table_url: str) -> None:
    with open_table(table_url) as table:
        assert sql.insert_job(addition_example, {"a": 1}, table) is not None
        assert sql.insert_job(addition_example, {"a": 1}, DbHandle(table)) is None


def test_the_password_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert api0.get_password("host", "lab") == ""
    (tmp_path / ".jobman_lab").write_text("hush\r\nmore\n")
    assert api0.get_password("host", "lab") == "hush"


def test_states_and_help_are_formatted() -> None:
    assert tools.format_d({"a": {"b": 1}, "c": "x"}) == "a.b = 1\nc = 'x'"
    assert tools.format_d({"a": 1, "b": 2}, sep=" ", space=False) == "a=1 b=2"
    assert tools.format_help(tools.format_d) == tools.format_d.__doc__
    assert tools.format_help("\n    One.\n\n        Two.\n") == "One.\n\n    Two."
    assert tools.format_help(None) == tools.format_help("") == "No help."


@pytest.mark.parametrize("error", [KeyError, AttributeError])
def test_a_missing_key_of_a_state_is_caught_either_way(error: type[Exception]) -> None:
    state = tools.DD(a=1)
    for ask in (
        lambda: state.missing,
        lambda: state["missing"],
        lambda: delattr(state, "missing"),
        lambda: state.__delitem__("missing"),
    ):
        with pytest.raises(error, match="no key 'missing'"):
            ask()
    assert getattr(state, "missing", 3) == state.get("missing", 3) == 3
    assert not hasattr(state, "missing")
    for again in (copy.copy(state), copy.deepcopy(state), pickle.loads(pickle.dumps(state))):
        assert again == state
        assert type(again) is tools.DD


def test_import_jobman_alone_gives_its_modules() -> None:
    import jobman

    assert jobman.api0 is api0
    assert (jobman.sql, jobman.tools) == (sql, tools)
    assert jobman.parse.standard("a=1") == {"a": 1}
    assert jobman.channel is channel
    assert (jobman.DD, jobman.flatten) == (tools.DD, tools.flatten)
    assert resolve("jobman.sql.insert_job") is sql.insert_job
    assert callable(jobman.run_cmdline)
    assert not hasattr(jobman, "nosuch")
