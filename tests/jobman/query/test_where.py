"""Selecting jobs by their keys, in SQL, on both databases."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.status import Status
from pylearn2_jobman.jobman.table import JobTable, open_table

JOBS: dict[str, dict[str, Any]] = {
    "int": {"x": 1},
    "float": {"x": 1.0},
    "half": {"x": 0.5},
    "big": {"x": 2**70},
    "text": {"x": "1"},
    "word": {"x": "tanh"},
    "spaces": {"x": "two words and more, it's (so)"},
    "true": {"x": True},
    "none": {"x": None},
    "list": {"x": [1, 2]},
    "nan": {"x": math.nan},
    "inf": {"x": math.inf},
    "other": {"y.z": 3, "it's a key": "50%"},
}

CASES = [
    ("x = 1", "int float true"),
    ("x == 1.0", "int float true"),
    ("x=1", "int float true"),
    ("x = '1'", "text"),
    ("x = tanh", "word"),
    ('x = "tanh"', "word"),
    ('x = "two words and more, it\'s (so)"', "spaces"),
    ("x = True", "int float true"),
    ("x = None", "none"),
    ("x = [1, 2]", "list"),
    ("x = (1, 2)", ""),
    (f"x = {2**70}", "big"),
    ("x = inf", "inf"),
    ("x = nan", ""),
    ("x < 1", "half"),
    ("x <= 1", "int float true half"),
    ("x > 0.75", "int float true inf"),
    ("x >= 1", "int float true inf"),
    ("x < -0.5", ""),
    (f"x < {2**80}", "int float true half"),
    (f"x < {10**400}", "int float true half"),
    (f"x > -{10**400}", "int float true half inf"),
    ("x > s", "word spaces"),
    ("x != 1", "half big text word spaces none list nan inf"),
    ("x <> tanh", "int float half big text spaces true none list nan inf"),
    ("x in (1, tanh)", "int float true word"),
    ("x in ['1', None, 0.5,]", "half text none"),
    ("x in ()", ""),
    ("x not in (1, tanh, 0.5, '1')", "big spaces none list nan inf"),
    ("x > 0 and x < 1", "half"),
    ("x > 0 AND x < 2 and x != 0.5", "int float true"),
    ("x = 1 or x = tanh and x != tanh", "int float true"),
    ("(x = 1 or x = tanh) and not x = tanh", "int float true"),
    ("not x != 1", "int float true"),
    ("not (x < 1 or x = tanh)", "int float big text spaces true none list nan inf"),
    ("NOT (x > 0 AND x < 2)", "big text word spaces none list nan inf"),
    ("not y.z = 3", ""),
    ("x is null", "other"),
    ("x is not null and not x >= -inf", "big text word spaces none list nan"),
    ("not x is not null", "other"),
    ("jobman.heartbeat is null and x = tanh", "word"),
    ("x like '%WORDS_and%'", "spaces"),
    ("x not like 't%'", "int float half big text true none list nan inf"),
    ("jobman.created > '2026-01-01' and x = tanh", "word"),
    ("jobman.created < '2026-01-01 00:00+01:00'", ""),
    ("y.z = 3", "other"),
    ("\"it's a key\" = '50%'", "other"),
    ("y.z = 1", ""),
    ("y.z != 3", ""),
    ("jobman.status = START and x = tanh", "word"),
    ("jobman.status in (DONE, 5)", ""),
    ("jobman.sql.priority >= 2", "inf"),
]


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def table(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JobTable]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('where')}/jobs.db?table=t_"
    else:
        server = request.getfixturevalue("postgres_server")
        server.create_database("where")
        url = f"{server.url('where')}?table=t_"
    with open_table(url) as table:
        for name, state in JOBS.items():
            table.insert({**state, "name": name}, priority=2.0 if name == "inf" else 1.0)
        yield table


@pytest.mark.parametrize(("where", "names"), CASES, ids=[where for where, _ in CASES])
def test_a_selection_finds_what_python_would(table: JobTable, where: str, names: str) -> None:
    assert {job.state.name for job in table.jobs(where=where)} == set(names.split())


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "column 1: expected a key"),
        ("x", "column 2: expected a comparison"),
        ("x ~ 1", "column 3: expected a comparison .*found '~'"),
        ("x =", "column 4: expected a value"),
        ("x = <", "column 5: expected a value, found '<'"),
        ("x = 1 xor y = 2", "column 7: expected 'and' or 'or', found 'xor'"),
        ("x = two words", "column 9: expected 'and' or 'or', found 'words'"),
        ("(x = 1", r"column 7: expected '\)'"),
        ("x is 3", "column 6: expected 'null', found '3'"),
        ("x not < 3", "column 7: expected a comparison .*found '<'"),
        ("x like 3", "column 3: 'like' compares text with text"),
        ("not " * 60 + "x = 1", "nested more than 50 deep"),
        ("jobman.created > yesterday", "is a time, and 'yesterday' is not"),
        ("x in 1", r"column 6: expected '\('"),
        ("x in (1, 2", r"column 11: expected"),
        ("x = 'open", "column 5: a quote that is not closed"),
        ("x < [1]", r"column 3: \[1\] has no order"),
        ("x < None", "column 3: None has no order"),
        ("x = [a]", r"column 5: \[a\] is not a Python literal"),
        ("jobman.status = DOEN", "no status 'DOEN'; did you mean 'DONE'"),
        ("jobman.sql.priority > high", "is a number, and 'high' is not"),
    ],
)
def test_a_selection_that_is_not_understood_says_where(
    table: JobTable, where: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        list(table.jobs(where=where))


def test_text_cannot_become_sql(table: JobTable) -> None:
    injection = "x'); DROP TABLE t_trial; --"
    assert list(table.jobs(where=f'x = "{injection}"')) == []
    table.insert({injection: 2})
    assert list(table.jobs(where=f'"{injection}" = 1')) == []
    assert table.counts()[Status.START] == len(JOBS) + 1
