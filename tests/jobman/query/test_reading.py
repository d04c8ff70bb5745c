"""Reading jobs: selected, counted, ranked, as rows of a query and as a DataFrame."""

import inspect
import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas
import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.selection import Selection
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

STATES: list[dict[str, Any]] = [
    {"hyper": {"lr": 0.1, "nhid": 50, "act": "tanh"}, "results": {"nll": 0.3, "epoch": 7}},
    {"hyper": {"lr": 1, "nhid": 100, "act": None}, "results": {"nll": 0.1, "epoch": 2**60 + 1}},
    {"hyper": {"lr": 0.5, "nhid": None, "act": "relu"}, "results": {"nll": math.nan, "ok": True}},
    {"hyper": {"lr": 0.2, "nhid": 10, "act": "50%"}, "results": {"nll": math.inf, "ok": False}},
    {"hyper": {"lr": 0.3, "nhid": 20, "layers": [1, 2]}},
]


@pytest.fixture
def table(table_url: str) -> Iterator[JobTable]:
    with open_table(table_url) as table:
        ids = table.insert_many(STATES).ids
        assert ids == [1, 2, 3, 4, 5]
        table.set_status(ids[:4], "DONE")
        yield table


def test_jobs_are_selected_by_the_name_of_their_status(table: JobTable) -> None:
    assert [job.id for job in table.jobs(status="done")] == [1, 2, 3, 4]
    assert [job.id for job in table.jobs(status=["START", 5])] == [5]
    with pytest.raises(UsageError, match="no status 'DOEN'; did you mean 'DONE'"):
        table.jobs(status="DOEN")


def test_an_unknown_keyword_of_a_selection_is_refused(table: JobTable) -> None:
    for read in (table.jobs, table.columns, table.dataframe):
        with pytest.raises(TypeError, match="unexpected keyword argument 'stauts'"):
            read(stauts="DONE")  # type: ignore[call-arg]


def test_the_keywords_of_a_selection_are_shown() -> None:
    keywords = ["ids", "status", "where", "order_by", "descending", "limit", "offset"]
    assert list(Selection.__annotations__) == keywords
    assert list(inspect.signature(JobTable.jobs).parameters) == ["self", *keywords]
    for read in (JobTable.columns, JobTable.dataframe):
        assert list(inspect.signature(read).parameters) == ["self", "keys", "over", *keywords]


def test_an_offset_leaves_out_the_first_jobs(table: JobTable) -> None:
    assert [job.id for job in table.jobs(offset=3)] == [4, 5]
    assert [job.id for job in table.jobs(offset=1, limit=2, descending=True)] == [4, 3]
    assert [job.id for job in table.jobs(order_by="hyper.lr", offset=1, limit=3)] == [4, 5, 3]
    assert list(table.jobs(offset=5)) == []


def test_pages_of_many_jobs_fit_together(table: JobTable) -> None:
    table.insert_many({"number": number} for number in range(1200))
    assert [job.id for job in table.jobs(offset=499, limit=502)] == list(range(500, 1002))
    assert len(table.dataframe(where="number >= 0")) == 1200


def test_jobs_are_counted_by_status_and_condition(table: JobTable) -> None:
    assert table.count() == 5
    assert table.count(status="DONE", where="hyper.nhid is not null") == 4
    assert table.count(where="results.ok is null") == 3


def test_the_best_jobs_are_the_finished_ones_with_the_lowest_number(table: JobTable) -> None:
    assert [job.id for job in table.best("results.nll")] == [2, 1, 4]
    assert [job.id for job in table.best("results.nll", n=1, highest=True)] == [4]
    assert [
        job.id for job in table.best("results.nll", where="hyper.act = tanh or hyper.lr = 7")
    ] == [1]
    assert [job.id for job in table.best("hyper.lr", status="START")] == [5]


def test_the_best_by_a_misspelt_key_suggests_the_right_one(table: JobTable) -> None:
    message = r"no job has the key 'results.nl'; did you mean 'results.nll'\? \(results: results"
    with pytest.raises(UsageError, match=message):
        table.best("results.nl")


