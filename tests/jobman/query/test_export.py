"""Results written as CSV, JSON and Parquet."""

import csv
import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pandas
import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.query.export import export
from pylearn2_jobman.jobman.query.result import QueryResult
from pylearn2_jobman.jobman.status import Status

RESULT = QueryResult(
    [3, 7],
    {
        "jobman.status": [Status.DONE, Status.ERR_RUN],
        "jobman.created": [datetime(2026, 5, 1, 12, 30, tzinfo=UTC), None],
        "lr": [0.1 + 0.2, math.inf],
        "nhid": [50, None],
        "name": ['a "b", c\nd', "naïve"],
        "layers": [[1, (2.5, None)], {"k": math.nan}],
    },
)


def test_csv_has_all_digits_and_empty_cells(tmp_path: Path) -> None:
    export(RESULT, tmp_path / "jobs.csv")
    with (tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["jobman.id", "jobman.status", "jobman.created", "lr", "nhid", "name", "layers"],
        ["3", "DONE", "2026-05-01T12:30:00+00:00", "0.30000000000000004", "50", 'a "b", c\nd',
         "[1, (2.5, None)]"],
        ["7", "ERR_RUN", "", "inf", "", "naïve", "{'k': nan}"],
    ]  # fmt: skip


def test_json_is_standard_and_leaves_missing_keys_out(tmp_path: Path) -> None:
    export(RESULT, tmp_path / "jobs.json")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = (tmp_path / "jobs.json").read_text(encoding="utf-8")
    first, second = json.loads(text, parse_constant=refuse)
    assert first == {
        "jobman.id": 3, "jobman.status": "DONE", "jobman.created": "2026-05-01T12:30:00+00:00",
        "lr": 0.1 + 0.2, "nhid": 50, "name": 'a "b", c\nd', "layers": [1, [2.5, None]],
    }  # fmt: skip
    assert second == {
        "jobman.id": 7, "jobman.status": "ERR_RUN", "lr": "inf", "name": "naïve",
        "layers": {"k": "nan"},
    }  # fmt: skip


def test_parquet_keeps_the_types(tmp_path: Path) -> None:
    export(RESULT, tmp_path / "jobs.parquet")
    frame = pandas.read_parquet(tmp_path / "jobs.parquet")
    assert frame.index.tolist() == [3, 7]
    assert frame["nhid"].dtype == "Int64"
    assert frame["lr"].tolist() == [0.1 + 0.2, math.inf]
    assert frame["jobman.status"].tolist() == ["DONE", "ERR_RUN"]
    assert frame["layers"].tolist() == ["[1, (2.5, None)]", "{'k': nan}"]


def test_a_result_of_no_jobs_is_written_too(tmp_path: Path) -> None:
    nothing = QueryResult([], {"x": []})
    for ending in ("csv", "json", "parquet"):
        export(nothing, tmp_path / f"jobs.{ending}")
    assert (tmp_path / "jobs.csv").read_text() == "jobman.id,x\n"
    assert json.loads((tmp_path / "jobs.json").read_text()) == []


def test_another_ending_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.csv, \.json or \.parquet"):
        export(RESULT, tmp_path / "jobs.xlsx")
    with pytest.raises(UsageError, match=r"cannot write .*No such file or directory"):
        export(RESULT, tmp_path / "nowhere" / "jobs.csv")
    assert list(tmp_path.iterdir()) == []
