"""Views: one row a job, one column a key."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tables import query

from pylearn2_jobman.errors import TableError, UsageError
from pylearn2_jobman.jobman import sql
from pylearn2_jobman.jobman.cli import jobman
from pylearn2_jobman.jobman.examples.def_addition import addition_example
from pylearn2_jobman.jobman.parameters.parsers import filemerge
from pylearn2_jobman.jobman.query.view import columns
from pylearn2_jobman.jobman.state import DD
from pylearn2_jobman.jobman.table import open_table
from pylearn2_jobman.values import parse_literal

DATA = Path(__file__).parents[2] / "data" / "lisa"
RECORDED = json.loads((DATA / "view_keys.json").read_text())["cases"]


def select(url: str, view: str) -> list[dict[str, Any]]:
    return query(url, f'SELECT * FROM "{view}" ORDER BY id')


def names(keys: list[str], **options: Any) -> list[str]:
    pairs = [(key, "f") for key in keys]
    options = {"readable": False, "longest_name": 63, **options}
    return [column.name for column in columns(pairs, **options)]


def test_names_are_the_originals_unless_asked_otherwise() -> None:
    key = "hyper_parameters.learning_rate"
    assert names([key]) == ["hyperparameters_learningrate"]
    assert names([key], readable=True) == [key]


def test_no_two_columns_have_one_name() -> None:
    keys = ["ab.c", "a_b.c", "a_b_.c", "AB.c", "id"]
    assert names(keys) == ["ab_c", "ab_c_f", "ab_c_f2", "AB_c", "id_f"]
    assert names(keys, same=str.casefold) == ["ab_c", "ab_c_f", "ab_c_f2", "AB_c_f3", "id_f"]
    long = ["x" * 70 + "1", "x" * 70 + "2"]
    assert names(long) == ["x" * 63, "x" * 61 + "_f"]
    assert names(["é" * 40], longest_name=63) == ["é" * 31]


def test_a_flag_is_one_column_of_ones_and_zeros_wherever_it_comes_from(table_url: str) -> None:
    with open_table(table_url) as table:
        sql.insert_job(addition_example, DD(flag=True, n=1), table)
        sql.insert_job(addition_example, filemerge("flag=True", "n=2"), table)
        sql.insert_job(addition_example, {"flag": False, "n": 3}, table)
        table.create_view("jobs")
        assert [job.state.flag for job in table.jobs()] == [True, True, False]
        assert all(type(job.state.flag) is bool for job in table.jobs())
        assert [job.id for job in table.jobs(where="flag = True")] == [1, 2]
    rows = sorted(select(table_url, "jobs"), key=lambda row: row["id"])
    assert [row["flag"] for row in rows] == [1, 1, 0]
    assert not any(key.startswith("flag_") for key in rows[0])


def test_a_view_shows_every_value(table_url: str) -> None:
    state = {"i": 1, "f": 0.5, "s": "x", "b": [1], "t": True, "n": None, "e.f_g": 2}
    with open_table(table_url) as table:
        table.insert(state)
        table.insert({"i": "text"})
        sql = table.create_view("jobs")
        first, second = select(table_url, "jobs")
    assert sql.startswith('CREATE VIEW "jobs" AS SELECT')
    assert first == {
        **{"id": 1, "i": 1, "i_s": None, "f": 0.5, "s": "x", "b": "[1]", "t": 1},
        **{"n": "None", "e_fg": 2, "jobman_status": 0, "jobman_sql_priority": 1.0},
    }
    assert second["i_s"] == "text"


def test_a_view_follows_the_table(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({"a": 1})
        table.create_view("jobs")
        table.insert({"a": 2})
        assert [row["a"] for row in select(table_url, "jobs")] == [1, 2]


def test_a_readable_view_names_columns_as_the_keys(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({"hyper_parameters": {"n_hid": 10}})
        table.create_view("jobs", readable=True, keys=["hyper_parameters.n_hid"])
        assert select(table_url, "jobs") == [{"id": 1, "hyper_parameters.n_hid": 10}]


def test_a_view_of_an_empty_table_is_empty(table_url: str) -> None:
    with open_table(table_url) as table:
        table.create_view("jobs")
        assert select(table_url, "jobs") == []


def test_a_view_is_replaced_and_dropped(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({"a": 1})
        table.create_view("jobs")
        table.create_view("jobs", keys=["a"])
        assert select(table_url, "jobs") == [{"id": 1, "a": 1}]
        assert table.drop_view("jobs") == 'DROP VIEW "jobs"'
        with pytest.raises(UsageError, match="there is no view 'jobs'"):
            table.drop_view("jobs")


def test_the_name_of_a_view_means_what_it_means_in_sql(table_url: str) -> None:
    postgresql = table_url.startswith("postgres")
    with open_table(table_url) as table:
        table.insert({"a": 1})
        for name in ("MyView", "MYVIEW", '"MyView"'):
            table.create_view(name)
            assert query(table_url, f"SELECT a FROM {name}") == [{"a": 1}]
        schema = "public" if postgresql else "main"
        assert table.create_view(f"{schema}.of_schema").startswith(
            f'CREATE VIEW "{schema}"."of_schema"'
        )
        assert query(table_url, f"SELECT a FROM {schema}.of_schema") == [{"a": 1}]
        assert table.view_rows("of_schema")[0]["a"] == 1
        assert table.drop_view("mYvIEW") == f'DROP VIEW "{"myview" if postgresql else "mYvIEW"}"'
        assert table.drop_view(f"{schema}.OF_SCHEMA").startswith(f'DROP VIEW "{schema}".')
        with pytest.raises(UsageError, match=rf"there is no view '{schema}\.nosuch'"):
            table.drop_view(f"{schema}.nosuch")
        assert table.create_view("my view").startswith('CREATE VIEW "my view"')


def test_the_rows_of_a_view_come_by_id(table_url: str) -> None:
    with open_table(table_url) as table:
        ids = table.insert_many({"n": number} for number in range(40)).ids
        table.create_view("jobs")
        table.change(ids[3], {"n": 99})
        assert [row["id"] for row in query(table_url, "SELECT * FROM jobs")] == ids


@pytest.mark.postgresql
def test_keys_that_differ_in_case_have_the_originals_columns(postgres_url: str) -> None:
    with open_table(postgres_url) as table:
        table.insert({"L": 1, "l": 2, "l_": 3})
        table.create_view("jobs", keys=["L", "l", "l_"])
        assert table.view_rows("jobs") == [{"id": 1, "L": 1, "l": 2, "l_i": 3}]


def test_a_missing_view_suggests_the_nearest(table_url: str) -> None:
    with open_table(table_url) as table:
        table.create_view("results")
        with pytest.raises(UsageError, match="there is no view 'reslts'; did you mean 'results'"):
            table.drop_view("reslts")


def test_a_view_cannot_take_a_tables_name(table_url: str) -> None:
    with open_table(table_url) as table, pytest.raises(TableError, match="t_trial"):
        table.create_view("t_trial")


def test_an_unknown_key_suggests_the_nearest(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({"learning_rate": 1})
        with pytest.raises(UsageError, match="'leaning_rate'; did you mean 'learning_rate'"):
            table.create_view("jobs", keys=["leaning_rate"])


@pytest.mark.parametrize("readable", [False, True])
def test_strange_keys_break_nothing(table_url: str, readable: bool) -> None:
    keys = ["it's", 'quo"te', "100%", "%s", "ключ", "id", "L", "l", "a-b", "a b", ":x", "\\", "_"]
    with open_table(table_url) as table:
        table.insert({key: number for number, key in enumerate(keys)})
        table.create_view('my "view" 100%', readable=readable)
        (row,) = select(table_url, 'my ""view"" 100%')
    assert row.pop("id") == 1
    assert row.pop("jobman.status" if readable else "jobman_status") == 0
    numbers = [value for value in row.values() if isinstance(value, int)]
    assert sorted(numbers) == list(range(len(keys)))


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['backend']} {case['job_keys']}")
def test_keys_that_broke_the_originals_views(
    case: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    fixture = "sqlite_url" if case["backend"] == "sqlite" else "postgres_url"
    if case["job_keys"].startswith("two"):
        pairs = [("x" * 69 + "1", 1), ("x" * 69 + "2", 2)]
    else:
        pairs = parse_literal(case["job_keys"])
    url = request.getfixturevalue(fixture)
    with open_table(url) as table:
        table.insert(dict(pairs))
        table.create_view("vzz", keys=[key for key, _ in pairs])
    (row,) = select(url, "vzz")
    assert sorted(list(row.values())[1:]) == sorted(value for _, value in pairs)
    if case["create_view"] == "ok" and not case["job_keys"].startswith("two"):
        assert sorted(row) == sorted(parse_literal(case["select"]))


def test_hundreds_of_keys_fit(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({f"key{number}": number for number in range(1500)})
        table.create_view("jobs")
        (row,) = select(table_url, "jobs")
    assert row["key1499"] == 1499


def test_more_keys_than_columns_are_an_error_that_offers_a_choice(table_url: str) -> None:
    with open_table(table_url) as table:
        table.insert({f"key{number}": number for number in range(2100)})
        with pytest.raises(TableError, match="name the keys to show"):
            table.create_view("jobs")
        table.create_view("jobs", keys=["key7"])
        assert select(table_url, "jobs") == [{"id": 1, "key7": 7}]


def test_the_command_makes_and_drops_a_view_and_prints_its_sql(sqlite_url: str) -> None:
    def said(*arguments: str) -> str:
        command = ["sqlview", sqlite_url, "jobs", *arguments]
        return CliRunner().invoke(jobman, command, catch_exceptions=False).output

    with open_table(sqlite_url) as table:
        table.insert({"hyper": {"n_hid": 10, "lr": 0.1}})
        made = said("--readable", "--key", "hyper.n_hid", "--key", "hyper.lr")
        assert made.startswith('Creating sql view with command:\nCREATE VIEW "jobs" AS SELECT')
        assert select(sqlite_url, "jobs") == [{"id": 1, "hyper.n_hid": 10, "hyper.lr": 0.1}]
        assert said("--quiet") == ""
        assert select(sqlite_url, "jobs")[0]["hyper_nhid"] == 10
        assert said("--drop") == 'Deleting sql view with command:\nDROP VIEW "jobs"\n'
        with pytest.raises(UsageError, match="there is no view 'jobs'"):
            table.drop_view("jobs")