class TestDataFrame:
    def test_a_row_a_job_and_a_column_a_key(self, table: JobTable) -> None:
        frame = table.dataframe()
        assert frame.index.name == "jobman.id"
        assert list(frame.index) == [1, 2, 3, 4, 5]
        assert list(frame.columns) == [
            "jobman.status", "hyper.act", "hyper.layers", "hyper.lr", "hyper.nhid",
            "results.epoch", "results.nll", "results.ok", "jobman.claimed", "jobman.created",
            "jobman.heartbeat", "jobman.sql.priority",
        ]  # fmt: skip

    def test_integers_stay_integers_where_some_are_missing(self, table: JobTable) -> None:
        frame = table.dataframe()
        assert frame["results.epoch"].dtype == "Int64"
        assert frame["results.epoch"][2] == 2**60 + 1
        assert frame["results.epoch"].isna().tolist() == [False, False, True, True, True]
        assert frame["hyper.nhid"].dtype == "Int64"
        assert table.dataframe(where="hyper.nhid > 0")["hyper.nhid"].dtype == "int64"

    def test_every_other_column_has_the_type_of_its_values(self, table: JobTable) -> None:
        frame = table.dataframe()
        assert frame["hyper.lr"].dtype == "float64"  # an integer among floats is one
        assert frame["results.nll"].tolist()[:2] == [0.3, 0.1]
        assert frame["results.nll"][4] == math.inf
        assert frame["results.ok"].dtype == "boolean"
        assert frame["hyper.act"].dtype == "str"
        assert frame["hyper.act"].isna().tolist() == [False, True, False, False, True]
        assert frame["hyper.layers"][5] == [1, 2]

    def test_the_status_is_a_category_and_times_are_timestamps(self, table: JobTable) -> None:
        frame = table.dataframe()
        assert frame["jobman.status"].tolist() == ["DONE"] * 4 + ["START"]
        assert "ERR_RUN" in frame["jobman.status"].cat.categories
        assert frame["jobman.created"].dtype == "datetime64[us, UTC]"
        age = pandas.Timestamp(datetime.now(UTC)) - frame["jobman.created"]
        assert (abs(age) < pandas.Timedelta(hours=1)).all()
        assert frame["jobman.heartbeat"].isna().all()

    def test_of_chosen_keys_in_the_order_asked_for(self, table: JobTable) -> None:
        frame = table.dataframe(
            keys=["results.*", "hyper.lr"], order_by="hyper.lr", descending=True, limit=2
        )
        assert list(frame.columns) == ["results.epoch", "results.nll", "results.ok", "hyper.lr"]
        assert list(frame.index) == [2, 3]

    def test_of_a_key_that_no_job_has(self, table: JobTable) -> None:
        with pytest.raises(UsageError, match=r"'hyper\.rl'; did you mean 'hyper.lr'"):
            table.dataframe(keys=["hyper.rl"])

    def test_of_no_job_has_the_chosen_columns(self, table: JobTable) -> None:
        frame = table.dataframe(keys=["results.nll", "jobman.status"], where="hyper.lr > 5")
        assert frame.empty
        assert list(frame.columns) == ["results.nll", "jobman.status"]

    def test_numbers_too_large_for_a_column_stay_exact(self, table: JobTable) -> None:
        table.insert({"big": 2**70})
        table.insert({"big": 0.5})
        assert table.dataframe(where="big is not null")["big"].tolist() == [2**70, 0.5]


def test_a_value_that_cannot_be_read_is_logged_and_missing(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with open_table(f"sqlite:///{tmp_path}/jobs.db?table=t_") as table:
        table.insert({"x": 1, "y": [2]})
        connection = sqlite3.connect(tmp_path / "jobs.db")
        connection.execute("UPDATE t_keyval SET bval = 'open(' WHERE name = 'y'")
        connection.commit()
        connection.close()
        frame = table.dataframe()
    assert frame["x"][1] == 1
    assert frame["y"].isna()[1]
    assert "job 1 of table 't_': the key 'y' cannot be read" in caplog.text


class TestQuery:
    @pytest.mark.parametrize(
        ("text", "ids", "keys"),
        [
            ("select hyper.lr where results.nll < 1 order by hyper.lr", [1, 2], ["hyper.lr"]),
            ("SELECT hyper.lr WHERE hyper.lr > 0.2 ORDER BY hyper.lr DESC LIMIT 2", [2, 3], None),
            ("select results.nll, results.ok limit 2 offset 3", [4, 5], None),
            ("order by jobman.status desc, hyper.lr", [1, 4, 3, 2, 5], None),
            ("order by results.epoch asc, jobman.id desc", [1, 2, 5, 4, 3], None),
            ("select jobman.id where hyper.act like '50%' and hyper.act = '50%'", [4], []),
            ("select 'hyper.lr', r*.nll limit 1", [1], ["hyper.lr", "results.nll"]),
            (f"where jobman.id < {10**30} and jobman.id != {10**30} limit 1", [1], None),
        ],
    )
    def test_chooses_jobs_and_keys(
        self, table: JobTable, text: str, ids: list[int], keys: list[str] | None
    ) -> None:
        answer = table.query(text)
        assert answer.ids == ids
        assert keys is None or answer.keys == keys

    def test_gives_rows_with_none_for_what_is_missing(self, table: JobTable) -> None:
        answer = table.query("select jobman.status, results.epoch, hyper.act where hyper.lr >= 0.3")
        assert list(answer) == [
            (Status.DONE, 2**60 + 1, None),
            (Status.DONE, None, "relu"),
            (Status.START, None, None),
        ]
        assert len(answer) == 3
        assert answer.dataframe()["results.epoch"].dtype == "Int64"

    def test_of_everything_is_what_the_dataframe_is(self, table: JobTable) -> None:
        pandas.testing.assert_frame_equal(table.query("select *").dataframe(), table.dataframe())
        pandas.testing.assert_frame_equal(table.query("").dataframe(), table.dataframe())

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("select", "the query is not understood at column 7: expected a key"),
            ("select hyper.lr,", "column 17: expected a key"),
            ("select hyper.lr whre x = 1", "column 17: expected 'where', .* found 'whre'"),
            ("order hyper.lr", "column 7: expected 'by', found 'hyper.lr'"),
            ("limit ten", "column 7: expected a number, found 'ten'"),
            ("limit -1", "column 7: expected a number, found '-1'"),
            (f"limit {10**20}", "column 7: expected a number"),
            ("where jobman.created < '0001-01-01 00:00+12:00'", "is a time, and '0001.* is not"),
            ("where hyper.lr <", "column 17: expected a value"),
            ("limit 3 where hyper.lr = 1", "column 9: expected .* found 'where'"),
            ("select hyper.lrr", "no job has the key 'hyper.lrr'; did you mean 'hyper.lr'"),
        ],
    )
    def test_that_is_not_understood_says_where(
        self, table: JobTable, text: str, message: str
    ) -> None:
        with pytest.raises(UsageError, match=message):
            table.query(text)

    def test_cannot_become_sql(self, table: JobTable) -> None:
        injection = "x'); DROP TABLE t_trial; --"
        table.insert({injection: 2})
        assert table.query(f'where "{injection}" = 1 order by "{injection}"').ids == []
        table.delete([6])
        with pytest.raises(UsageError, match="no job has the key"):
            table.query(f'select "{injection}"')
        assert table.count() == 5
