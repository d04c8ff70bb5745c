"""What PostgreSQL knows of a job table, and what it plans without knowing."""

import pytest

from pylearn2_jobman.jobman.database.rows import Rows
from pylearn2_jobman.jobman.table import open_table

pytestmark = pytest.mark.postgresql


@pytest.fixture
def table(postgres_url):
    with open_table(postgres_url) as table:
        yield table


def known_rows(table, name):
    query = "SELECT reltuples FROM pg_class WHERE oid = CAST(%(name)s AS regclass)"
    return table._database.read(lambda cursor: cursor.execute(query, {"name": name}).fetchone()[0])


def test_the_server_knows_how_large_a_table_is_after_many_jobs_came_in(table):
    table.insert_many({"n": n, "kind": "x"} for n in range(120))
    assert known_rows(table, "t_trial") == 120
    assert known_rows(table, "t_keyval") == 480


def test_a_few_jobs_are_not_worth_a_look(table):
    table.insert_many({"n": n} for n in range(10))
    assert known_rows(table, "t_trial") <= 0


@pytest.mark.parametrize("name", ["_update", "_delete", "_replace", "_of_job_replacing"])
def test_a_jobs_keys_are_not_looked_for_among_those_of_all_jobs(table, name):
    statement = getattr(Rows(table._database, table._schema), name)
    values = {"job_id": 1, "key": "jobman.status"}
    for column in ("type", "ival", "fval", "sval", "bval"):
        values[f"new_{column}"] = [None] if "replac" in name else None
    values["new_name"] = ["jobman.status"]
    explained = table._database.read(
        lambda cursor: cursor.execute(
            f"EXPLAIN {statement.sql}", {**statement.constants, **values}
        ).fetchall()
    )
    plan = "\n".join(line for (line,) in explained)
    assert "ix_t_keyval_dict_id" in plan
    assert "ix_t_keyval_name" not in plan
